"""The drill and its steps."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.drill import Drill, Measure, Output, Step
from golive.drills.data_governance.casework import export, request, verify
from golive.drills.data_governance.closing import case
from golive.drills.data_governance.contents import contents
from golive.drills.data_governance.params import DataGovernanceParams
from golive.drills.data_governance.purging import purge, withdraw
from golive.drills.data_governance.refusals import refusals


class DataGovernanceDrill(Drill[DataGovernanceParams]):
    name = "data-governance"
    summary = (
        "A data-subject request is answered in full, to its subject alone; a dry purge is dry."
    )
    params = DataGovernanceParams
    fits = ("data governance", "dsar", "subject request", "gdpr", "export", "purge")
    outputs = (
        Output("export", "{item}/export.json", "application/json"),
        Output("payload", "{item}/export.ndjson", "application/x-ndjson"),
        Output("checksums", "{item}/export.sha256", "text/plain"),
        Output("manifest", "{item}/export-manifest.json", "application/json"),
        Output("purge_log", "{item}/purge.log", "text/plain"),
        Output("case", "{item}/case.json", "application/json"),
        Output("notice", "{item}/privacy-office-notice.txt", "text/plain"),
    )
    measures = (
        Measure("checksum_failures", "digests", "digests that are missing or don't hold"),
        Measure("datasets_missing", "datasets", "datasets that the export should name"),
        Measure("rows_missing", "rows", "of the subject's own pages that the export lacks"),
        Measure("foreign_rows", "rows", "exported rows that aren't the subject's"),
        Measure("unread_parts", "parts", "parts of the export that hold no rows"),
        Measure("purge_rows", "rows", "rows that the planned purges name"),
        Measure("purge_losses", "differences", "what there was less of after the dry run"),
        Measure("largest_chunk_bytes", "bytes", "the largest chunk of an oversize export"),
        Measure("mixed_chunks", "chunks", "chunks of an oversize export with several datasets"),
    )

    def steps(self, params: DataGovernanceParams) -> Sequence[Step[DataGovernanceParams]]:  # noqa: ARG002
        return (
            Step("request", request),
            Step("verify", verify),
            Step("export", export),
            Step("contents", contents),
            Step("refusals", refusals),
            Step("purge", purge, undo=withdraw),
            Step("case", case, always=True),
        )
