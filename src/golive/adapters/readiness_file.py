"""An instance's readiness snapshot, read from this machine's disk."""

from __future__ import annotations

from pathlib import Path

from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity

_LARGEST = 1_000_000
"""Bytes. A readiness snapshot holds a few components; more is something else."""


class LocalReadinessFile:
    """`golive.ports.marketplace.ReadinessFile` over a path that this process can open."""

    def __init__(self, path: Path, fidelity: Fidelity) -> None:
        self.path = path
        self.fidelity = fidelity

    def read(self) -> bytes:
        """The file's bytes now; Unreachable where there is none, PortError where it can't be it."""
        try:
            with self.path.open("rb") as file:
                data = file.read(_LARGEST + 1)
        except FileNotFoundError as error:
            raise Unreachable(
                "there is no readiness snapshot",
                where=str(self.path),
                hint="is the instance running, and is this its runtime folder?",
            ) from error
        except OSError as error:
            raise PortError(
                f"the readiness snapshot can't be read: {error.strerror}", where=str(self.path)
            ) from error
        if len(data) > _LARGEST:
            raise PortError(
                f"the readiness snapshot is larger than {_LARGEST} bytes", where=str(self.path)
            )
        return data
