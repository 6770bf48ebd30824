"""Links with which an auditor reads one run and nothing else, until they end or are taken back.

Whoever has the link may read: it is shown once, kept as its SHA-256, and opens no form.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from golive.console.store import Store
from golive.kernel.errors import BadInput
from golive.ports.clock import Clock

MOST_DAYS = 90
_COLUMNS = ("id", "run", "person", "label", "made", "expires", "seen")


@dataclass(frozen=True)
class AuditLink:
    id: str
    run: str
    person: str
    """Who made it."""
    label: str
    """For whom, in their words."""
    made: float
    expires: float
    seen: int
    """How often it was opened."""


class AuditLinks:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def make(self, run: str, person: str, label: str, days: int) -> str:
        """The link's token, told this once."""
        if not 1 <= days <= MOST_DAYS:
            raise BadInput(f"{days} days", hint=f"a link holds for 1 to {MOST_DAYS} days")
        token, now = secrets.token_urlsafe(32), self._now()
        with self._store.writing() as db:
            db.execute("DELETE FROM audit_link WHERE expires <= ?", (now,))
            db.execute(
                "INSERT INTO audit_link VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                (secrets.token_hex(8), _digest(token), run, person, label[:80], now,
                 now + days * 86_400.0),
            )  # fmt: skip
        return token

    def of_token(self, token: str) -> AuditLink | None:
        """None where it isn't one, has run out, or was taken back."""
        with self._store.writing() as db:
            row = db.execute(
                "UPDATE audit_link SET seen = seen + 1 WHERE digest = ? AND expires > ? "
                "RETURNING *",
                (_digest(token), self._now()),
            ).fetchone()
        return AuditLink(*(row[name] for name in _COLUMNS)) if row else None

    def of_run(self, run: str) -> Sequence[AuditLink]:
        """Those that hold, newest first."""
        rows = self._store.all(
            "SELECT * FROM audit_link WHERE run = ? AND expires > ? ORDER BY made DESC, id",
            run,
            self._now(),
        )
        return [AuditLink(*(row[name] for name in _COLUMNS)) for row in rows]

    def take_back(self, run: str, ident: str) -> None:
        with self._store.writing() as db:
            db.execute("DELETE FROM audit_link WHERE id = ? AND run = ?", (ident, run))

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
