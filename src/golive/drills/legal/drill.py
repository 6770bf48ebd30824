"""The drill and its steps."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.drill import Drill, Measure, Output, Step
from golive.drills.legal.committing import population
from golive.drills.legal.drawing import sample
from golive.drills.legal.params import LegalParams
from golive.drills.legal.publication import publication


class Legal(Drill[LegalParams]):
    name = "legal"
    summary = "What legal published is whole and fit; who has not acknowledged it is known."
    params = LegalParams
    fits = ("legal", "policies", "publication", "acknowledgements")
    outputs = (
        Output("documents", "{item}/documents.json", "application/json"),
        Output("audit", "{item}/policy-audit.csv", "text/csv"),
        Output("commitment", "{item}/sample-commitment.json", "application/json"),
        Output("acknowledgements", "{item}/acknowledgements.csv", "text/csv"),
        Output("sample", "{item}/acknowledgement-sample.json", "application/json"),
        Output("outstanding", "{item}/not-acknowledged.csv", "text/csv"),
        Output("lms", "{item}/lms-reconciliation.csv", "text/csv"),
        Output("lms_completions", "{item}/lms-completions.csv", "text/csv"),
    )
    measures = (
        Measure("metadata_findings", "findings", "what documents fail to state, or state wrongly"),
        Measure("wrong_version_acks", "acknowledgements", "counted, but of words not in force"),
        Measure("sample_size", "people", "drawn"),
        Measure("deviations", "people", "drawn, and lacking an acknowledgement"),
        Measure("lms_differences", "differences", "between service and learning system"),
        Measure("lms_unread", "lines", "of the learning system's export that can't be read"),
    )

    def steps(self, params: LegalParams) -> Sequence[Step[LegalParams]]:  # noqa: ARG002
        return (
            Step("publication", publication),
            Step("population", population),
            Step("sample", sample),
        )
