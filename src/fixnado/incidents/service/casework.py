"""Opening incidents and moving them on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from fixnado.incidents import store
from fixnado.incidents.errors import NoSuchIncident, NotYet, ReferenceTaken
from fixnado.incidents.model.figures import Case, Ledger, ledger
from fixnado.incidents.model.incident import (
    Event,
    Facts,
    Incident,
    Kind,
    Severity,
    Status,
    facts,
    follow,
)
from fixnado.platform.access import Principal
from fixnado.platform.database import UnitOfWork
from fixnado.platform.ids import new_id

_SKEW: Final = timedelta(seconds=5)
"""How far a reporter's clock may be ahead of ours."""


@dataclass(frozen=True)
class Report:
    """An incident as somebody reports it."""

    severity: Severity
    title: str
    description: str
    drill: bool
    reference: str | None
    triggered_at: datetime | None


@dataclass(frozen=True)
class File:
    """Everything about one incident but what was said about it."""

    incident: Incident
    events: tuple[Event, ...]

    @property
    def facts(self) -> Facts:
        return facts(self.events)


def open_incident(unit: UnitOfWork, principal: Principal, report: Report) -> File:
    """Open an incident; ReferenceTaken, or NotYet for a trigger in the future."""
    triggered = report.triggered_at or unit.now
    if triggered > unit.now + _SKEW:
        raise NotYet
    incident_id = new_id()
    reference = report.reference or f"INC-{incident_id[:8].upper()}"
    if store.by_reference(unit, reference) is not None:
        raise ReferenceTaken(reference)
    opened = Incident(
        id=incident_id,
        reference=reference,
        severity=report.severity,
        title=report.title,
        description=report.description,
        drill=report.drill,
        status=Status.OPEN,
        triggered_at=min(triggered, unit.now),
        reported_by=principal.user_id,
        opened_at=unit.now,
    )
    store.add_incident(unit, opened)
    first = Event(incident_id, 1, Kind.OPENED, principal.user_id, unit.now)
    store.add_event(unit, first)
    return File(opened, (first,))


def read(unit: UnitOfWork, incident_id: str) -> File:
    """The incident with its events; NoSuchIncident where there is none."""
    found = store.incident(unit, incident_id)
    if found is None:
        raise NoSuchIncident
    return File(found, tuple(store.events_of(unit, [incident_id])[incident_id]))


def find(
    unit: UnitOfWork,
    *,
    status: Status | None,
    severity: Severity | None,
    reference: str | None,
    limit: int,
) -> list[File]:
    """The newest that fit."""
    found = store.find(unit, status=status, severity=severity, reference=reference, limit=limit)
    return _with_events(unit, found)


def move(
    unit: UnitOfWork,
    principal: Principal,
    incident_id: str,
    kind: Kind,
    note: str = "",
    *,
    automated: bool = False,
) -> File:
    """Let `kind` happen to the incident, by `principal`; NotNow or AlreadyAcknowledged."""
    file = read(unit, incident_id)
    status = follow(file.incident.status, kind, file.events, automated=automated)
    number = file.events[-1].number + 1
    event = Event(incident_id, number, kind, principal.user_id, unit.now, note, automated)
    store.add_event(unit, event)
    if status is not file.incident.status:
        store.set_status(unit, incident_id, status)
    return File(replace(file.incident, status=status), (*file.events, event))


def report(
    unit: UnitOfWork,
    *,
    since: datetime | None,
    until: datetime | None,
    drill: bool | None,
    reference: str | None,
) -> Ledger:
    """The incident ledger over the triggers of a period (`until` not included)."""
    found = store.find(unit, since=since, until=until, drill=drill, reference=reference)
    cases = [Case(file.incident, file.facts) for file in _with_events(unit, found)]
    return ledger(cases, unit.now)


def _with_events(unit: UnitOfWork, found: list[Incident]) -> list[File]:
    happened = store.events_of(unit, [one.id for one in found])
    return [File(one, tuple(happened[one.id])) for one in found]
