"""The console's own SQLite file under the state directory."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from golive.kernel.errors import GoliveError

_SCHEMA = Path(__file__).with_name("schema.sql")


class Store:
    """One connection, one writer at a time; other processes (`golive invite`) may write too.

    Every statement here takes well under a millisecond, so threads take turns.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / "console.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
        except OSError as error:
            raise GoliveError(
                f"can't write the console's folder: {error.strerror}",
                where=str(folder),
                hint="give another folder with --state, or make room",
            ) from error
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        # FULL: what a person has been told is done must survive the machine, not the process alone.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA.read_text(encoding="utf-8"))

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or, when it raises, nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        with self._lock:
            found: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
            return found

    def all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def secret(self, name: str) -> bytes:
        """A random secret of this state directory, made when first asked for."""
        with self.writing() as db:
            db.execute(
                "INSERT OR IGNORE INTO secret VALUES (?, ?)", (name, secrets.token_bytes(32))
            )
            return bytes(
                db.execute("SELECT value FROM secret WHERE name = ?", (name,)).fetchone()[0]
            )

    def close(self) -> None:
        with self._lock:
            self._db.close()
