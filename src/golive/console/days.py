"""The runs in the state directory, each read once for everybody who looks at it."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from golive.drillkit.drill import Registry
from golive.evidence.keys import SigningKey
from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject
from golive.playbook.model import Playbook
from golive.playbook.people import Person, Roster
from golive.ports.clock import Clock
from golive.ports.copies import Copies
from golive.rehearsal.board import Board
from golive.rehearsal.folder import RunFolder, RunSettings
from golive.rehearsal.keeping import Keeper


class Supplies(Protocol):
    """What the console needs of `bootstrap.Supplies`."""

    registry: Registry
    clock: Clock

    def playbook(self, folder: RunFolder, settings: RunSettings) -> Playbook: ...

    def roster(self, folder: RunFolder) -> Roster: ...

    def keeper(self, folder: RunFolder) -> Keeper: ...

    def signing_key(self) -> SigningKey: ...

    def copies(self, address: str) -> Copies: ...


class NoRun(BadInput):
    """There is no run of that name."""


@dataclass(frozen=True)
class Told:
    """One event, as short as a stream needs it to be told again."""

    seq: int
    kind: str
    item: str
    row: str = ""
    note: str = ""
    """How a row or the run ended, or who called it off."""


class Day:
    """One run: its journal is read on from where the last reader stopped, whoever that was."""

    def __init__(self, folder: RunFolder, supplies: Supplies) -> None:
        self.folder, self._supplies = folder, supplies
        self.settings: RunSettings = folder.settings()
        self.roster: Roster = supplies.roster(folder)
        self.told: list[Told] = []
        self.answers: dict[tuple[str, str], JsonObject] = {}
        """What became of each act, by who said it and when."""
        self._board = Board()
        self._offset = 0
        self._lock = threading.RLock()
        self._acting: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def playbook(self) -> Playbook:
        return self._supplies.playbook(self.folder, self.settings)

    def refresh(self) -> None:
        """Take in what was written since the last time. A torn last line is left for later: it is
        either completed or cut off."""
        with self._lock:
            try:
                if self.folder.events.stat().st_size == self._offset:
                    return
                with self.folder.events.open("rb") as file:
                    file.seek(self._offset)
                    data = file.read()
            except FileNotFoundError:
                return
            whole = data[: data.rfind(b"\n") + 1]
            self._offset += len(whole)
            for line in whole.splitlines():
                self._take(json.loads(line))

    def _take(self, event: JsonObject) -> None:
        with suppress(KeyError):  # a newer journal speaks of what this board doesn't know
            self._board.apply(event)
        said = event.get("said")
        if isinstance(said, Mapping):
            self.answers[str(said.get("person")), str(said.get("at"))] = event
        self.told.append(_told(event, self._board.seq))

    @contextmanager
    def reading(self) -> Iterator[Board]:
        """The board as it is now; it doesn't change meanwhile. Take what you need and leave."""
        with self._lock:
            self.refresh()
            yield self._board

    @contextmanager
    def one_act_of(self, person: str) -> Iterator[None]:
        """Nothing else that `person` does to this run meanwhile."""
        with self._lock:
            acting = self._acting[person]
        with acting:
            yield

    def alive(self) -> bool:
        """Whether a process runs it now."""
        return self.folder.runner() is not None

    def person(self, ident: str, mark: str) -> Person | None:
        """The person of this run's roster whose account is `ident`.

        None where the roster has another key for that id than the console keeps (`mark`): the same
        id on another team's roster is somebody else.
        """
        found = self.roster.person(ident)
        if found is None or (found.key and mark and found.key != mark):
            return None
        return found


def _told(event: JsonObject, seq: int) -> Told:
    notes = [event.get(name) for name in ("outcome", "headline", "person")]
    return Told(
        seq=seq,
        kind=str(event.get("event")),
        item=str(event.get("item", "")),
        row=str(event.get("row", "")),
        note=next((str(one) for one in notes if one), ""),
    )


class Days:
    def __init__(self, state: Path, supplies: Supplies) -> None:
        self.state, self._supplies = state, supplies
        self._known: dict[str, Day] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Day:
        """NoRun where there is none."""
        with self._lock:
            day = self._known.get(name)
            if day is None:
                try:
                    folder = RunFolder.find(self.state, name)
                except BadInput as error:
                    raise NoRun(error.what) from error
                day = self._known[name] = Day(folder, self._supplies)
            return day

    def all(self) -> Sequence[Day]:
        """Newest first; what isn't a run's folder is passed over."""
        names = [one.parent for one in self.state.glob("*/run.json") if one.is_file()]
        found = []
        for folder in names:
            with suppress(BadInput):
                found.append(self.get(folder.name))
        return sorted(found, key=lambda one: one.settings.begun, reverse=True)
