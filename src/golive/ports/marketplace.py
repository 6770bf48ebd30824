"""The marketplace under rehearsal, seen through its HTTP contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject


class Refused(PortError):
    """The marketplace answered, and not with success. `status` is what it said (HTTP's)."""

    def __init__(
        self, what: str, *, status: int, where: str, hint: str = "", answer: str = ""
    ) -> None:
        super().__init__(what, where=where, hint=hint, answer=answer)
        self.status = status


@dataclass(frozen=True)
class Session:
    """A signed-in account. `authorisation` is the header that carries it: never logged or kept."""

    user_id: str
    role: str
    authorisation: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Session(user_id={self.user_id!r}, role={self.role!r})"


@dataclass(frozen=True)
class Health:
    """`GET /healthz` and `/readyz` of one instance."""

    alive: bool
    ready: bool
    version: str
    instance: str
    schema: str
    """Database schema revision, or "" where the instance doesn't say."""
    raw: JsonObject


class Marketplace(Protocol):
    """One way in: an instance directly, or the production or validation listener."""

    fidelity: Fidelity
    url: str

    def health(self) -> Health: ...

    def login(self, role: str = "user") -> Session:
        """Sign the rehearsal account of `role` in; its credentials come from the target file."""
        ...

    def timeline_hub(self, session: Session) -> JsonObject: ...

    def commerce_snapshot(self, session: Session, persona: str) -> JsonObject: ...

    def toggle_component(self, session: Session, component: str, status: str) -> None:
        """Rehearsal only: set `component` to `ready`, `degraded`, `error`, …"""
        ...


class ReadinessFile(Protocol):
    """Where an instance persists its readiness (`runtime/readiness.json`)."""

    fidelity: Fidelity

    def read(self) -> bytes:
        """The file's bytes now; PortError where there is none."""
        ...
