"""Second copies of sealed releases, where nobody can take them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Copied:
    """A release that lies there in full, every file of it locked."""

    rehearsal: str
    number: int
    files: int
    size: int
    """Bytes."""
    locked_until: datetime
    """The earliest moment at which any of it could be deleted."""
    where: str


class Copies(Protocol):
    """Keeps copies of sealed releases. Every method raises PortError and nothing else."""

    def demand_lock(self) -> None:
        """PortError when what is put here could be deleted again. To be asked before sealing."""
        ...

    def push(self, release: Path) -> Copied:
        """Copy the sealed release in the folder `release`; again, where it was cut short. Its seal
        goes last: a copy without one is none. PortError when it isn't intact, or isn't locked."""
        ...

    def kept(self) -> Sequence[tuple[str, int]]:
        """Rehearsal and seal number of every copy that has a seal."""
        ...

    def pull(self, rehearsal: str, number: int, folder: Path) -> None:
        """Fetch a copy into the empty `folder`, as it was first put. It is still to be verified."""
        ...

    def push_records(self, root: Path) -> str:
        """Copy what holds the releases of the vault at `root` together: ledger, trust file and
        approvals, as they are now. Returns where. Earlier states stay beside it."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...

    def pull_records(self, folder: Path) -> bool:
        """Fetch the newest of those into `folder`; False where none was ever put."""
        ...
