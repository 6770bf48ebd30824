"""Where the team's workflows run, and who approved what in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject


@dataclass(frozen=True)
class WorkflowRun:
    """One run of a workflow."""

    id: int
    number: int
    title: str
    status: str
    """`queued`, `in_progress`, `waiting` (for an approval), `completed`, …"""
    conclusion: str
    """`success`, `failure`, `cancelled`, …; "" as long as it isn't over."""
    attempt: int
    commit: str
    actor: str
    """Who started it: may not be who approves it."""
    url: str
    raw: JsonObject

    @property
    def over(self) -> bool:
        return self.status == "completed"


@dataclass(frozen=True)
class Job:
    name: str
    status: str
    conclusion: str
    raw: JsonObject


@dataclass(frozen=True)
class Review:
    """A person's word on a deployment that waited for it."""

    person: str
    approved: bool
    environments: Sequence[str]
    comment: str


@dataclass(frozen=True)
class RunArtifact:
    """What a run left behind, as a zip."""

    id: int
    name: str
    size: int
    digest: str
    """`sha256:…` of the zip; "" where the host keeps none."""
    expired: bool
    expires_at: datetime | None


class CodeHost(Protocol):
    """One repository. Every method raises PortError where the host refuses or can't be reached."""

    fidelity: Fidelity
    url: str

    def workflows(self) -> Sequence[str]:
        """File names of the workflows that are switched on."""
        ...

    def dispatch(self, workflow: str, ref: str, inputs: Mapping[str, str]) -> int | None:
        """Start a run; its id, or None from a host that doesn't tell."""
        ...

    def runs(self, workflow: str, since: datetime) -> Sequence[WorkflowRun]:
        """Dispatched runs since then, newest first."""
        ...

    def run(self, run_id: int) -> WorkflowRun: ...

    def cancel(self, run_id: int) -> None:
        """End a run that isn't over; nothing where it is."""
        ...

    def jobs(self, run_id: int) -> Sequence[Job]: ...

    def waiting(self, run_id: int) -> Sequence[str]:
        """The environments whose approval a run waits for."""
        ...

    def reviews(self, run_id: int) -> Sequence[Review]: ...

    def artifacts(self, run_id: int) -> Sequence[RunArtifact]: ...

    def artifact(self, artifact: RunArtifact) -> bytes:
        """The zip; PortError above 100 MB, or where it has expired."""
        ...

    def logs(self, run_id: int) -> bytes:
        """The logs of the run's last attempt, as a zip."""
        ...
