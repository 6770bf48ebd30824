"""People, sessions and failed attempts in the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    RowMapping,
    String,
    Table,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy import update as sql_update
from sqlalchemy.dialects import postgresql, sqlite

from fixnado.identity.model import Failures, Person, Session
from fixnado.platform.access import Role
from fixnado.platform.database import UnitOfWork, UtcMoment, metadata
from fixnado.platform.streaming import in_batches, stream

users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("phone", String(32)),
    Column("role", String(32), nullable=False),
    Column("region", String(8), nullable=False),
    Column("password_hash", String(200)),
    Column("created_at", UtcMoment, nullable=False),
)
sessions = Table(
    "sessions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("access_hash", String(64), nullable=False, unique=True),
    Column("refresh_hash", String(64), nullable=False, unique=True),
    Column("previous_refresh_hash", String(64)),
    Column("issued_at", UtcMoment, nullable=False),
    Column("expires_at", UtcMoment, nullable=False),
    Column("refresh_expires_at", UtcMoment, nullable=False),
    Column("ended_at", UtcMoment),
)
login_failures = Table(
    "login_failures",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("window_ends_at", UtcMoment, nullable=False),
)


def person_by_email(unit: UnitOfWork, email: str) -> Person | None:
    row = unit.connection.execute(select(users).where(users.c.email == email)).mappings().first()
    return _person(row) if row else None


def person(unit: UnitOfWork, user_id: str) -> Person | None:
    row = unit.connection.execute(select(users).where(users.c.id == user_id)).mappings().first()
    return _person(row) if row else None


def names(unit: UnitOfWork, user_ids: Sequence[str]) -> dict[str, str]:
    """Display name by id, of those that exist."""
    query = select(users.c.id, users.c.name).where(users.c.id.in_(user_ids))
    return {row.id: row.name for row in unit.connection.execute(query)}


def page(unit: UnitOfWork, after: str, limit: int) -> list[Person]:
    """The next `limit` accounts by id, beginning after the id `after`."""
    query = select(users).where(users.c.id > after).order_by(users.c.id).limit(limit)
    return [_person(row) for row in unit.connection.execute(query).mappings()]


def add_people(unit: UnitOfWork, people: Sequence[Mapping[str, Any]]) -> None:
    if people:
        unit.connection.execute(users.insert(), list(people))


def set_password(unit: UnitOfWork, user_id: str, password_hash: str, role: str) -> None:
    changed = sql_update(users).where(users.c.id == user_id)
    unit.connection.execute(changed.values(password_hash=password_hash, role=role))


def add_session(unit: UnitOfWork, session: Session, access_hash: str, refresh_hash: str) -> None:
    unit.connection.execute(
        sessions.insert().values(
            id=session.id,
            user_id=session.user_id,
            access_hash=access_hash,
            refresh_hash=refresh_hash,
            issued_at=session.issued_at,
            expires_at=session.expires_at,
            refresh_expires_at=session.refresh_expires_at,
        )
    )


def session_by_access(unit: UnitOfWork, access_hash: str) -> tuple[Session, Role] | None:
    """The session of a token with the role that its person has now."""
    query = (
        select(sessions, users.c.role)
        .join(users, users.c.id == sessions.c.user_id)
        .where(sessions.c.access_hash == access_hash)
    )
    row = unit.connection.execute(query).mappings().first()
    return (_session(row), Role(row["role"])) if row else None


def session_by_refresh(unit: UnitOfWork, refresh_hash: str) -> tuple[Session, bool] | None:
    """The session of a refresh token, and whether it is the current one (not a spent one)."""
    query = select(sessions).where(
        or_(
            sessions.c.refresh_hash == refresh_hash,
            sessions.c.previous_refresh_hash == refresh_hash,
        )
    )
    row = unit.connection.execute(query).mappings().first()
    return (_session(row), row["refresh_hash"] == refresh_hash) if row else None


def renew_session(
    unit: UnitOfWork, session: Session, access_hash: str, refresh_hash: str, spent_hash: str
) -> None:
    unit.connection.execute(
        sql_update(sessions)
        .where(sessions.c.id == session.id)
        .values(
            access_hash=access_hash,
            refresh_hash=refresh_hash,
            previous_refresh_hash=spent_hash,
            expires_at=session.expires_at,
        )
    )


def end_session(unit: UnitOfWork, session_id: str) -> None:
    open_one = sql_update(sessions).where(
        sessions.c.id == session_id, sessions.c.ended_at.is_(None)
    )
    unit.connection.execute(open_one.values(ended_at=unit.now))


def end_sessions(unit: UnitOfWork, user_id: str) -> None:
    """End every open session of one person."""
    theirs = sql_update(sessions).where(
        sessions.c.user_id == user_id, sessions.c.ended_at.is_(None)
    )
    unit.connection.execute(theirs.values(ended_at=unit.now))


def failures(unit: UnitOfWork, key: str) -> Failures | None:
    query = select(login_failures).where(login_failures.c.key == key)
    row = unit.connection.execute(query).mappings().first()
    return Failures(row["failures"], row["window_ends_at"]) if row else None


def keep_failures(unit: UnitOfWork, key: str, count: int, window_ends_at: datetime) -> None:
    values = {"failures": count, "window_ends_at": window_ends_at}
    dialect = postgresql if unit.connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(login_failures).values(key=key, **values)
    unit.connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def forget_failures(unit: UnitOfWork, key: str) -> None:
    unit.connection.execute(delete(login_failures).where(login_failures.c.key == key))


def count_people(unit: UnitOfWork) -> int:
    return int(unit.connection.execute(select(func.count()).select_from(users)).scalar_one())


def anonymise(unit: UnitOfWork, user_id: str) -> int:
    """Empty an account and close it for ever; 1, or 0 where there was none."""
    emptied = {
        "email": f"erased-{user_id}@erased.invalid",
        "name": "Erased person",
        "phone": None,
        "password_hash": None,
    }
    statement = sql_update(users).where(users.c.id == user_id).values(emptied)
    return unit.connection.execute(statement).rowcount


def sessions_of(unit: UnitOfWork, user_id: str) -> Iterator[Session]:
    """In order of their beginning, streamed."""
    query = select(sessions).where(sessions.c.user_id == user_id)
    ordered = query.order_by(sessions.c.issued_at, sessions.c.id)
    return (_session(row) for row in stream(unit, ordered))


def count_sessions(unit: UnitOfWork, user_id: str | None) -> int:
    """Those of one person, or of everybody."""
    query = select(func.count()).select_from(sessions)
    if user_id is not None:
        query = query.where(sessions.c.user_id == user_id)
    return int(unit.connection.execute(query).scalar_one())


def sessions_over_before(unit: UnitOfWork, moment: datetime) -> Iterator[str]:
    query = select(sessions.c.id).where(sessions.c.refresh_expires_at < moment)
    return (row["id"] for row in stream(unit, query.order_by(sessions.c.id)))


def delete_sessions(unit: UnitOfWork, session_ids: Sequence[str]) -> int:
    return in_batches(unit, session_ids, lambda ids: delete(sessions).where(sessions.c.id.in_(ids)))


def _person(row: RowMapping) -> Person:
    return Person(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        phone=row["phone"],
        role=Role(row["role"]),
        region=row["region"],
        created_at=row["created_at"],
        password_hash=row["password_hash"],
    )


def _session(row: RowMapping) -> Session:
    return Session(
        id=row["id"],
        user_id=row["user_id"],
        issued_at=row["issued_at"],
        expires_at=row["expires_at"],
        refresh_expires_at=row["refresh_expires_at"],
        ended_at=row["ended_at"],
    )
