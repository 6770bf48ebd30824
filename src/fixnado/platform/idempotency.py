"""The same request twice has one effect and one answer.

A key is claimed in a short transaction of its own; the answer is kept in the very transaction that
did the work. A process that dies in between leaves a claim that lapses, and nothing done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import Header
from sqlalchemy import Column, Integer, String, Table, Text, delete, select
from sqlalchemy import update as sql_update
from sqlalchemy.dialects import postgresql, sqlite
from starlette.responses import Response

from fixnado.platform.access import Principal
from fixnado.platform.database import Database, UnitOfWork, UtcMoment, metadata
from fixnado.platform.errors import BadRequest, Conflict, Invalid
from fixnado.platform.ids import new_id
from fixnado.platform.wire import Incoming, Outgoing

RETENTION: Final = timedelta(days=30)
"""How long a key is kept, unless it moved money: then for ever."""
LEASE: Final = timedelta(seconds=60)
REPLAYED: Final = "Idempotency-Replayed"

IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")
]

keys = Table(
    "idempotency_keys",
    metadata,
    Column("owner_id", String(36), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("operation", String(64), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("claim", String(36), nullable=False),
    Column("claimed_until", UtcMoment, nullable=False),
    Column("status", Integer),
    Column("answer", Text),
    Column("expires_at", UtcMoment),
)


@dataclass(frozen=True)
class Ask:
    """One request that wants to happen once.

    `operation` names what is done and to what (`refunds.decide:<id>`); `for_ever` is for money,
    which takes no request without a key.
    """

    caller: Principal
    key: str | None
    operation: str
    payload: Incoming | None
    status: int = 201
    for_ever: bool = False

    @property
    def fingerprint(self) -> str:
        body = self.payload.model_dump_json() if self.payload else ""
        return hashlib.sha256(f"{self.operation}\0{body}".encode()).hexdigest()


def once(
    database: Database,
    ask: Ask,
    work: Callable[[UnitOfWork], Outgoing],
    *,
    before: Callable[[], None] = lambda: None,
) -> Response:
    """Do `work`, or answer as it was answered before.

    `before` runs outside any transaction, and only where the work is going to be done: for what
    takes long or touches more than the database.

    BadRequest without a key where money needs one; Invalid for a key that came with another
    payload; Conflict while the first request with that key is under way.
    """
    if ask.key is None:
        if ask.for_ever:
            raise BadRequest("this moves money: send an Idempotency-Key")
        before()
        return _answer(ask.status, database.write(work).model_dump_json(by_alias=True))
    claim = new_id()
    earlier = database.write(lambda unit: _claim(unit, ask, claim))
    if earlier is not None:
        return _answer(*earlier, replayed=True)
    try:
        before()
        body = database.write(lambda unit: _finish(unit, ask, claim, work(unit)))
    except BaseException:
        database.write(lambda unit: _release(unit, ask, claim))
        raise
    return _answer(ask.status, body)


def forget(unit: UnitOfWork, user_id: str) -> None:
    """Drop the answers kept for one person, which repeat their words; money's are records."""
    theirs = (keys.c.owner_id == user_id) & keys.c.expires_at.is_not(None)
    unit.connection.execute(delete(keys).where(theirs))


def sweep(unit: UnitOfWork) -> None:
    """Drop every answer whose time is over: its key may be used anew as it is."""
    unit.connection.execute(delete(keys).where(keys.c.expires_at <= unit.now))


def _claim(unit: UnitOfWork, ask: Ask, claim: str) -> tuple[int, str] | None:
    """The earlier answer, or None when the work is ours to do."""
    mine = (keys.c.owner_id == ask.caller.user_id) & (keys.c.key == ask.key)
    row = unit.connection.execute(select(keys).where(mine)).mappings().first()
    if row and row["expires_at"] and row["expires_at"] <= unit.now:
        unit.connection.execute(delete(keys).where(mine))
        row = None
    if row is None:
        _insert(unit, ask, claim)
        return None
    if row["fingerprint"] != ask.fingerprint:
        raise Invalid("this Idempotency-Key came with another request before")
    if row["status"] is not None:
        return int(row["status"]), str(row["answer"])
    if row["claimed_until"] > unit.now:
        raise _in_flight()
    lapsed = {"claim": claim, "claimed_until": unit.now + LEASE}
    unit.connection.execute(sql_update(keys).where(mine).values(lapsed))
    return None


def _insert(unit: UnitOfWork, ask: Ask, claim: str) -> None:
    dialect = postgresql if unit.connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(keys).values(
        owner_id=ask.caller.user_id,
        key=ask.key,
        operation=ask.operation[:64],
        fingerprint=ask.fingerprint,
        claim=claim,
        claimed_until=unit.now + LEASE,
    )
    if unit.connection.execute(statement.on_conflict_do_nothing()).rowcount == 0:
        raise _in_flight()


def _finish(unit: UnitOfWork, ask: Ask, claim: str, view: Outgoing) -> str:
    body = view.model_dump_json(by_alias=True)
    kept = (
        sql_update(keys)
        .where(keys.c.claim == claim)
        .values(
            status=ask.status,
            answer=body,
            expires_at=None if ask.for_ever else unit.now + RETENTION,
        )
    )
    if unit.connection.execute(kept).rowcount != 1:
        raise Conflict("another request with this Idempotency-Key took over; ask again")
    return body


def _release(unit: UnitOfWork, ask: Ask, claim: str) -> None:
    mine = (keys.c.owner_id == ask.caller.user_id) & (keys.c.key == ask.key)
    undone = mine & (keys.c.claim == claim) & keys.c.status.is_(None)
    unit.connection.execute(delete(keys).where(undone))


def _in_flight() -> Conflict:
    return Conflict("a request with this Idempotency-Key is under way")


def _answer(status: int, body: str, *, replayed: bool = False) -> Response:
    headers = {REPLAYED: "true"} if replayed else {}
    return Response(body, status_code=status, media_type="application/json", headers=headers)
