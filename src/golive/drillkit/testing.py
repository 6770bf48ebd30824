"""Carries one drill out without an engine, for tests of drills (ours and our users')."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from golive.drillkit.context import Content, Context, Rehearsal
from golive.drillkit.drill import Drill, P
from golive.drillkit.execute import Do, Exercise, StepRecorder, outcome_of
from golive.drillkit.records import Act, Check, ItemRecord, StepRecord
from golive.drillkit.standing import Standing
from golive.evidence.artefact import Artefact
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json
from golive.kernel.times import rfc3339
from golive.playbook.model import Limit
from golive.ports.clock import Clock, SystemClock
from golive.ports.target import Target


@dataclass
class DrillRun:
    """What a drill left: its record, and the bytes of its artefacts by path."""

    record: ItemRecord
    files: Mapping[str, bytes]

    def check(self, name: str) -> Check:
        """The check `name`; LookupError names those that there are."""
        for check in self.record.checks:
            if check.id == name:
                return check
        raise LookupError(f"no check {name!r} in {[one.id for one in self.record.checks]}")


@dataclass
class _Memory:
    files: dict[str, bytes] = field(default_factory=dict)

    def artefact(
        self, path: str, content: Content, media_type: str, *, producer: str, fidelity: Fidelity
    ) -> Artefact:
        data = _read(content)
        self.files[path] = data
        digest, now = hashlib.sha256(data).hexdigest(), rfc3339(SystemClock().now())
        return Artefact(path, digest, len(data), media_type, producer, now, fidelity)

    def text(self, text: str) -> str:
        return text


class _Quiet:
    def check(self, item: str, step: str, check: Check) -> None: ...

    def artefact(self, item: str, artefact: Artefact) -> None: ...

    def log(self, item: str, text: str) -> None: ...

    def progress(self, item: str, text: str, figures: Mapping[str, Json]) -> None: ...

    def step(self, item: str, step: str, record: StepRecord | None) -> None: ...


def run_drill(
    drill: Drill[P],
    params: Mapping[str, Json],
    target: Target,
    work: Path,
    *,
    expect: Mapping[str, Limit] | None = None,
    clock: Clock | None = None,
    stop: threading.Event | None = None,
    called_off: bool = False,
    rehearsal: str = "test-run-1",
    item: str = "section/1",
    practice: bool = True,
    people: Mapping[str, Sequence[Act]] | None = None,
    standing: Standing | None = None,
    do: Do = lambda _, act: act(),
) -> DrillRun:
    """One attempt, every step at once. `stop` set with `called_off` is an abort; `do` carries a
    step out, for tests of steps that run twice."""
    clock = clock or SystemClock()
    started, memory = rfc3339(clock.now()), _Memory()
    base = Context(
        rehearsal=Rehearsal(rehearsal, "1.00", date(2024, 5, 30), "Europe/London", practice),
        item=item,
        attempt=1,
        drill=drill,
        params=drill.parse(params),
        target=target,
        clock=clock,
        work=work,
        record=StepRecorder(item, "", memory, _Quiet()),
        stop=stop or threading.Event(),
        expect=expect or {},
        playbook_folder=work,
        people=people or {},
        standing=standing or Standing(),
    )
    records = Exercise(
        base,
        do=do,
        keep=memory,
        news=_Quiet(),
        called_off=lambda: called_off,
    ).run()
    ended = rfc3339(clock.now())
    record = ItemRecord(item, outcome_of(records), started, ended, steps=tuple(records))
    return DrillRun(record, memory.files)


def _read(content: Content) -> bytes:
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, Path):
        return content.read_bytes()
    if isinstance(content, io.IOBase) or hasattr(content, "read"):
        return content.read()
    return content
