"""Announcements in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, String, Table, func, select
from sqlalchemy import Text as SqlText

from fixnado.platform.database import UnitOfWork, UtcMoment, metadata
from fixnado.timeline.model import Announcement

announcements = Table(
    "announcements",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("body", SqlText, nullable=False),
    Column("audience", String(16), nullable=False),
    Column("published_at", UtcMoment, nullable=False),
)


def add(unit: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        unit.connection.execute(announcements.insert(), list(rows))


def count(unit: UnitOfWork) -> int:
    return int(
        unit.connection.execute(select(func.count()).select_from(announcements)).scalar_one()
    )


def recent(unit: UnitOfWork, audiences: Sequence[str], limit: int) -> list[Announcement]:
    """The newest for any of `audiences`."""
    query = select(announcements).where(announcements.c.audience.in_(audiences))
    ordered = query.order_by(announcements.c.published_at.desc(), announcements.c.id).limit(limit)
    return [Announcement(**row) for row in unit.connection.execute(ordered).mappings()]
