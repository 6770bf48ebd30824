"""Data requests and their audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, func, or_, select
from sqlalchemy import update as sql_update

from fixnado.compliance.model.requests import (
    OPEN,
    AuditEntry,
    DataRequest,
    Denial,
    Filter,
    RequestType,
    Status,
)
from fixnado.compliance.store.tables import audit, requests
from fixnado.platform.database import UnitOfWork
from fixnado.platform.streaming import stream


def add(unit: UnitOfWork, request: DataRequest) -> None:
    unit.connection.execute(requests.insert(), asdict(request))


def change(unit: UnitOfWork, request_id: str, **values: Any) -> None:
    changed = sql_update(requests).where(requests.c.id == request_id).values(**values)
    unit.connection.execute(changed)


def get(unit: UnitOfWork, request_id: str) -> DataRequest | None:
    """By id or by reference."""
    named = or_(requests.c.id == request_id, requests.c.reference == request_id)
    row = unit.connection.execute(select(requests).where(named)).mappings().first()
    return _request(row) if row else None


def find(unit: UnitOfWork, wanted: Filter, limit: int) -> list[DataRequest]:
    """The newest first."""
    query = select(requests).where(*_conditions(wanted))
    ordered = query.order_by(requests.c.requested_at.desc(), requests.c.id).limit(limit)
    return [_request(row) for row in unit.connection.execute(ordered).mappings()]


def received_since(unit: UnitOfWork, moment: datetime) -> list[DataRequest]:
    query = select(requests).where(requests.c.requested_at >= moment)
    return [_request(row) for row in unit.connection.execute(query).mappings()]


def open_twin(unit: UnitOfWork, request: DataRequest) -> str | None:
    """An older open request of the same kind about the same person, or None."""
    query = (
        select(requests.c.id)
        .where(
            requests.c.user_id == request.user_id,
            requests.c.request_type == request.request_type.value,
            requests.c.status.in_([status.value for status in OPEN]),
            requests.c.requested_at < request.requested_at,
            requests.c.id != request.id,
        )
        .order_by(requests.c.requested_at)
    )
    found = unit.connection.execute(query).first()
    return str(found[0]) if found else None


def note(unit: UnitOfWork, request_id: str, entry: AuditEntry) -> None:
    """Append to the trail."""
    mine = audit.c.request_id == request_id
    last = unit.connection.execute(select(func.max(audit.c.position)).where(mine)).scalar() or 0
    row = {"request_id": request_id, "position": last + 1, **asdict(entry)}
    unit.connection.execute(audit.insert(), row)


def trail(unit: UnitOfWork, request_id: str) -> list[AuditEntry]:
    query = select(audit).where(audit.c.request_id == request_id).order_by(audit.c.position)
    return [_entry(row) for row in unit.connection.execute(query).mappings()]


def trails(unit: UnitOfWork, request_ids: list[str]) -> dict[str, list[AuditEntry]]:
    query = select(audit).where(audit.c.request_id.in_(request_ids))
    found: dict[str, list[AuditEntry]] = {}
    ordered = query.order_by(audit.c.request_id, audit.c.position)
    for row in unit.connection.execute(ordered).mappings():
        found.setdefault(row["request_id"], []).append(_entry(row))
    return found


def of_subject(unit: UnitOfWork, user_id: str, email: str) -> Iterator[DataRequest]:
    """Every request about this person, in order of arrival, streamed."""
    query = select(requests).where(_about(user_id, email))
    ordered = query.order_by(requests.c.requested_at, requests.c.id)
    return (_request(row) for row in stream(unit, ordered))


def count_of_subject(unit: UnitOfWork, user_id: str, email: str) -> int:
    query = select(func.count()).select_from(requests).where(_about(user_id, email))
    return int(unit.connection.execute(query).scalar_one())


def total(unit: UnitOfWork) -> int:
    return int(unit.connection.execute(select(func.count()).select_from(requests)).scalar_one())


def closed_before(unit: UnitOfWork, moment: datetime) -> Iterator[str]:
    query = select(requests.c.id).where(
        requests.c.processed_at < moment,
        requests.c.status.in_([Status.COMPLETED.value, Status.REJECTED.value]),
    )
    return (row["id"] for row in stream(unit, query.order_by(requests.c.id)))


def remove(unit: UnitOfWork, request_ids: list[str]) -> int:
    """Delete requests with their trails; how many there were."""
    unit.connection.execute(delete(audit).where(audit.c.request_id.in_(request_ids)))
    gone = unit.connection.execute(delete(requests).where(requests.c.id.in_(request_ids)))
    return gone.rowcount


def _about(user_id: str, email: str) -> ColumnElement[bool]:
    return or_(requests.c.user_id == user_id, requests.c.subject_email == email)


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    columns = requests.c
    equal = {
        columns.status: wanted.status,
        columns.request_type: wanted.request_type,
        columns.region: wanted.region,
        columns.subject_email: wanted.subject_email,
        columns.reference: wanted.reference,
    }
    yield from (column == value for column, value in equal.items() if value is not None)
    if wanted.submitted_after:
        yield columns.requested_at >= wanted.submitted_after
    if wanted.submitted_before:
        yield columns.requested_at <= wanted.submitted_before
    if wanted.about:
        yield or_(columns.user_id == wanted.about, columns.filed_by == wanted.about)


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(row["action"], row["actor_id"], row["note"], row["timestamp"])


def _request(row: RowMapping) -> DataRequest:
    fields = dict(row)
    fields["status"] = Status(fields["status"])
    fields["request_type"] = RequestType(fields["request_type"])
    fields["denial"] = Denial(fields["denial"]) if fields["denial"] else None
    return DataRequest(**fields)
