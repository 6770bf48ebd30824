"""The journal that people read: one event a line in `events.jsonl`.

The durable engine decides what has run; this tells of it. Events are written inside durable steps,
so a replay doesn't write them again; a step that was killed half-way writes its events twice, and
readers take the later ones (`board.fold`).
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from golive.drillkit.records import Check, StepRecord
from golive.evidence.artefact import Artefact
from golive.evidence.durable import explained
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.ports.clock import Clock

Watcher = Callable[[JsonObject], None]


def read_events(path: Path) -> Iterator[JsonObject]:
    """Every whole line in order. A last line that a killed process left torn is passed over."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                event = json.loads(line)
                if isinstance(event, dict):
                    yield event


class Journal:
    """The one writer (the run's lock sees to that). Safe to call from several threads."""

    def __init__(self, path: Path, clock: Clock, watchers: Sequence[Watcher] = ()) -> None:
        self._clock, self._watchers = clock, watchers
        self._lock = threading.Lock()
        self._path = path
        with explained("the run's journal can't be written", path):
            self._seq = _mend(path)
            self._file = path.open("ab", buffering=0)

    def write(self, event: str, **facts: Json) -> JsonObject:
        """Append one event; returns it with its sequence number and time. VaultError when it can't
        be written: then it is as if it hadn't been."""
        with self._lock:
            line: JsonObject = {
                "seq": self._seq + 1,
                "at": rfc3339(self._clock.now()),
                "event": event,
                **facts,
            }
            self._append(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            self._seq += 1
        self.show(line)
        return line

    def _append(self, line: bytes) -> None:
        """All of it or nothing: what a full disk cut off would spoil the line after it."""
        with explained("the run's journal can't be written", self._path):
            whole = self._file.seek(0, os.SEEK_END)
            try:
                rest = memoryview(line)
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError:
                self._file.truncate(whole)
                raise

    def show(self, event: JsonObject) -> None:
        """Tell the watchers, without keeping it."""
        for watcher in self._watchers:
            watcher(event)

    def close(self) -> None:
        self._file.close()

    # -- drillkit.execute.News ---------------------------------------------------------------

    def check(self, item: str, step: str, check: Check) -> None:
        self.write("check", item=item, step=step, check=check.to_json())

    def artefact(self, item: str, artefact: Artefact) -> None:
        self.write("artefact", item=item, artefact=artefact.record())

    def log(self, item: str, text: str) -> None:
        self.write("log", item=item, text=text)

    def progress(self, item: str, text: str, figures: Mapping[str, Json]) -> None:
        at = rfc3339(self._clock.now())
        self.show(
            {"event": "progress", "at": at, "item": item, "text": text, "figures": dict(figures)}
        )

    def step(self, item: str, step: str, record: StepRecord | None) -> None:
        if record is None:
            self.write("step", item=item, step=step, state="started")
        else:
            self.write(
                "step",
                item=item,
                step=step,
                state="finished",
                outcome=record.outcome.value,
                error=record.error,
            )


def _mend(path: Path) -> int:
    """Cut a torn last line off; returns the last sequence number."""
    last = 0
    for event in read_events(path):
        seq = event.get("seq")
        last = seq if isinstance(seq, int) else last
    with suppress(FileNotFoundError), path.open("r+b") as file:
        data = file.read()
        file.truncate(data.rfind(b"\n") + 1)
    return last
