"""Messages on their way out, in a SQLite file of their own.

What is promised: a message is never handed over twice. It is noted as being handed over before it
is; a process that dies in between leaves it `unsure`, and it is not sent again. Where the other
side surely did not take it, it is tried again until it did or a day's patience is over. So each
message arrives once, save for those noted `unsure` or `given up`, which are there to be read.
"""

from __future__ import annotations

import fcntl
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from golive.kernel.errors import PortError
from golive.ports.notifier import Message, Notifier, NotTaken, Unclear

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    key     TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    run     TEXT NOT NULL,
    person  TEXT NOT NULL,   -- '' for a channel that many read
    text    TEXT NOT NULL,
    path    TEXT NOT NULL,
    state   TEXT NOT NULL,   -- waiting, sending, sent, unsure, given up
    tries   INTEGER NOT NULL,
    due     REAL NOT NULL,
    made    REAL NOT NULL,
    ended   REAL NOT NULL,
    answer  TEXT NOT NULL
)
"""
_TRIES = 12
_FIRST_WAIT, _LONGEST_WAIT = 5.0, 1800.0


@dataclass(frozen=True)
class Letter:
    key: str
    channel: str
    run: str
    person: str
    text: str
    path: str
    state: str
    tries: int
    answer: str


class Outbox:
    """Any process may put messages in; the one that `hold`s the file delivers them."""

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "outbox.sqlite"
        path.touch(mode=0o600)
        self._now = now
        self._lock_file = (folder / "outbox.lock").open("w")
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        # FULL: that something is being handed over must be on disk before it is.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute(_SCHEMA)

    def hold(self) -> bool:
        """Become the one who delivers; what another left half-way is `unsure` from now on."""
        with suppress(BlockingIOError):
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._write(
                "UPDATE message SET state = 'unsure', ended = ?, answer = ? "
                "WHERE state = 'sending'",
                self._now(),
                "the process ended while it was handed over",
            )
            return True
        return False

    def put(self, key: str, channel: str, run: str, person: str, text: str, path: str) -> None:
        """Once per key, however often it is put."""
        now = self._now()
        self._write(
            "INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?, ?, ?, 'waiting', 0, ?, ?, 0, '')",
            f"{channel}:{key}", channel, run, person, text, path, now, now,
        )  # fmt: skip

    def deliver(
        self,
        notifiers: Sequence[Notifier],
        address: Callable[[str, str], str],
        origin: str,
    ) -> int:
        """Hand over what is due; how many were taken. `address` is of a person on a run's roster,
        "" where it is unknown."""
        sent = 0
        for notifier in notifiers:
            while (letter := self._claim(notifier.channel)) is not None:
                sent += self._hand_over(letter, notifier, address, origin)
        return sent

    def letters(self) -> Sequence[Letter]:
        """Everything, newest first."""
        with self._lock:
            return _letters(self._db)

    def close(self) -> None:
        with self._lock:
            self._db.close()
            self._lock_file.close()

    def _claim(self, channel: str) -> Letter | None:
        with self._lock:
            row = self._db.execute(
                "UPDATE message SET state = 'sending', tries = tries + 1 WHERE key = (SELECT key "
                "FROM message WHERE state = 'waiting' AND channel = ? AND due <= ? "
                "ORDER BY made, key LIMIT 1) RETURNING *",
                (channel, self._now()),
            ).fetchone()
        if row is None:
            return None
        return _letter(row)

    def _hand_over(
        self,
        letter: Letter,
        notifier: Notifier,
        address: Callable[[str, str], str],
        origin: str,
    ) -> int:
        to = address(letter.run, letter.person) if notifier.personal else ""
        if notifier.personal and not to:
            self._end(letter, "given up", "no address is known")
            return 0
        message = Message(letter.key, to, letter.text, letter.text, f"{origin}{letter.path}")
        try:
            answer = notifier.send(message)
        except NotTaken as error:
            self._try_later(letter, error.what, again=error.again)
            return 0
        except Unclear as error:
            self._end(letter, "unsure", error.what)
            return 0
        except PortError as error:  # no secret where one is named: may be mended meanwhile
            self._try_later(letter, error.what, again=True)
            return 0
        self._end(letter, "sent", answer)
        return 1

    def _try_later(self, letter: Letter, why: str, *, again: bool) -> None:
        if not again or letter.tries >= _TRIES:
            self._end(letter, "given up", why)
            return
        wait = min(_FIRST_WAIT * 2 ** (letter.tries - 1), _LONGEST_WAIT)
        self._write(
            "UPDATE message SET state = 'waiting', due = ?, answer = ? WHERE key = ?",
            self._now() + wait,
            why,
            letter.key,
        )

    def _end(self, letter: Letter, state: str, answer: str) -> None:
        self._write(
            "UPDATE message SET state = ?, ended = ?, answer = ? WHERE key = ?",
            state,
            self._now(),
            answer[:400],
            letter.key,
        )

    def _write(self, sql: str, *values: object) -> None:
        with self._lock:
            self._db.execute(sql, values)


def letters_in(folder: Path) -> Sequence[Letter]:
    """What the outbox in `folder` holds, newest first; nothing where there is none."""
    path = folder / "outbox.sqlite"
    if not path.is_file():
        return ()
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return _letters(db)


def _letters(db: sqlite3.Connection) -> Sequence[Letter]:
    rows = db.execute("SELECT * FROM message ORDER BY made DESC, key").fetchall()
    return [_letter(row) for row in rows]


def _letter(row: sqlite3.Row) -> Letter:
    return Letter(**{name: row[name] for name in Letter.__dataclass_fields__})
