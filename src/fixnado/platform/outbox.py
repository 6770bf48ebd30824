"""What another system must be told, posted in the transaction that makes it true.

At least once: a parcel stays until its delivery is settled. One at a time in each lane: a parcel
waits for those before it, so two instances never work for the same case at once. Whoever takes a
parcel has it for a lease; a dead process's lease lapses and somebody else takes over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Integer, Select, String, Table, Text, and_, or_, select
from sqlalchemy import update as sql_update

from fixnado.platform.database import UnitOfWork, UtcMoment, metadata
from fixnado.platform.ids import new_id

ERROR_LIMIT: Final = 200

parcels = Table(
    "outbox",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("topic", String(64), nullable=False),
    Column("lane", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("posted_at", UtcMoment, nullable=False),
    Column("due_at", UtcMoment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claim", String(36)),
    Column("claimed_until", UtcMoment),
    Column("settled_at", UtcMoment),
    Column("last_error", String(ERROR_LIMIT)),
)


@dataclass(frozen=True)
class Parcel:
    """One delivery that was taken, by the holder of `claim`."""

    number: int
    topic: str
    lane: str
    payload: Mapping[str, Any]
    attempts: int
    """This one included."""
    claim: str


@dataclass(frozen=True)
class Progress:
    """How far a parcel has come."""

    number: int
    attempts: int
    due_at: datetime
    settled_at: datetime | None
    last_error: str | None


class ClaimLost(Exception):
    """The lease lapsed and somebody else has the parcel: stop, and settle nothing."""


Settle = Callable[[UnitOfWork], None]
"""What becomes true in the database once a parcel has been delivered."""


def post(unit: UnitOfWork, topic: str, lane: str, payload: Mapping[str, Any]) -> int:
    """Post a parcel; its number. It is due at once."""
    row = {
        "topic": topic,
        "lane": lane,
        "payload": json.dumps(payload),
        "posted_at": unit.now,
        "due_at": unit.now,
        "attempts": 0,
    }
    made = unit.connection.execute(parcels.insert().values(row))
    number = made.inserted_primary_key
    assert number is not None
    return int(number[0])


def any_due(unit: UnitOfWork, topics: Sequence[str]) -> bool:
    """Whether there is something to take. Reads only, so asking often disturbs nobody."""
    return unit.connection.execute(_due(unit, topics)).first() is not None


def take(unit: UnitOfWork, topics: Sequence[str], lease: timedelta) -> Parcel | None:
    """Take the parcel that has been due longest, or None when none is."""
    query = _due(unit, topics)
    if unit.connection.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    row = unit.connection.execute(query).mappings().first()
    if row is None:
        return None
    claim = new_id()
    taken = {
        "claim": claim,
        "claimed_until": unit.now + lease,
        "attempts": row["attempts"] + 1,
    }
    this = parcels.c.number == row["number"]
    unit.connection.execute(sql_update(parcels).where(this).values(taken))
    payload = json.loads(row["payload"])
    return Parcel(row["number"], row["topic"], row["lane"], payload, row["attempts"] + 1, claim)


def keep(unit: UnitOfWork, parcel: Parcel, lease: timedelta) -> None:
    """Renew the lease; ClaimLost where somebody else has taken over."""
    _change(unit, parcel, {"claimed_until": unit.now + lease})


def settle(unit: UnitOfWork, parcel: Parcel, then: Settle) -> None:
    """The parcel was delivered: `then` becomes true with it, or neither does (ClaimLost)."""
    done = {"settled_at": unit.now, "claim": None, "claimed_until": None, "last_error": None}
    _change(unit, parcel, done)
    then(unit)


def give_back(unit: UnitOfWork, parcel: Parcel, error: str, wait: timedelta) -> None:
    """It could not be delivered: due again after `wait`."""
    later = {
        "due_at": unit.now + wait,
        "claim": None,
        "claimed_until": None,
        "last_error": error[:ERROR_LIMIT],
    }
    _change(unit, parcel, later)


def progress(unit: UnitOfWork, numbers: Sequence[int]) -> dict[int, Progress]:
    """How far these parcels have come, by number."""
    wanted = [parcels.c[name] for name in Progress.__dataclass_fields__]
    query = select(*wanted).where(parcels.c.number.in_(numbers))
    found = (Progress(**row) for row in unit.connection.execute(query).mappings())
    return {one.number: one for one in found}


def _due(unit: UnitOfWork, topics: Sequence[str]) -> Select[Any]:
    earlier = parcels.alias("earlier")
    first_of_lane = ~(
        select(earlier.c.number)
        .where(
            earlier.c.lane == parcels.c.lane,
            earlier.c.settled_at.is_(None),
            earlier.c.number < parcels.c.number,
        )
        .exists()
    )
    free = or_(parcels.c.claimed_until.is_(None), parcels.c.claimed_until <= unit.now)
    waiting = and_(parcels.c.settled_at.is_(None), parcels.c.due_at <= unit.now)
    query = select(parcels).where(parcels.c.topic.in_(topics), waiting, free, first_of_lane)
    return query.order_by(parcels.c.due_at, parcels.c.number).limit(1)


def _change(unit: UnitOfWork, parcel: Parcel, values: Mapping[str, Any]) -> None:
    mine = (parcels.c.number == parcel.number) & (parcels.c.claim == parcel.claim)
    if unit.connection.execute(sql_update(parcels).where(mine).values(values)).rowcount != 1:
        raise ClaimLost
