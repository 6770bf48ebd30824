"""Cut off at any call to the outside, the drill is begun again and pays nobody twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from golive.adapters.memory import MemoryTarget
from golive.drillkit import testing
from golive.drillkit.context import Context, Rehearsal
from golive.drillkit.execute import Exercise, StepRecorder, outcome_of
from golive.drillkit.records import Outcome, StepRecord
from golive.drills.refund import Refund, books
from golive.drills.refund.params import RefundParams
from golive.ports.clock import SystemClock


class Killed(BaseException):
    """What no drill catches."""


class Journalled:
    """One attempt at the drill whose finished steps are remembered, as the engine does it."""

    def __init__(self, memory: MemoryTarget, work: Path) -> None:
        self.memory, self._work = memory, work
        self._journal: dict[str, StepRecord] = {}

    def run(self) -> Outcome:
        base = _context(self.memory, self._work)
        kept, quiet = testing._Memory(), testing._Quiet()
        records = Exercise(base, do=self._do, keep=kept, news=quiet, called_off=lambda: False).run()
        return outcome_of(records)

    def _do(self, name: str, act: Callable[[], StepRecord]) -> StepRecord:
        if name not in self._journal:
            self._journal[name] = act()
        return self._journal[name]


def paid_once(memory: MemoryTarget) -> bool:
    kept = memory.books.refunds
    for case in kept.cases.values():
        rows = [one for one in kept.rows if one.case_reference == case.reference]
        left = books.left(rows, ("bank", "manual-payouts"), case.currency)
        if left not in (0, case.decided_minor) or (case.status == "settled") != bool(left):
            return False
    return not books.imbalances(kept.rows)


def calls(work: Path) -> int:
    memory, seen = MemoryTarget(), list[str]()
    memory.world.observers.append(seen.append)
    assert Journalled(memory, work).run() is Outcome.PASSED
    return len(seen)


def cut(day: Journalled, place: int) -> None:
    """Let it die at its call number `place`."""
    left = iter(range(place, -1, -1))

    def count(_: str) -> None:
        if next(left, None) == 0:
            raise Killed

    day.memory.world.observers.append(count)
    with pytest.raises(Killed):
        day.run()
    day.memory.world.observers.clear()


def test_killed_at_any_call_it_goes_on_and_pays_once(tmp_path: Path) -> None:
    total = calls(tmp_path)
    assert total > 60
    for place in range(total):
        day = Journalled(MemoryTarget(), tmp_path)
        cut(day, place)
        assert day.run() is Outcome.PASSED, place
        memory = day.memory
        assert paid_once(memory), place
        cases = memory.books.refunds.cases.values()
        assert sorted(one.reference for one in cases) == ["RF-DRYRUN-118", "RF-DRYRUN-118-HAND"]
        payouts = memory.books.refunds.payouts.values()
        assert sorted(one.status for one in payouts) == ["failed", "paid", "reconciled"], place
        assert all(side.components["payouts"][0] == "ready" for side in memory.world.sides.values())


def test_begun_anew_without_a_journal_it_pays_nobody_twice(tmp_path: Path) -> None:
    """As after a person's retry: what was left is left, and nothing of it is paid again."""
    for place in range(0, calls(tmp_path), 5):
        day = Journalled(MemoryTarget(), tmp_path)
        cut(day, place)
        Journalled(day.memory, tmp_path).run()
        assert paid_once(day.memory), place


def test_called_off_while_the_provider_is_down_it_is_switched_on_again(tmp_path: Path) -> None:
    memory = MemoryTarget()
    for side in memory.world.sides.values():
        side.components["payouts"] = ("error", memory.world.clock.now())
    drill = Refund()
    step = next(one for one in drill.steps(drill.parse({})) if one.name == "by-hand")
    assert step.undo is not None
    base = _context(memory, tmp_path)
    for _ in range(2):
        step.undo(base)
    (production,) = [one for one in memory.world.sides.values() if one.name == "green"]
    assert production.components["payouts"][0] == "ready"


@pytest.mark.parametrize(
    ("call", "left"),
    [
        ("marketplace.open_refund done", {"declined"}),
        ("marketplace.take_refund done", {"declined"}),
        ("marketplace.decide_refund done", {"approved", "declined"}),
        ("marketplace.return_payout done", {"approved", "settled"}),
    ],
)
def test_called_off_it_leaves_nothing_that_waits_for_finance(
    call: str, left: set[str], tmp_path: Path
) -> None:
    memory, stop = MemoryTarget(), threading.Event()
    memory.world.observers.append(lambda name: stop.set() if name == call else None)
    run = testing.run_drill(Refund(), {}, memory.build(), tmp_path, stop=stop, called_off=True)
    assert run.record.outcome is Outcome.ABORTED
    assert {one.status for one in memory.books.refunds.cases.values()} <= left
    undone = [one for one in run.record.steps if one.undo]
    assert undone and all(one.outcome is Outcome.PASSED for one in undone)
    assert paid_once(memory)


def _context(memory: MemoryTarget, work: Path) -> Context[RefundParams]:
    kept, quiet, drill = testing._Memory(), testing._Quiet(), Refund()
    return Context(
        rehearsal=Rehearsal("run-1", "1.00", date(2024, 5, 30), "Europe/London", True),
        item="refund-triage/1",
        attempt=1,
        drill=drill,
        params=drill.parse({}),
        target=memory.build(),
        clock=SystemClock(),
        work=work,
        record=StepRecorder("refund-triage/1", "", kept, quiet),
        stop=threading.Event(),
    )
