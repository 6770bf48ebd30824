"""Killed on the way and taken up again: finished steps stay finished, and the way goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from golive.adapters.memory import MemoryTarget
from golive.drillkit.records import Outcome, StepRecord
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.rollback_readiness import RollbackReadiness
from harness.held_time import HeldClock, QuickEvent
from papers_world import record, standing

LAUNCHED = {"green": 0.0, "blue": 100.0}
HOME = {"green": 100.0, "blue": 0.0}
CALLS = [
    *(("deployer.create", 1), ("deployer.create done", 1), ("deployer.create", 2)),
    *(("deployer.get", 1), ("deployer.get", 4), ("deployer.target", 1)),
    *(("deployer.continue", 1), ("deployer.continue done", 1)),
    *(("deployer.stop", 1), ("deployer.stop done", 1), ("deployer.create done", 2)),
    *(("traffic.weights", at) for at in (3, 4, 6, 8)),
]


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Day:
    """One rehearsal in as many lives as it takes; `steps` is its journal."""

    def __init__(self, folder: Path, **memory: bool) -> None:
        self.clock = HeldClock()
        self.memory = MemoryTarget(clock=self.clock, **memory)
        self.memory.world.move(LAUNCHED)
        self.steps: dict[str, StepRecord] = {}
        self.before_step: Callable[[str], None] = lambda name: None
        self._folder = folder

    def live(self) -> DrillRun:
        return run_drill(
            RollbackReadiness(),
            {"by": ["DevOps Lead"], "within": 2},
            self.memory.build(),
            self._folder,
            clock=self.clock,
            stop=QuickEvent(self.clock),
            do=self._do,
            standing=standing(record(snapshot={"green.version": "0.99", "green.schema": "0008"})),
        )

    def _do(self, name: str, act: Callable[[], StepRecord]) -> StepRecord:
        if name not in self.steps:
            self.before_step(name)
            self.steps[name] = act()
        return self.steps[name]

    def dies_at(self, call: str, number: int) -> None:
        """At that many calls; a life that comes to fewer is lived to its end."""
        seen = 0

        def look(name: str) -> None:
            nonlocal seen
            seen += name == call
            if name == call and seen == number:
                raise Killed

        self.memory.world.observers.append(look)
        with suppress(Killed):
            self.live()
        self.memory.world.observers.clear()

    def dies_before(self, step: str) -> None:
        def look(name: str) -> None:
            if name == step:
                self.before_step = lambda _: None
                raise Killed

        self.before_step = look
        with pytest.raises(Killed):
            self.live()

    @property
    def intents(self) -> list[str]:
        made = [one for one in self.memory.effects if one.kind == "deployment-created"]
        return [one.detail.split()[3] for one in made]


def passed(made: DrillRun) -> None:
    told = [(one.id, one.verdict, one.detail) for one in made.record.checks]
    assert made.record.outcome is Outcome.PASSED, (told, [s.error for s in made.record.steps])
    assert {one.verdict.value for one in made.record.checks} == {"pass"}


@pytest.mark.parametrize("waits", ["", "ready_wait", "termination_wait"])
@pytest.mark.parametrize(("call", "number"), CALLS)
def test_killed_in_the_middle_of_a_call(tmp_path: Path, call: str, number: int, waits: str) -> None:
    day = Day(tmp_path, **({waits: True} if waits else {}))
    day.dies_at(call, number)
    passed(day.live())
    assert day.memory.world.weights == LAUNCHED
    assert day.intents.count("back") == 1, "found again by its key"


@pytest.mark.parametrize("step", ["command", "back", "forth", "record"])
def test_killed_between_steps(tmp_path: Path, step: str) -> None:
    day = Day(tmp_path)
    day.dies_before(step)
    passed(day.live())
    assert day.memory.world.weights == LAUNCHED
    assert day.intents == ["back", "forth"]


@pytest.mark.parametrize("kept", [False, True], ids=["over at once", "the other side is kept"])
def test_a_stage_that_came_home_meanwhile_is_launched_again_first(
    tmp_path: Path, kept: bool
) -> None:
    """Where the group keeps the other side, that wait is ended: no other deployment could begin."""
    day = Day(tmp_path, termination_wait=kept)
    day.dies_before("back")
    day.memory.world.move(HOME)
    passed(day.live())
    assert day.memory.world.weights == LAUNCHED
    assert day.intents[:2] == ["again", "back"]
    assert (day.memory.count("deployment-continued") > 0) is kept


@pytest.mark.parametrize(
    ("call", "number"), [("deployer.create done", 1), ("deployer.continue", 1)]
)
def test_killed_once_more_while_it_is_launched_again(
    tmp_path: Path, call: str, number: int
) -> None:
    """The traffic is there by then, and the wait of the deployment that brought it still lasts."""
    day = Day(tmp_path, termination_wait=True)
    day.dies_before("back")
    day.memory.world.move(HOME)
    day.dies_at(call, number)
    passed(day.live())
    assert day.memory.world.weights == LAUNCHED
    assert day.intents[:2] == ["again", "back"]


@pytest.mark.parametrize("kept", [False, True], ids=["over at once", "the other side is kept"])
def test_the_time_of_a_way_back_that_was_cut_is_the_deployments_own(
    tmp_path: Path, kept: bool
) -> None:
    """Neither the rehearsal's absence, nor how long the other side is kept."""
    day = Day(tmp_path, termination_wait=kept)
    assert "killed" not in day.live().check("rollback_seconds").detail
    cut = Day(tmp_path / "cut", termination_wait=kept)
    cut.dies_at("deployer.create done", 1)
    found = cut.live().check("rollback_seconds")
    assert "killed in between" in found.detail
    assert isinstance(found.measured, float) and 0 <= found.measured < 2


def test_a_group_that_waits_for_a_word_before_traffic_moves_is_given_it(tmp_path: Path) -> None:
    day = Day(tmp_path, ready_wait=True)
    passed(day.live())
    assert day.memory.count("deployment-continued") == 2, "there and back"
