"""Manifests of exports. The bytes lie on the shelf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, func, select

from fixnado.compliance.model.exports import Chunk, Dataset, Export
from fixnado.compliance.store.tables import export_chunks, exports
from fixnado.platform.database import UnitOfWork
from fixnado.platform.streaming import stream


def add(unit: UnitOfWork, export: Export) -> None:
    head = {name: value for name, value in asdict(export).items() if name != "chunks"}
    unit.connection.execute(exports.insert(), {**head, "datasets": list(head["datasets"])})
    rows = [{"export_id": export.id, **asdict(chunk)} for chunk in export.chunks]
    if rows:
        unit.connection.execute(export_chunks.insert(), rows)


def latest(unit: UnitOfWork, request_id: str) -> Export | None:
    query = select(exports).where(exports.c.request_id == request_id)
    newest = query.order_by(exports.c.created_at.desc(), exports.c.id).limit(1)
    row = unit.connection.execute(newest).mappings().first()
    return _export(unit, row) if row else None


def of_requests(unit: UnitOfWork, request_ids: list[str]) -> list[str]:
    """The ids of all exports of these requests."""
    query = select(exports.c.id).where(exports.c.request_id.in_(request_ids))
    return list(unit.connection.execute(query).scalars())


def created_before(unit: UnitOfWork, moment: datetime) -> Iterator[str]:
    query = select(exports.c.id).where(exports.c.created_at < moment).order_by(exports.c.id)
    return (row["id"] for row in stream(unit, query))


def total(unit: UnitOfWork) -> int:
    return int(unit.connection.execute(select(func.count()).select_from(exports)).scalar_one())


def remove(unit: UnitOfWork, export_ids: list[str]) -> int:
    mine = export_chunks.c.export_id.in_(export_ids)
    unit.connection.execute(delete(export_chunks).where(mine))
    gone = unit.connection.execute(delete(exports).where(exports.c.id.in_(export_ids)))
    return gone.rowcount


def _export(unit: UnitOfWork, row: RowMapping) -> Export:
    query = select(export_chunks).where(export_chunks.c.export_id == row["id"])
    found = unit.connection.execute(query.order_by(export_chunks.c.index)).mappings()
    chunks = tuple(
        Chunk(**{name: value for name, value in one.items() if name != "export_id"})
        for one in found
    )
    fields: dict[str, Any] = dict(row)
    fields["datasets"] = tuple(Dataset(**one) for one in fields["datasets"])
    return Export(**fields, chunks=chunks)
