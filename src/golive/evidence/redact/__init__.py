"""Taking secrets and personal data out of evidence before it is sealed, and saying where."""

from golive.evidence.redact.model import Redaction, SecretInBinary
from golive.evidence.redact.redactor import Redactor

__all__ = ["Redaction", "Redactor", "SecretInBinary"]
