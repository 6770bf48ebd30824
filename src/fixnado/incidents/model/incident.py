"""An incident, its events, and which of them may come next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from fixnado.incidents.errors import AlreadyAcknowledged, NotNow
from fixnado.platform.moments import rfc3339


class Severity(StrEnum):
    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"
    SEV5 = "SEV5"


class Status(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"


class Kind(StrEnum):
    """What can happen to an incident."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    DRAFTED = "update-drafted"
    PUBLISHED = "update-published"


@dataclass(frozen=True)
class Incident:
    id: str
    reference: str
    severity: Severity
    title: str
    description: str
    drill: bool
    """Whether it was made for practice. Shown everywhere, so that nobody mistakes it."""
    status: Status
    triggered_at: datetime
    """When the trouble began: what every time is measured from."""
    reported_by: str
    opened_at: datetime


@dataclass(frozen=True)
class Event:
    """One thing that happened. Never changed, never taken away."""

    incident_id: str
    number: int
    kind: Kind
    actor_id: str
    at: datetime
    note: str = ""
    automated: bool = False
    """A program did it in the actor's name; such an acknowledgement is nobody's reaction."""


@dataclass(frozen=True)
class Facts:
    """What the events of an incident say."""

    acknowledged_at: datetime | None
    """First acknowledgement by a person; a reopening doesn't change it."""
    acknowledged_by: str | None
    automated_at: datetime | None
    """First acknowledgement by a program."""
    mitigated_at: datetime | None
    """First mitigation."""
    resolved_at: datetime | None
    """Last resolution, None while the incident is (again) unresolved."""
    escalations: int
    reopenings: int


_FROM: Final[dict[Kind, frozenset[Status]]] = {
    Kind.ACKNOWLEDGED: frozenset({Status.OPEN, Status.ACKNOWLEDGED, Status.MITIGATED}),
    Kind.ESCALATED: frozenset({Status.OPEN, Status.ACKNOWLEDGED, Status.MITIGATED}),
    Kind.MITIGATED: frozenset({Status.OPEN, Status.ACKNOWLEDGED}),
    Kind.RESOLVED: frozenset({Status.OPEN, Status.ACKNOWLEDGED, Status.MITIGATED}),
    Kind.REOPENED: frozenset({Status.MITIGATED, Status.RESOLVED}),
    Kind.DRAFTED: frozenset(Status),
    Kind.PUBLISHED: frozenset(Status),
}


def follow(
    status: Status, kind: Kind, events: Sequence[Event], *, automated: bool = False
) -> Status:
    """The status after `kind`; NotNow where it may not come next.

    AlreadyAcknowledged for a second acknowledgement since the incident was opened or reopened; a
    person may still acknowledge what a program has.
    """
    if status not in _FROM[kind]:
        raise NotNow(kind.value, status.value)
    if kind is Kind.ACKNOWLEDGED:
        _first_of_its_kind(events, automated=automated)
        return Status.ACKNOWLEDGED if status is Status.OPEN else status
    return {
        Kind.MITIGATED: Status.MITIGATED,
        Kind.RESOLVED: Status.RESOLVED,
        Kind.REOPENED: Status.OPEN,
    }.get(kind, status)


def _first_of_its_kind(events: Sequence[Event], *, automated: bool) -> None:
    for event in reversed(events):
        if event.kind is Kind.REOPENED:
            return
        if event.kind is Kind.ACKNOWLEDGED and (automated or not event.automated):
            who = "a program" if event.automated else event.actor_id
            raise AlreadyAcknowledged(who, rfc3339(event.at))


def facts(events: Sequence[Event]) -> Facts:
    """What `events`, oldest first, say."""
    by_person = [one for one in events if one.kind is Kind.ACKNOWLEDGED and not one.automated]
    by_program = [one for one in events if one.kind is Kind.ACKNOWLEDGED and one.automated]
    mitigated = [one.at for one in events if one.kind is Kind.MITIGATED]
    ends = [one for one in events if one.kind in (Kind.RESOLVED, Kind.REOPENED)]
    resolved = bool(ends) and ends[-1].kind is Kind.RESOLVED
    return Facts(
        acknowledged_at=by_person[0].at if by_person else None,
        acknowledged_by=by_person[0].actor_id if by_person else None,
        automated_at=by_program[0].at if by_program else None,
        mitigated_at=mitigated[0] if mitigated else None,
        resolved_at=ends[-1].at if resolved else None,
        escalations=sum(one.kind is Kind.ESCALATED for one in events),
        reopenings=sum(one.kind is Kind.REOPENED for one in events),
    )
