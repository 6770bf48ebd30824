"""What a run left in its vault, as several pages need it: the newest seal, the words in the ledger,
and what they amount to now."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from golive.console.days import Day
from golive.gates.facts import Paper
from golive.governance.decision import Decision, decision
from golive.kernel.times import rfc3339
from golive.rehearsal.board import Board
from golive.rehearsal.docket import Case, open_case, vault_root

_FRESH = timedelta(minutes=1)
_EVIDENCE = re.compile(r"objects$|releases/[^/]+/[^/]+/data/(?!golive$)")
"""Where a vault keeps bytes that no judgement reads again."""


@dataclass(frozen=True)
class Standing:
    """A sealed run, judged and decided on as it is at this moment."""

    root: Path
    """Of the vault."""
    release: Path
    """The newest seal's folder."""
    case: Case
    decided: Decision

    @property
    def papers(self) -> Sequence[Paper]:
        """Evidence, without what Golive wrote about the run."""
        return [one for one in self.case.sealed.facts.artefacts if not one.own]


def vault_of(day: Day) -> Path | None:
    """The vault that holds the run; None where it isn't sealed yet."""
    with day.reading() as board:
        place = str(board.verdict.get("vault", ""))
    return vault_root(Path(place))[0] if place else None


class Opened:
    """Sealed runs as they were last read and judged, for as long as no file of their vault is
    touched, and for a minute at most: a waiver that ends is gone by then."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[str, datetime, Standing]] = {}
        self._lock = threading.Lock()

    def standing(self, root: Path, rehearsal: str, now: datetime) -> Standing:
        state = state_of(root, judged=True)
        with self._lock:
            known = self._known.get(root / rehearsal)
        if known is not None and known[0] == state and now - known[1] < _FRESH:
            return known[2]
        at = rfc3339(now)
        case = open_case(root, at, rehearsal)
        found = Standing(root, case.sealed.release.seal.path, case, decision(case.docket, at))
        if state_of(root, judged=True) == state:
            with self._lock:
                self._known[root / rehearsal] = (state, now, found)
        return found


def state_of(root: Path, *, judged: bool = False) -> str:
    """A digest of what every file of the vault looks like from outside: size, time of change,
    inode and mode tell whether one was touched (a file's ctime can't be set back). With `judged`,
    of those files alone that a verdict and a decision are read from."""
    state = hashlib.sha256()
    for line in sorted(_looks(os.fspath(root), "", judged)):
        state.update(line)
    return state.hexdigest()


def _looks(folder: str, inside: str, judged: bool) -> Iterator[bytes]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for one in entries:
            path = f"{inside}{one.name}"
            if judged and _EVIDENCE.match(path):
                continue
            with suppress(FileNotFoundError):  # a lock or a staged file that has just gone
                at = one.stat(follow_symlinks=False)
                facts = (path, at.st_size, at.st_ctime_ns, at.st_ino, at.st_mode)
                yield repr(facts).encode()
                if one.is_dir(follow_symlinks=False):
                    yield from _looks(one.path, f"{path}/", judged)


def step_numbers(board: Board) -> Mapping[str, int]:
    """The number in each step's address, by the item's id."""
    return {name: number for number, name in enumerate(board.items, 1)}
