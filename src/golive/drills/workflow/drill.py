"""The drill and its steps."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.drill import Drill, Measure, Output, Step
from golive.drills.workflow.following import collect, follow
from golive.drills.workflow.params import WorkflowParams
from golive.drills.workflow.starting import cancel, dispatch


class Workflow(Drill[WorkflowParams]):
    name = "workflow"
    summary = "A workflow of the code host runs and succeeds; its record, logs and files are kept."
    params = WorkflowParams
    fits = ("workflow", "github actions", "pipeline", "ci run")
    outputs = (
        Output("run", "{item}/workflow-run.json", "application/json"),
        Output("logs", "{item}/workflow-logs.zip", "application/zip"),
        Output("artifacts", "{item}/workflow-artifacts.zip", "application/zip"),
    )
    measures = (
        Measure("conclusion", "", "what the host says of the run"),
        Measure("jobs_failed", "jobs", "jobs that neither succeeded nor were skipped"),
        Measure("artifact_failures", "artifacts", "missing, expired, or not what was uploaded"),
        Measure("reviewers", "persons", "who approved, less who started it"),
    )

    def steps(self, params: WorkflowParams) -> Sequence[Step[WorkflowParams]]:  # noqa: ARG002
        return (
            Step("dispatch", dispatch, undo=cancel),
            Step("follow", follow),
            Step("collect", collect, always=True),
        )
