"""A bench for the cutover drill: a memory target, held time, and a journal that survives kills."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.memory import Effect, MemoryTarget
from golive.drillkit.context import Context, Rehearsal
from golive.drillkit.execute import Exercise, StepRecorder, outcome_of
from golive.drillkit.records import Check, Outcome, StepRecord
from golive.drills.blue_green import BlueGreen
from golive.evidence.artefact import Artefact
from golive.playbook.model import Limit
from harness.held_time import HeldClock, QuickEvent


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Keep:
    """Artefacts by path."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def artefact(self, path: str, content: Any, media_type: str, **known: Any) -> Artefact:
        data = content.read_bytes() if isinstance(content, Path) else content
        self.files[path] = data.encode() if isinstance(data, str) else data
        at = "2024-05-30T08:00:00.000Z"
        return Artefact(path, "0" * 64, len(self.files[path]), media_type, captured_at=at, **known)

    def text(self, text: str) -> str:
        return text


class News:
    """Live figures, as a terminal would show them."""

    def __init__(self) -> None:
        self.progressed: list[tuple[str, Mapping[str, Any]]] = []

    def progress(self, item: str, text: str, figures: Mapping[str, Any]) -> None:
        self.progressed.append((text, figures))

    def check(self, item: str, step: str, check: Check) -> None: ...

    def artefact(self, item: str, artefact: Artefact) -> None: ...

    def log(self, item: str, text: str) -> None: ...

    def step(self, item: str, step: str, record: StepRecord | None) -> None: ...


class Bench:
    """One attempt at the drill, which may be killed or interrupted and taken up again."""

    def __init__(self, folder: Path, **memory: Any) -> None:
        self.clock = HeldClock()
        self.memory = MemoryTarget(clock=self.clock, **memory)
        self.keep, self.news = Keep(), News()
        self.stop: threading.Event = QuickEvent(self.clock)
        self.done: dict[str, StepRecord] = {}
        self.before_step: Callable[[str], None] = lambda name: None
        self.records: Sequence[StepRecord] = ()
        self._folder = folder

    def run(
        self,
        params: Mapping[str, Any] | None = None,
        *,
        called_off: bool = False,
        expect: Mapping[str, Limit] | None = None,
    ) -> Outcome:
        """Whatever is journalled is not carried out again."""
        drill = BlueGreen()
        item, keep = "cutover/2", self.keep
        base = Context(
            rehearsal=Rehearsal("run-1", "1.00", date(2024, 5, 30), "Europe/London", practice=True),
            item=item,
            attempt=1,
            drill=drill,
            params=drill.parse({"incoming": "blue", "stalled_after": 2, **(params or {})}),
            target=self.memory.build(),
            clock=self.clock,
            work=self._folder,
            record=StepRecorder(item, "", keep, self.news),
            stop=self.stop,
            expect=expect or {},
        )
        exercise = Exercise(
            base, do=self._do, keep=keep, news=self.news, called_off=lambda: called_off
        )
        self.records = exercise.run()
        return outcome_of(self.records)

    def _do(self, name: str, act: Callable[[], StepRecord]) -> StepRecord:
        if name not in self.done:
            self.before_step(name)
            self.done[name] = act()
        return self.done[name]

    def kill_before_step(self, name: str) -> None:
        def look(step: str) -> None:
            if step == name:
                self.before_step = lambda _: None
                raise Killed

        self.before_step = look

    def at_call(self, name: str, number: int, act: Callable[[], None]) -> None:
        """Do `act` at the `number`th call of that name (`World.observers`), once."""
        seen = 0

        def look(call: str) -> None:
            nonlocal seen
            seen += call == name
            if call == name and seen == number:
                act()

        self.memory.world.observers.append(look)

    def kill_at_call(self, name: str, number: int = 1) -> None:
        def die() -> None:
            self.memory.world.observers.clear()
            raise Killed

        self.at_call(name, number, die)

    # -- what came of it ------------------------------------------------------------------------

    @property
    def checks(self) -> Mapping[str, Check]:
        return {check.id: check for record in self.records for check in record.checks}

    def step(self, name: str, *, undo: bool = False) -> StepRecord:
        found = [one for one in self.records if one.name == name and one.undo is undo]
        assert len(found) == 1, f"{name}: {len(found)} records"
        return found[0]

    def effects(self, kind: str) -> Sequence[Effect]:
        return [effect for effect in self.memory.effects if effect.kind == kind]

    @property
    def weights(self) -> Mapping[str, float]:
        return self.memory.world.weights


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Bench]:
    """Makes benches; keyword arguments are MemoryTarget's."""
    count = 0

    def make(**memory: Any) -> Bench:
        nonlocal count
        count += 1
        return Bench(tmp_path / f"work-{count}", **memory)

    return make


@pytest.fixture
def killed() -> type[BaseException]:
    return Killed
