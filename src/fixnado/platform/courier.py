"""Delivers what is in the outbox, from a thread of the serving process."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event, Thread
from typing import Final

from fixnado.platform import outbox
from fixnado.platform.database import Database
from fixnado.platform.errors import Unavailable
from fixnado.platform.outbox import ClaimLost, Parcel, Settle

_log = logging.getLogger("fixnado.outbox")

LEASE: Final = timedelta(seconds=10)
"""How long a dead instance's parcel waits. A step of a delivery must take less; each renews it."""
POLL_S: Final = 0.3
FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 60.0


class Undelivered(Exception):
    """The other side did not take it. The words are shown to the staff and hold no secret."""

    def __init__(self, reason: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s


Keep = Callable[[], None]
"""Call before every step: renews the lease, or raises ClaimLost."""
Deliver = Callable[[Parcel, Keep], Settle]
"""Deliver a parcel that may have been delivered before, wholly or in part; raises Undelivered."""


class Courier:
    """Takes what is due for `routes` (a delivery by topic) until it is stopped."""

    def __init__(
        self, database: Database, routes: Mapping[str, Deliver], *, lease: timedelta = LEASE
    ) -> None:
        self._database = database
        self._routes = dict(routes)
        self._lease = lease
        self._stop = Event()
        self._thread = Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Begin; without any route there is nothing to do, and no thread."""
        if self._routes:
            self._thread.start()

    def stop(self, *, wait_s: float = 0.5) -> None:
        """Take nothing more. A delivery that outlasts the wait is left to its lease."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(wait_s)

    def deliver_one(self) -> bool:
        """Take and deliver one parcel; False when none is due."""
        topics = list(self._routes)
        if not self._database.read(lambda unit: outbox.any_due(unit, topics)):
            return False
        parcel = self._database.write(lambda unit: outbox.take(unit, topics, self._lease))
        if parcel is None:
            return False
        try:
            self._deliver(parcel)
        except ClaimLost:
            _log.warning("parcel %d went to another instance", parcel.number)
        return True

    def _deliver(self, parcel: Parcel) -> None:
        def keep() -> None:
            if self._stop.is_set():
                raise Undelivered("the instance is stopping", retry_after_s=0)
            self._database.write(lambda unit: outbox.keep(unit, parcel, self._lease))

        try:
            settled = self._routes[parcel.topic](parcel, keep)
        except Undelivered as error:
            self._give_back(parcel, error.reason, error.retry_after_s)
        except (ClaimLost, Unavailable):
            raise
        except Exception as error:  # a delivery that breaks is tried again, never lost
            _log.error("parcel %d could not be delivered", parcel.number, exc_info=error)
            self._give_back(parcel, f"the delivery broke: {type(error).__name__}", None)
        else:
            self._database.write(lambda unit: outbox.settle(unit, parcel, settled))

    def _give_back(self, parcel: Parcel, reason: str, retry_after_s: float | None) -> None:
        wait = timedelta(seconds=retry_after_s if retry_after_s is not None else _wait_s(parcel))
        self._database.write(lambda unit: outbox.give_back(unit, parcel, reason, wait))

    def _run(self) -> None:
        trouble = False
        while not self._stop.is_set():
            try:
                busy = self.deliver_one()
                trouble = False
            except Exception as error:  # the database is away: say so once, and keep trying
                if not trouble:
                    _log.warning("the outbox can't be read", exc_info=error)
                busy, trouble = False, True
            if not busy:
                self._stop.wait(POLL_S)


def _wait_s(parcel: Parcel) -> float:
    """Twice as long after each attempt, up to a minute, and a little at random."""
    doubled = FIRST_WAIT_S * 2.0 ** min(parcel.attempts - 1, 20)
    return min(doubled, LONGEST_WAIT_S) * random.uniform(0.75, 1.0)  # noqa: S311
