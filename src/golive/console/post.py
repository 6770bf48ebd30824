"""Watches every run of the state directory and puts what people should know into the outbox; hands
it over beside the console, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from golive.console.days import Day
from golive.console.means import Means
from golive.console.sealed import vault_of
from golive.kernel.errors import GoliveError
from golive.kernel.times import parse_rfc3339
from golive.ports.notifier import Notifier
from golive.rehearsal.notices import Notice, notices, stale
from golive.rehearsal.outbox import Outbox

_LOG = logging.getLogger("golive.console.post")
_EVERY = 2.0
_NEWS = timedelta(hours=1)
"""A verdict that is older is no news: a console that begins doesn't tell of last week."""


class Post:
    def __init__(self, means: Means, outbox: Outbox, notifiers: Sequence[Notifier]) -> None:
        self._means, self._outbox, self._notifiers = means, outbox, notifiers
        self._stop = threading.Event()
        self._seals: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="post", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What is being handed over is waited for."""
        self._stop.set()
        self._thread.join(30)
        self._outbox.close()

    def once(self) -> None:
        """Look at every run, then hand over what is due, where no other process does."""
        for day in self._means.days.all():
            for one in self._told(day):
                self._put(day, one)
        if self._outbox.hold():
            origin = self._means.settings.origin
            self._outbox.deliver(self._notifiers, self._address, origin)

    def _run(self) -> None:
        while not self._stop.wait(_EVERY):
            try:
                self.once()
            except Exception:
                _LOG.exception("messages could not be looked after; tried again soon")

    def _put(self, day: Day, notice: Notice) -> None:
        for one in self._notifiers:
            key = notice.key if one.personal else notice.about
            text = notice.text if one.personal else f"{notice.text} ({notice.role})"
            person = notice.person if one.personal else ""
            self._outbox.put(key, one.channel, day.name, person, text, notice.path)

    def _told(self, day: Day) -> Sequence[Notice]:
        now = self._means.supplies.clock.now()
        with day.reading() as board:
            ended = str(board.verdict.get("at", ""))
            title, begun = board.title, bool(board.rehearsal)
            if begun and self._is_news(ended, now):
                alive = bool(ended) or day.alive()
                found = notices(board, day.roster, day.name, now) if alive else ()
            else:
                found = ()
        return [*found, *(self._stale(day, title) if ended else ())]

    def _is_news(self, ended: str, now: datetime) -> bool:
        return not ended or now - parse_rfc3339(ended) < _NEWS

    def _stale(self, day: Day, title: str) -> Sequence[Notice]:
        """Looked at when a seal has been added, not every time."""
        root = vault_of(day)
        releases = root / "releases" / day.settings.rehearsal if root else None
        if releases is None or not releases.is_dir():
            return ()
        stamp = releases.stat().st_mtime_ns
        if self._seals.get(day.name) == stamp:
            return ()
        try:
            found = self._means.standing(day)
        except GoliveError:
            return ()
        self._seals[day.name] = stamp
        return stale(found.decided, day.name, title) if found else ()

    def _address(self, run: str, person: str) -> str:
        known = self._means.days.get(run).roster.person(person)
        return known.email if known else ""
