"""What is said about an incident: updates for the public, escalations for the help desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fixnado.incidents import store
from fixnado.incidents.errors import AlreadyPublished, NeverPublic, NoSuchUpdate
from fixnado.incidents.model.incident import Incident, Kind
from fixnado.incidents.model.speaking import (
    Delivery,
    Escalation,
    Impact,
    Outcome,
    Stage,
    Thread,
    Update,
)
from fixnado.incidents.service.casework import move, read
from fixnado.platform import outbox
from fixnado.platform.access import Principal
from fixnado.platform.database import UnitOfWork
from fixnado.platform.ids import new_id
from fixnado.platform.outbox import Progress

ESCALATION: Final = "incidents.escalation"
"""The outbox's topic."""


@dataclass(frozen=True)
class Words:
    status: Stage
    impact: Impact
    headline: str
    body: str


@dataclass(frozen=True)
class Tracked:
    """An escalation with how far its delivery has come; None where nothing is delivered."""

    escalation: Escalation
    progress: Progress | None


@dataclass(frozen=True)
class Errand:
    """What a delivery needs to know."""

    incident: Incident
    escalation: Escalation
    thread: Thread | None


def draft(unit: UnitOfWork, principal: Principal, incident_id: str, words: Words) -> Update:
    """Write an update. Nobody but the staff can read it until it is published."""
    move(unit, principal, incident_id, Kind.DRAFTED)
    written = Update(
        id=new_id(),
        incident_id=incident_id,
        status=words.status,
        impact=words.impact,
        headline=words.headline,
        body=words.body,
        drafted_by=principal.user_id,
        drafted_at=unit.now,
    )
    store.add_update(unit, written)
    return written


def publish(unit: UnitOfWork, principal: Principal, incident_id: str, update_id: str) -> Update:
    """Make an update public; NeverPublic for a drill's, AlreadyPublished for a public one."""
    file = read(unit, incident_id)
    found = store.update(unit, incident_id, update_id)
    if found is None:
        raise NoSuchUpdate
    if file.incident.drill:
        raise NeverPublic
    if found.published_at is not None:
        raise AlreadyPublished
    move(unit, principal, incident_id, Kind.PUBLISHED, note=update_id)
    store.publish(unit, update_id, principal.user_id)
    return store.update(unit, incident_id, update_id) or found


def updates(unit: UnitOfWork, incident_id: str) -> list[Update]:
    """Every update of an incident, drafts included, oldest first: for the staff."""
    read(unit, incident_id)
    return store.updates_of(unit, incident_id)


def public(unit: UnitOfWork, limit: int) -> list[Update]:
    """What was published, newest first: for everybody."""
    return store.published(unit, limit)


def escalate(
    unit: UnitOfWork, principal: Principal, incident_id: str, reason: str, *, help_desk: bool
) -> Tracked:
    """Tell the help desk, through the outbox; recorded as not configured where there is none."""
    move(unit, principal, incident_id, Kind.ESCALATED, reason)
    escalation_id = new_id()
    parcel = None
    if help_desk:
        parcel = outbox.post(unit, ESCALATION, incident_id, {"escalation": escalation_id})
    escalation = Escalation(
        id=escalation_id,
        incident_id=incident_id,
        reason=reason,
        escalated_by=principal.user_id,
        escalated_at=unit.now,
        delivery=Delivery.PENDING if help_desk else Delivery.NOT_CONFIGURED,
        parcel=parcel,
    )
    store.add_escalation(unit, escalation)
    return _tracked(unit, [escalation])[0]


def escalations(unit: UnitOfWork, incident_id: str) -> list[Tracked]:
    """Every escalation of an incident, oldest first."""
    read(unit, incident_id)
    return _tracked(unit, store.escalations_of(unit, incident_id))


def errand(unit: UnitOfWork, escalation_id: str) -> Errand | None:
    """What is to be delivered, or None where it was delivered already."""
    escalation = store.escalation(unit, escalation_id)
    if escalation is None or escalation.delivery is Delivery.DELIVERED:
        return None
    incident = read(unit, escalation.incident_id).incident
    return Errand(incident, escalation, store.thread(unit, incident.id))


def keep_thread(unit: UnitOfWork, thread: Thread) -> None:
    """Remember which conversation is the incident's, before anything else is done with it."""
    store.keep_thread(unit, thread)


def forget_thread(unit: UnitOfWork, incident_id: str) -> None:
    """The help desk has no such conversation any more."""
    store.forget_thread(unit, incident_id)


def delivered(unit: UnitOfWork, escalation_id: str, outcome: Outcome) -> None:
    store.delivered(unit, escalation_id, outcome)


def _tracked(unit: UnitOfWork, found: list[Escalation]) -> list[Tracked]:
    numbers = [one.parcel for one in found if one.parcel is not None]
    known = outbox.progress(unit, numbers)
    return [Tracked(one, known.get(one.parcel or 0)) for one in found]
