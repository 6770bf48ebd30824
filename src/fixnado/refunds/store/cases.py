"""Cases with their notes and evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping, func, or_, select
from sqlalchemy import update as sql_update

from fixnado.platform.database import UnitOfWork
from fixnado.platform.streaming import stream
from fixnado.refunds.model.cases import QUEUES, Case, Evidence, Note, Outcome, Queue, Status
from fixnado.refunds.store.tables import cases, evidence, notes


def add(unit: UnitOfWork, case: Case) -> None:
    unit.connection.execute(cases.insert(), asdict(case))


def change(unit: UnitOfWork, case_id: str, **values: Any) -> None:
    unit.connection.execute(sql_update(cases).where(cases.c.id == case_id).values(**values))


def get(unit: UnitOfWork, case_id: str) -> Case | None:
    """By id or by reference."""
    named = or_(cases.c.id == case_id, cases.c.reference == case_id)
    row = unit.connection.execute(select(cases).where(named)).mappings().first()
    return _case(row) if row else None


def live_about(unit: UnitOfWork, milestone_id: str) -> Case | None:
    """A case about this milestone that was not declined."""
    about = cases.c.milestone_id == milestone_id
    query = select(cases).where(about, cases.c.status != Status.DECLINED.value)
    row = unit.connection.execute(query).mappings().first()
    return _case(row) if row else None


def find(
    unit: UnitOfWork,
    *,
    buyer_id: str | None,
    queue: Queue | None,
    status: Status | None,
    limit: int,
) -> list[Case]:
    """The ones that wait longest first."""
    query = select(cases).order_by(cases.c.opened_at, cases.c.id).limit(limit)
    if buyer_id is not None:
        query = query.where(or_(cases.c.buyer_id == buyer_id, cases.c.opened_by == buyer_id))
    if queue is not None:
        within = [one.value for one in Status if QUEUES[one] is queue]
        query = query.where(cases.c.status.in_(within))
    if status is not None:
        query = query.where(cases.c.status == status.value)
    return [_case(row) for row in unit.connection.execute(query).mappings()]


def note(unit: UnitOfWork, case_id: str, entry: Note) -> None:
    """Append to the notes."""
    mine = notes.c.case_id == case_id
    last = unit.connection.execute(select(func.max(notes.c.position)).where(mine)).scalar() or 0
    row = {"case_id": case_id, "position": last + 1, **asdict(entry)}
    unit.connection.execute(notes.insert(), row)


def notes_of(unit: UnitOfWork, case_ids: list[str]) -> dict[str, list[Note]]:
    """The notes of each case, in order."""
    query = select(notes).where(notes.c.case_id.in_(case_ids))
    found: dict[str, list[Note]] = {}
    ordered = query.order_by(notes.c.case_id, notes.c.position)
    for row in unit.connection.execute(ordered).mappings():
        entry = Note(row["kind"], row["actor_id"], row["text"], row["at"])
        found.setdefault(row["case_id"], []).append(entry)
    return found


def add_evidence(unit: UnitOfWork, added: Evidence) -> None:
    unit.connection.execute(evidence.insert(), asdict(added))


def evidence_of(unit: UnitOfWork, case_ids: list[str]) -> dict[str, list[Evidence]]:
    """The evidence of each case, as it came in."""
    query = select(evidence).where(evidence.c.case_id.in_(case_ids))
    found: dict[str, list[Evidence]] = {}
    ordered = query.order_by(evidence.c.added_at, evidence.c.id)
    for row in unit.connection.execute(ordered).mappings():
        found.setdefault(row["case_id"], []).append(Evidence(**row))
    return found


def of_subject(unit: UnitOfWork, user_id: str) -> Iterator[Case]:
    """Every case of one buyer, in order of time, streamed."""
    query = select(cases).where(cases.c.buyer_id == user_id)
    ordered = query.order_by(cases.c.opened_at, cases.c.id)
    return (_case(row) for row in stream(unit, ordered))


def count(unit: UnitOfWork, user_id: str | None) -> int:
    """How many cases one buyer has, or everybody."""
    query = select(func.count()).select_from(cases)
    if user_id is not None:
        query = query.where(cases.c.buyer_id == user_id)
    return int(unit.connection.execute(query).scalar_one())


def by_status(unit: UnitOfWork) -> dict[str, int]:
    """How many cases there are in each status; every status is there, if with none."""
    query = select(cases.c.status, func.count()).group_by(cases.c.status)
    found = {str(status): int(number) for status, number in unit.connection.execute(query)}
    return {one.value: found.get(one.value, 0) for one in Status}


def _case(row: RowMapping) -> Case:
    fields = dict(row)
    fields["status"] = Status(fields["status"])
    fields["preferred_outcome"] = Outcome(fields["preferred_outcome"])
    fields["outcome"] = Outcome(fields["outcome"]) if fields["outcome"] else None
    return Case(**fields)
