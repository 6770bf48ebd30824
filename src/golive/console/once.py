"""Every form is done once, however often it arrives."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable

from golive.console.forms import Form
from golive.console.store import Store
from golive.kernel.errors import GoliveError

_WAIT, _TICK, _KEPT = 10.0, 0.05, 2 * 86_400.0


class SentBefore(GoliveError):
    """The form was sent already, and nothing is done for what is sent now."""


class Once:
    """Remembers each form's idempotency key with the page that its answer led to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._process = secrets.token_hex(8)

    def do(self, form: Form, person: str, action: Callable[[], str]) -> str:
        """The location that `action` leads to, now or when this form was first done. SentBefore
        where it was sent with other words, or by somebody else.

        A form that was cut short with its process is done again: what it sends carries `key` on,
        so that it takes effect once all the same. One that failed may be sent again.
        """
        key, said = form.once, form.said
        if not self._begin(key, person, said):
            return self._earlier(key, person, said)
        try:
            location = action()
        except BaseException:
            with self._store.writing() as db:
                db.execute("DELETE FROM sent_form WHERE key = ?", (key,))
            raise
        with self._store.writing() as db:
            db.execute("UPDATE sent_form SET location = ? WHERE key = ?", (location, key))
        return location

    def _begin(self, key: str, person: str, said: str) -> bool:
        now = time.time()
        with self._store.writing() as db:
            db.execute("DELETE FROM sent_form WHERE at < ?", (now - _KEPT,))
            db.execute(
                "DELETE FROM sent_form "
                "WHERE key = ? AND person = ? AND location = '' AND process != ?",
                (key, person, self._process),
            )
            try:
                db.execute(
                    "INSERT INTO sent_form VALUES (?, ?, ?, ?, ?, '')",
                    (key, person, said, self._process, now),
                )
            except sqlite3.IntegrityError:
                return False
        return True

    def _earlier(self, key: str, person: str, said: str) -> str:
        until = time.monotonic() + _WAIT
        while time.monotonic() < until:
            row = self._store.one(
                "SELECT location, said FROM sent_form WHERE key = ? AND person = ?", key, person
            )
            if row is None:
                break
            if row["said"] != said:
                raise SentBefore(
                    "this form was sent already, and said something else then",
                    hint="what it said first stands: go back, load the page again, and look",
                )
            if row["location"]:
                return str(row["location"])
            time.sleep(_TICK)
        raise SentBefore("this form was sent already", hint="look whether it was done")
