"""What a start is refused for, in words that help."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixnado.platform.database import Database, UtcMoment
from fixnado.platform.errors import StartRefused, Unavailable
from fixnado.platform.moments import rfc3339
from fixnado.platform.settings import Settings, read_secret


def _settings(tmp_path: Path, **more: object) -> Settings:
    known = {
        "database_url": "sqlite:///x?password=hidden",
        "instance": "blue",
        "version": "1.00",
        "runtime": tmp_path,
        "secret": b"s" * 32,
    }
    return Settings(**{**known, **more})  # type: ignore[arg-type]


def test_settings_never_show_secrets(tmp_path: Path) -> None:
    shown = repr(_settings(tmp_path))
    assert "ssss" not in shown
    assert "hidden" not in shown


def test_a_fault_needs_a_rehearsal(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="--rehearsal"):
        _settings(tmp_path, fault="5xx")
    with pytest.raises(StartRefused, match="no such fault"):
        _settings(tmp_path, fault="gremlins", rehearsal=True)
    assert _settings(tmp_path, fault="5xx", rehearsal=True).fault == "5xx"


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ("ab" * 32, 0o644, "chmod 600"),
        ("sixty-four?", 0o600, "hexadecimal"),
        ("ab" * 31, 0o600, "31 bytes"),
        ("", 0o600, "0 bytes"),
        ("é", 0o600, "can't be read"),
    ],
)
def test_a_secret_that_is_none(tmp_path: Path, text: str, mode: int, words: str) -> None:
    path = tmp_path / "secret"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(StartRefused, match=words) as refusal:
        read_secret(path)
    assert not text or text not in str(refusal.value)


def test_a_secret_is_read(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    path.write_text("ab" * 32 + "\n")
    assert read_secret(path) == bytes.fromhex("ab" * 32)


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://x/y", "sqlite+aiosqlite:///x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StartRefused):
        Database(url)


def test_naive_moments_are_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        rfc3339(datetime(2024, 1, 1))  # noqa: DTZ001
    database = Database("sqlite:///never-opened.db")
    with pytest.raises(ValueError, match="without a time zone"):
        UtcMoment().process_bind_param(
            datetime(2024, 1, 1),  # noqa: DTZ001
            database.engine.dialect,
        )
    assert rfc3339(datetime(2024, 1, 1, tzinfo=UTC)) == "2024-01-01T00:00:00.000Z"
    database.close()


def test_sqlite_runs_with_the_measured_settings(tmp_path: Path) -> None:
    path = tmp_path / "with space.db"
    database = Database(f"sqlite:///{path}")
    with pytest.raises(Unavailable):
        database.read(lambda unit: unit)
    assert not path.exists(), "only a migration makes the file"
    path.touch()

    def pragmas(unit) -> dict[str, object]:  # type: ignore[no-untyped-def]
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return {name: unit.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    assert database.read(pragmas) == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }
    database.close()


def test_a_unit_of_work_that_writes_holds_the_lock_from_its_first_moment(tmp_path: Path) -> None:
    path = tmp_path / "locked.db"
    database = Database(f"sqlite:///{path}")
    other = sqlite3.connect(path, timeout=0, isolation_level=None)

    def work(_unit: object) -> None:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")

    database.write(work)
    other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.close()
    database.close()


def test_a_database_that_is_not_there_is_unavailable() -> None:
    database = Database("postgresql+psycopg://nobody@/none?host=/nowhere/at/all")
    with pytest.raises(Unavailable):
        database.read(lambda unit: unit.now)
    with pytest.raises(Unavailable):
        database.write(lambda unit: unit.now)
    database.close()
