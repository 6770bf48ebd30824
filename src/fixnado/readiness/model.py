"""Statuses of components and what they come to. Nothing here touches a clock or a disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fixnado.platform.moments import rfc3339


class Status(StrEnum):
    """From best to worst."""

    READY = "ready"
    DEGRADED = "degraded"
    INITIALISING = "initialising"
    STOPPING = "stopping"
    ERROR = "error"

    @property
    def gauge(self) -> float:
        """What `fixnado_readiness_status` shows: 1 is ready, 0 is an error."""
        return _GAUGE[self]

    @property
    def serves(self) -> bool:
        """Whether traffic may be sent here: a degraded component still works."""
        return self in (Status.READY, Status.DEGRADED)


_GAUGE = {
    Status.ERROR: 0.0,
    Status.STOPPING: 0.25,
    Status.INITIALISING: 0.5,
    Status.DEGRADED: 0.75,
    Status.READY: 1.0,
}


@dataclass(frozen=True)
class Finding:
    """What a probe or a person says of a component."""

    status: Status
    error: str | None = None


@dataclass(frozen=True)
class Component:
    """A component as it stands: the worse of what was measured and what was toggled."""

    measured: Finding
    toggled: Finding | None
    last_updated_at: datetime
    changes: int
    """How often it changed since the start: a burst of toggles can be counted here."""

    @property
    def effective(self) -> Finding:
        if self.toggled is None or worse(self.measured.status, self.toggled.status):
            return self.measured
        return self.toggled

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.effective.status.value,
            "lastUpdatedAt": rfc3339(self.last_updated_at),
            "error": self.effective.error,
            "metadata": {"changes": self.changes, "toggled": self.toggled is not None},
        }


@dataclass(frozen=True)
class Snapshot:
    """Every component at one moment; `sequence` grows with each change."""

    sequence: int
    started_at: datetime
    generated_at: datetime
    components: Mapping[str, Component]

    @property
    def status(self) -> Status:
        return worst(one.effective.status for one in self.components.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.status.value,
            "generatedAt": rfc3339(self.generated_at),
            "startedAt": rfc3339(self.started_at),
            "components": {name: one.as_json() for name, one in self.components.items()},
        }

    def failing(self) -> dict[str, Component]:
        """The components that keep this instance from serving."""
        every = self.components.items()
        return {name: one for name, one in every if not one.effective.status.serves}


def worse(one: Status, other: Status) -> bool:
    """Whether `one` is worse than `other`."""
    order = list(Status)
    return order.index(one) > order.index(other)


def worst(statuses: Any) -> Status:
    """The worst of them; initialising when there are none to judge by."""
    order = list(Status)
    return max(statuses, key=order.index, default=Status.INITIALISING)
