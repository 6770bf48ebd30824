"""What is said about an incident: to the public, and to the help desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from fixnado.incidents.model.incident import Severity


class Stage(StrEnum):
    """How far we are, in the words that status pages share."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


class Impact(StrEnum):
    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Update:
    """Words for the public. A draft until somebody publishes it, and never public before."""

    id: str
    incident_id: str
    status: Stage
    impact: Impact
    headline: str
    body: str
    drafted_by: str
    drafted_at: datetime
    published_by: str | None = None
    published_at: datetime | None = None


class Delivery(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    NOT_CONFIGURED = "not-configured"
    """There is no help desk: nothing was sent, and nothing pretends that it was."""


@dataclass(frozen=True)
class Outcome:
    """What the help desk has after a delivery. Ids are the help desk's own."""

    contact_id: int
    conversation_id: int
    note_id: int
    labels: tuple[str, ...]
    team_id: int | None
    """None: assigned to nobody, as no team is configured or the help desk doesn't know it."""
    priority: str


@dataclass(frozen=True)
class Escalation:
    id: str
    incident_id: str
    reason: str
    escalated_by: str
    escalated_at: datetime
    delivery: Delivery
    parcel: int | None
    """Its number in the outbox."""
    delivered_at: datetime | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Thread:
    """Which conversation of the help desk belongs to an incident: at most one."""

    incident_id: str
    contact_id: int
    conversation_id: int | None


PRIORITIES: Final = {
    Severity.SEV1: "urgent",
    Severity.SEV2: "high",
    Severity.SEV3: "medium",
    Severity.SEV4: "low",
    Severity.SEV5: "low",
}
"""The help desk's priority for each severity."""


def labels(severity: Severity, *, drill: bool) -> tuple[str, ...]:
    """The labels that an incident's conversation bears, beside those that people add."""
    own = ("incident", severity.value.lower())
    return (*own, "drill") if drill else own
