"""Incidents, their events, updates and escalations in the database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    RowMapping,
    Select,
    String,
    Table,
    delete,
    func,
    select,
)
from sqlalchemy import Text as SqlText
from sqlalchemy import update as sql_update
from sqlalchemy.dialects import postgresql, sqlite

from fixnado.incidents.model.incident import Event, Incident, Kind, Severity, Status
from fixnado.incidents.model.speaking import (
    Delivery,
    Escalation,
    Impact,
    Outcome,
    Stage,
    Thread,
    Update,
)
from fixnado.platform.database import UnitOfWork, UtcMoment, metadata
from fixnado.platform.streaming import stream

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("reference", String(64), nullable=False, unique=True),
    Column("severity", String(8), nullable=False),
    Column("title", String(200), nullable=False),
    Column("description", SqlText, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("status", String(16), nullable=False),
    Column("triggered_at", UtcMoment, nullable=False),
    Column("reported_by", String(36), ForeignKey("users.id"), nullable=False),
    Column("opened_at", UtcMoment, nullable=False),
)
events = Table(
    "incident_events",
    metadata,
    Column("incident_id", String(36), ForeignKey("incidents.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("actor_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("note", SqlText, nullable=False),
    Column("automated", Boolean, nullable=False),
)
updates = Table(
    "incident_updates",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("incident_id", String(36), ForeignKey("incidents.id"), nullable=False),
    Column("status", String(16), nullable=False),
    Column("impact", String(16), nullable=False),
    Column("headline", String(200), nullable=False),
    Column("body", SqlText, nullable=False),
    Column("drafted_by", String(36), ForeignKey("users.id"), nullable=False),
    Column("drafted_at", UtcMoment, nullable=False),
    Column("published_by", String(36), ForeignKey("users.id")),
    Column("published_at", UtcMoment),
)
escalations = Table(
    "incident_escalations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("incident_id", String(36), ForeignKey("incidents.id"), nullable=False),
    Column("reason", SqlText, nullable=False),
    Column("escalated_by", String(36), ForeignKey("users.id"), nullable=False),
    Column("escalated_at", UtcMoment, nullable=False),
    Column("delivery", String(16), nullable=False),
    Column("parcel", Integer),
    Column("delivered_at", UtcMoment),
    Column("outcome", SqlText),
)
threads = Table(
    "incident_threads",
    metadata,
    Column("incident_id", String(36), ForeignKey("incidents.id"), primary_key=True),
    Column("contact_id", Integer, nullable=False),
    Column("conversation_id", Integer),
)


def add_incident(unit: UnitOfWork, incident: Incident) -> None:
    unit.connection.execute(incidents.insert().values(vars(incident)))


def incident(unit: UnitOfWork, incident_id: str) -> Incident | None:
    return _one(unit, select(incidents).where(incidents.c.id == incident_id))


def by_reference(unit: UnitOfWork, reference: str) -> Incident | None:
    return _one(unit, select(incidents).where(incidents.c.reference == reference))


def set_status(unit: UnitOfWork, incident_id: str, status: Status) -> None:
    this = sql_update(incidents).where(incidents.c.id == incident_id)
    unit.connection.execute(this.values(status=status.value))


def find(
    unit: UnitOfWork,
    *,
    status: Status | None = None,
    severity: Severity | None = None,
    reference: str | None = None,
    drill: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> list[Incident]:
    """Newest trigger first; `since` is included, `until` isn't."""
    query = select(incidents)
    wanted = {"status": status, "severity": severity, "reference": reference, "drill": drill}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(incidents.c[name] == value)
    if since is not None:
        query = query.where(incidents.c.triggered_at >= since)
    if until is not None:
        query = query.where(incidents.c.triggered_at < until)
    ordered = query.order_by(incidents.c.triggered_at.desc(), incidents.c.id).limit(limit)
    return [_incident(row) for row in unit.connection.execute(ordered).mappings()]


def add_event(unit: UnitOfWork, event: Event) -> None:
    unit.connection.execute(events.insert().values(vars(event)))


def events_of(unit: UnitOfWork, incident_ids: Sequence[str]) -> dict[str, list[Event]]:
    """Oldest first, by incident."""
    found: dict[str, list[Event]] = {incident_id: [] for incident_id in incident_ids}
    for some in _batches(incident_ids):
        query = select(events).where(events.c.incident_id.in_(some)).order_by(events.c.number)
        for row in unit.connection.execute(query).mappings():
            found[row["incident_id"]].append(Event(**{**row, "kind": Kind(row["kind"])}))
    return found


def stream_actions(unit: UnitOfWork, actor_id: str) -> Iterator[RowMapping]:
    """Everything that one person did, with the incident's reference, oldest first."""
    query = (
        select(events, incidents.c.reference)
        .join(incidents, incidents.c.id == events.c.incident_id)
        .where(events.c.actor_id == actor_id)
        .order_by(events.c.at, events.c.incident_id, events.c.number)
    )
    return stream(unit, query)


def count_actions(unit: UnitOfWork, actor_id: str | None) -> int:
    """Those of one person, or of everybody."""
    query = select(func.count()).select_from(events)
    if actor_id is not None:
        query = query.where(events.c.actor_id == actor_id)
    return int(unit.connection.execute(query).scalar_one())


def add_update(unit: UnitOfWork, update: Update) -> None:
    unit.connection.execute(updates.insert().values(vars(update)))


def update(unit: UnitOfWork, incident_id: str, update_id: str) -> Update | None:
    this = (updates.c.id == update_id) & (updates.c.incident_id == incident_id)
    row = unit.connection.execute(select(updates).where(this)).mappings().first()
    return _update(row) if row else None


def publish(unit: UnitOfWork, update_id: str, by: str) -> None:
    draft = (updates.c.id == update_id) & updates.c.published_at.is_(None)
    unit.connection.execute(
        sql_update(updates).where(draft).values(published_by=by, published_at=unit.now)
    )


def updates_of(unit: UnitOfWork, incident_id: str) -> list[Update]:
    """Drafts and published ones, oldest first."""
    query = select(updates).where(updates.c.incident_id == incident_id)
    rows = unit.connection.execute(query.order_by(updates.c.drafted_at, updates.c.id)).mappings()
    return [_update(row) for row in rows]


def published(unit: UnitOfWork, limit: int) -> list[Update]:
    """What the public may read, newest first."""
    query = select(updates).where(updates.c.published_at.is_not(None))
    newest = query.order_by(updates.c.published_at.desc(), updates.c.id).limit(limit)
    return [_update(row) for row in unit.connection.execute(newest).mappings()]


def add_escalation(unit: UnitOfWork, escalation: Escalation) -> None:
    row = {**vars(escalation), "outcome": None}
    unit.connection.execute(escalations.insert().values(row))


def escalation(unit: UnitOfWork, escalation_id: str) -> Escalation | None:
    query = select(escalations).where(escalations.c.id == escalation_id)
    row = unit.connection.execute(query).mappings().first()
    return _escalation(row) if row else None


def escalations_of(unit: UnitOfWork, incident_id: str) -> list[Escalation]:
    """Oldest first."""
    query = select(escalations).where(escalations.c.incident_id == incident_id)
    ordered = query.order_by(escalations.c.escalated_at, escalations.c.id)
    return [_escalation(row) for row in unit.connection.execute(ordered).mappings()]


def delivered(unit: UnitOfWork, escalation_id: str, outcome: Outcome) -> None:
    this = sql_update(escalations).where(escalations.c.id == escalation_id)
    unit.connection.execute(
        this.values(
            delivery=Delivery.DELIVERED.value,
            delivered_at=unit.now,
            outcome=json.dumps(asdict(outcome)),
        )
    )


def thread(unit: UnitOfWork, incident_id: str) -> Thread | None:
    query = select(threads).where(threads.c.incident_id == incident_id)
    row = unit.connection.execute(query).mappings().first()
    return Thread(**row) if row else None


def keep_thread(unit: UnitOfWork, kept: Thread) -> None:
    dialect = postgresql if unit.connection.dialect.name == "postgresql" else sqlite
    values = {"contact_id": kept.contact_id, "conversation_id": kept.conversation_id}
    statement = dialect.insert(threads).values(incident_id=kept.incident_id, **values)
    unit.connection.execute(
        statement.on_conflict_do_update(index_elements=["incident_id"], set_=values)
    )


def forget_thread(unit: UnitOfWork, incident_id: str) -> None:
    unit.connection.execute(delete(threads).where(threads.c.incident_id == incident_id))


def _one(unit: UnitOfWork, query: Select[Any]) -> Incident | None:
    row = unit.connection.execute(query).mappings().first()
    return _incident(row) if row else None


def _incident(row: RowMapping) -> Incident:
    return Incident(
        **{**row, "severity": Severity(row["severity"]), "status": Status(row["status"])}
    )


def _update(row: RowMapping) -> Update:
    return Update(**{**row, "status": Stage(row["status"]), "impact": Impact(row["impact"])})


def _escalation(row: RowMapping) -> Escalation:
    kept = json.loads(row["outcome"]) if row["outcome"] else None
    outcome = Outcome(**{**kept, "labels": tuple(kept["labels"])}) if kept else None
    return Escalation(**{**row, "delivery": Delivery(row["delivery"]), "outcome": outcome})


def _batches(ids: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    """SQLite takes only so many values in one statement."""
    return (ids[start : start + size] for start in range(0, len(ids), size))
