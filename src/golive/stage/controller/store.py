"""Everything that the controller knows, in one SQLite table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from golive.stage.controller.records import Record

_TABLE = """
CREATE TABLE IF NOT EXISTS thing (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind   TEXT NOT NULL,
    name   TEXT NOT NULL,
    body   TEXT NOT NULL,
    UNIQUE (kind, name)
)
"""
_PUT = """
INSERT INTO thing (kind, name, body) VALUES (?, ?, ?)
ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body
"""
Body = Mapping[str, Any]
_DEPLOYMENT = "deployment"


class Store:
    """Things by kind and name, in the order in which they were made. One thread only."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute("PRAGMA busy_timeout = 5000")
        self._database.execute(_TABLE)

    def close(self) -> None:
        self._database.close()

    def get(self, kind: str, name: str) -> Body | None:
        found = self._database.execute(
            "SELECT body FROM thing WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        return json.loads(found[0]) if found else None

    def put(self, kind: str, name: str, body: Body) -> None:
        self._database.execute(_PUT, (kind, name, json.dumps(body)))

    def delete(self, kind: str, name: str) -> None:
        self._database.execute("DELETE FROM thing WHERE kind = ? AND name = ?", (kind, name))

    def all(self, kind: str) -> Iterator[tuple[str, Body]]:
        rows = self._database.execute(
            "SELECT name, body FROM thing WHERE kind = ? ORDER BY number", (kind,)
        ).fetchall()
        for name, body in rows:
            yield name, json.loads(body)

    # -- deployments ----------------------------------------------------------------------------

    def deployment(self, identifier: str) -> Record | None:
        found = self.get(_DEPLOYMENT, identifier)
        return Record.from_json(found) if found else None

    def deployments(self) -> Sequence[Record]:
        """Newest first."""
        return [Record.from_json(body) for _, body in self.all(_DEPLOYMENT)][::-1]

    def save(self, *records: Record) -> None:
        """All of `records` or none."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            for record in records:
                self.put(_DEPLOYMENT, record.id, record.to_json())
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")
