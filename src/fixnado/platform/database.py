"""The database and units of work: SQLite by default, PostgreSQL by URL.

SQLAlchemy's defaults lose updates on SQLite without a word. Here a unit of work that writes
begins with `BEGIN IMMEDIATE` on SQLite, and is `SERIALIZABLE` and repeated on PostgreSQL, so a
value that was read is still true when it is written back.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    QueuePool,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import DBAPIError, OperationalError

from fixnado.platform.errors import StartRefused, Unavailable
from fixnado.platform.moments import Clock, utc_now

T = TypeVar("T")

metadata = MetaData()

BUSY_TIMEOUT_MS: Final = 30_000
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
)
_ATTEMPTS: Final = 40
_REPEATABLE: Final = frozenset({"40001", "40P01"})
"""PostgreSQL's serialisation failure and deadlock: the transaction may simply run again."""


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment; SQLite keeps it as UTC text, PostgreSQL as `timestamptz`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@dataclass(frozen=True)
class UnitOfWork:
    """One transaction: its connection and the one moment at which all of it happens."""

    connection: Connection
    now: datetime


class Database:
    """Units of work over one database."""

    def __init__(self, url: str, *, clock: Clock = utc_now) -> None:
        parsed = make_url(url)
        self.clock = clock
        self.sqlite = parsed.drivername in ("sqlite", "sqlite+pysqlite")
        if not self.sqlite and parsed.drivername != "postgresql+psycopg":
            raise StartRefused(
                f"{parsed.drivername} is no database that Fixnado runs on: "
                "use sqlite:////path/to/file.db or postgresql+psycopg://…"
            )
        self.path = Path(parsed.database or "") if self.sqlite else None
        self.engine = _sqlite(self.path) if self.path is not None else _postgresql(url)

    def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` on one consistent state of the database."""
        with self.snapshot() as unit:
            return work(unit)

    @contextmanager
    def snapshot(self) -> Iterator[UnitOfWork]:
        """One consistent state, held open while it is streamed from."""
        with _translated(), self._begin(writes=False) as connection:
            yield UnitOfWork(connection, self.clock())

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` in one transaction; it may run again, so it touches the database alone."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._begin(writes=True) as connection:
                    return work(UnitOfWork(connection, self.clock()))
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) in _REPEATABLE and attempt < _ATTEMPTS:
                    time.sleep(random.uniform(0, 0.002 * min(attempt, 20)))  # noqa: S311
                    continue
                if isinstance(error, OperationalError):
                    raise Unavailable("the database does not answer") from error
                raise
        raise AssertionError("the last attempt either returns or raises")

    def close(self) -> None:
        """Give every pooled connection back to the operating system."""
        self.engine.dispose()

    @contextmanager
    def _begin(self, *, writes: bool) -> Iterator[Connection]:
        options: dict[str, Any] = {"fixnado_writes": writes}
        if not self.sqlite:
            options["isolation_level"] = "SERIALIZABLE" if writes else "REPEATABLE READ"
            options["postgresql_readonly"] = not writes
        with self.engine.connect() as plain:
            connection = plain.execution_options(**options)
            with connection.begin():
                yield connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise Unavailable("the database does not answer") from error


def _sqlite(path: Path) -> Engine:
    address = f"{path.absolute().as_uri()}?mode=rw"

    def connect() -> sqlite3.Connection:
        # Only `migrate` makes the file. By default a connection made while it is away would make
        # an empty one, and stay in the pool with it after the real one is back.
        return sqlite3.connect(address, uri=True, timeout=30, check_same_thread=False)

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        hide_parameters=True,
        pool_size=10,
        max_overflow=40,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("fixnado_writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=10,
        max_overflow=40,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5},
    )
