"""Whether a vault's files are what was sealed: found out beside the pages, never in their way.

A page asks and goes on. What it is told holds for the files as they lie there at that moment; of
files that changed while they were read, nothing is told: they are read again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from golive.console.auditing import Drawn, sample
from golive.console.sealed import Standing, state_of
from golive.evidence.keys import PublicKey
from golive.evidence.verify import State, Verification, verify
from golive.ports.clock import Clock

_LOG = logging.getLogger("golive.console.verifying")
_AFTERWARDS = 0.25
"""Seconds that the page which asked has to itself."""


@dataclass(frozen=True)
class Checked:
    """What was found. Where `problem` says why nothing could be, nothing is verified."""

    at: datetime
    verification: Verification
    sample: Sequence[Drawn] = ()
    problem: str = ""

    @property
    def intact(self) -> bool:
        return not self.problem and self.verification.state is State.INTACT


class Verifier:
    """Remembers the last answer for each vault; at most one thread looks at one vault."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[Path, tuple[str, Checked]] = {}
        self._busy: set[Path] = set()
        self._lock = threading.Lock()
        self.ended = False

    def look(self, found: Standing, key: PublicKey) -> Checked | None:
        """What was found in the files as they are now; None where they are still being read, which
        this begins. `key` is the one that this console trusts for seals."""
        state = _state(found, key)
        with self._lock:
            known = self._known.get(found.root)
            if known is not None and known[0] == state:
                return known[1]
            if found.root not in self._busy:
                self._busy.add(found.root)
                # A daemon: a console that ends doesn't wait for a large vault to be read.
                threading.Thread(
                    target=self._check, args=(found, key), name="verifier", daemon=True
                ).start()
        return None

    def busy(self, root: Path) -> bool:
        with self._lock:
            return root in self._busy

    def close(self) -> None:
        """Nobody is kept waiting any more."""
        self.ended = True

    def _check(self, found: Standing, key: PublicKey) -> None:
        time.sleep(_AFTERWARDS)
        try:
            before = _state(found, key)
            checked = self._found(found, key)
            if _state(found, key) == before:
                with self._lock:
                    self._known[found.root] = (before, checked)
        finally:
            with self._lock:
                self._busy.discard(found.root)

    def _found(self, found: Standing, key: PublicKey) -> Checked:
        now = self._clock.now()
        try:
            return Checked(now, verify(found.root, trusted=[key]), sample(found))
        except Exception as error:
            _LOG.exception("a vault could not be checked")
            unknown = Verification(State.NOT_A_VAULT)
            return Checked(now, unknown, problem=f"it can't be read ({type(error).__name__})")


def _state(found: Standing, key: PublicKey) -> str:
    return f"{key.key_id} {found.decided.digest} {state_of(found.root)}"
