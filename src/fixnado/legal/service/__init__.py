"""What can be done with documents."""

from fixnado.legal.service.acknowledging import (
    Duty,
    acknowledge,
    acknowledged,
    duties,
    import_acknowledgements,
)
from fixnado.legal.service.filing import (
    Draft,
    Filed,
    add_version,
    current,
    import_version,
    publish,
    version,
    versions,
    words,
)
from fixnado.legal.service.tables import (
    ACKNOWLEDGEMENT_COLUMNS,
    AUDIT_COLUMNS,
    acknowledgement_rows,
    audit_rows,
)

__all__ = [
    "ACKNOWLEDGEMENT_COLUMNS",
    "AUDIT_COLUMNS",
    "Draft",
    "Duty",
    "Filed",
    "acknowledge",
    "acknowledged",
    "acknowledgement_rows",
    "add_version",
    "audit_rows",
    "current",
    "duties",
    "import_acknowledgements",
    "import_version",
    "publish",
    "version",
    "versions",
    "words",
]
