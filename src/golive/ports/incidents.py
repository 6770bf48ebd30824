"""The marketplace's incidents: what happened, who was told, and how fast people reacted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from golive.kernel.json import JsonObject
from golive.ports.marketplace import Marketplace, Session

STAGES: Sequence[str] = ("investigating", "identified", "monitoring", "resolved")
"""Of what the public is told."""


@dataclass(frozen=True)
class IncidentEvent:
    """One thing that happened to an incident."""

    kind: str
    """`opened`, `acknowledged`, `escalated`, `mitigated`, `resolved`, `reopened`, …"""
    at: str
    """RFC 3339; "" where the marketplace doesn't say."""
    automated: bool
    """A program did it: then it is nobody's reaction."""
    actor: str = ""


@dataclass(frozen=True)
class Incident:
    """An incident as the marketplace keeps it; "" for what it doesn't say."""

    id: str
    reference: str
    severity: str
    title: str
    status: str
    """`open`, `acknowledged`, `mitigated`, `resolved`."""
    drill: bool | None
    triggered_at: str
    acknowledged_at: str
    """First acknowledgement by a person."""
    acknowledged_by: str
    mitigated_at: str
    resolved_at: str
    events: Sequence[IncidentEvent] | None
    """Oldest first; None where the answer lists none."""
    raw: JsonObject


@dataclass(frozen=True)
class Delivered:
    """What the marketplace says that the help desk has. None or "" for what it doesn't say."""

    contact: int | None
    conversation: int | None
    note: int | None
    labels: Sequence[str]
    team: int | None
    priority: str


@dataclass(frozen=True)
class Escalation:
    """A call for help on its way to the help desk."""

    id: str
    delivery: str
    """`pending`, `delivered`, `not-configured`."""
    attempts: int | None
    last_error: str
    escalated_at: str
    delivered_at: str
    outcome: Delivered | None
    raw: JsonObject


@dataclass(frozen=True)
class Words:
    """What the public could be told."""

    stage: str
    impact: str
    """`none`, `minor`, `major`, `critical`."""
    headline: str
    body: str


@dataclass(frozen=True)
class Update:
    """Words that are kept with an incident; a draft while `published_at` is ""."""

    id: str
    words: Words
    published_at: str


@dataclass(frozen=True)
class PublicUpdate:
    """What everybody can read."""

    id: str
    incident_id: str
    headline: str


@runtime_checkable
class Incidents(Marketplace, Protocol):
    """One way in, with its incidents. What a session may not do is `Refused`, with the status."""

    def find_incident(self, session: Session, reference: str) -> Incident | None: ...

    def open_incident(
        self,
        session: Session,
        *,
        reference: str,
        severity: str,
        title: str,
        description: str,
        key: str,
    ) -> Incident:
        """Marked as a drill, so that nobody mistakes it."""
        ...

    def incident(self, session: Session, incident_id: str) -> Incident:
        """With its events."""
        ...

    def acknowledge_incident(
        self, session: Session, incident_id: str, *, automated: bool, note: str, key: str
    ) -> Incident: ...

    def mitigate_incident(
        self, session: Session, incident_id: str, note: str, key: str
    ) -> Incident: ...

    def resolve_incident(
        self, session: Session, incident_id: str, note: str, key: str
    ) -> Incident: ...

    def escalate_incident(
        self, session: Session, incident_id: str, reason: str, key: str
    ) -> Escalation: ...

    def escalations(self, session: Session, incident_id: str) -> Sequence[Escalation]: ...

    def draft_update(
        self, session: Session, incident_id: str, words: Words, key: str
    ) -> Update: ...

    def updates(self, session: Session, incident_id: str) -> Sequence[Update]: ...

    def public_updates(self) -> Sequence[PublicUpdate]:
        """What a visitor who isn't signed in can read, newest first."""
        ...

    def incident_ledger(self, session: Session, *, since: datetime, limit: int) -> JsonObject:
        """MTTA, MTTR and counts over the incidents triggered from `since` on, as the marketplace
        reckons them, with up to `limit` of those incidents."""
        ...
