"""The schema's revision: bring it up to date, and refuse to run on one that is too old."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import inspect, text

from fixnado.platform.database import Database, UnitOfWork
from fixnado.platform.errors import StartRefused

REQUIRED: Final = "0009"
"""The oldest revision that this code runs on. A newer one is fine: revisions only add."""
_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 7_041_776
"""PostgreSQL's advisory lock for migrations: any number, as long as it is always this one."""


def migrate(database: Database) -> str:
    """Apply every missing revision in one transaction; the revision afterwards.

    Blue and green may do this at the same moment: the second waits, and finds nothing to do.
    """
    from alembic import command
    from alembic.config import Config

    if database.path is not None:
        database.path.parent.mkdir(parents=True, exist_ok=True)
        database.path.touch()

    def apply(unit: UnitOfWork) -> str:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = unit.connection
        command.upgrade(config, "head")
        return revision(unit)

    with _turn(database):
        return database.write(apply)


@contextmanager
def _turn(database: Database) -> Iterator[None]:
    """Wait for our turn before the transaction begins: it would not see what it waited for."""
    if database.sqlite:
        yield  # BEGIN IMMEDIATE waits and sees
        return
    with database.engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})


def revision(unit: UnitOfWork) -> str:
    """The revision that the database is at; "" when it was never migrated."""
    if not inspect(unit.connection).has_table("alembic_version"):
        return ""
    found = unit.connection.execute(text("SELECT version_num FROM alembic_version"))
    return str(found.scalar_one_or_none() or "")


def demand(database: Database) -> str:
    """The revision; StartRefused where there is no database or one that is too old."""
    hint = "run `python -m fixnado migrate --database URL` first"
    if database.path is not None and not database.path.is_file():
        raise StartRefused(f"{database.path}: no such database; {hint}")
    found = database.read(revision)
    if found < REQUIRED:
        raise StartRefused(
            f"the database is at revision {found or 'none'}, {REQUIRED} is needed; {hint}"
        )
    return found
