"""Commands of the team's own: a smoke pack, a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from golive.kernel.fidelity import Fidelity


@dataclass(frozen=True)
class CommandResult:
    argv: Sequence[str]
    exit_code: int | None
    """None where it ran out of time and was ended."""
    stdout: bytes
    stderr: bytes
    seconds: float


class Commands(Protocol):
    fidelity: Fidelity

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        timeout: float,
        cancelled: CancelCheck | None = None,
    ) -> CommandResult:
        """Run to the end or to `timeout` seconds, then end the whole process group. `env` is added
        to a minimal environment. A program that isn't there is a PortError that names it."""
        ...


class CancelCheck(Protocol):
    def __call__(self) -> bool: ...
