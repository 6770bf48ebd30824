"""What was seeded, so that it is not done twice."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, select

from fixnado.platform.database import UnitOfWork, UtcMoment, metadata

seedings = Table(
    "seedings",
    metadata,
    Column("seed", BigInteger, primary_key=True),
    Column("users", Integer, nullable=False),
    Column("orders", Integer, nullable=False),
    Column("seeded_at", UtcMoment, nullable=False),
)


def already(unit: UnitOfWork) -> int | None:
    """The seed of the data that is there, or None."""
    found = unit.connection.execute(select(seedings.c.seed)).first()
    return int(found[0]) if found else None


def note(unit: UnitOfWork, seed: int, users: int, orders: int) -> None:
    row = {"seed": seed, "users": users, "orders": orders, "seeded_at": unit.now}
    unit.connection.execute(seedings.insert(), row)
