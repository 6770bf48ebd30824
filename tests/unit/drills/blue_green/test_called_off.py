"""Ctrl-C and `golive abort`: traffic first."""

from __future__ import annotations

import pytest

from golive.drillkit.drill import Interrupted
from golive.drillkit.records import CheckVerdict, Outcome

HOME = {"green": 100.0, "blue": 0.0}
MOMENTS = (
    *(("deployer.group", 1), ("marketplace.health", 5), ("probe.start", 1)),
    *(("marketplace.toggle_component done", 1), ("readiness.read", 1)),
    *(("deployer.create done", 1), ("deployer.get", 2), ("deployer.get", 7)),
    *(("deployer.stop done", 1), ("traffic.weights", 12)),
    *(("deployer.create done", 2), ("deployer.get", 20)),
)


@pytest.mark.parametrize(("call", "number"), MOMENTS)
def test_called_off_for_good(bench, call, number):
    day = bench(ready_wait=True, termination_wait=True)
    day.at_call(call, number, day.stop.set)
    assert day.run(called_off=True) is Outcome.ABORTED
    assert day.weights == HOME
    assert day.checks["traffic_on_old_side"].verdict is CheckVerdict.PASS
    created, over = day.memory.count("deployment-created"), day.memory.count("deployment-stopped")
    assert created == over, "no deployment of ours goes on"


@pytest.mark.parametrize(("call", "number"), MOMENTS)
def test_interrupted_and_taken_up_again(bench, call, number):
    day = bench(ready_wait=True, termination_wait=True)
    day.at_call(call, number, day.stop.set)
    with pytest.raises(Interrupted):
        day.run()
    day.memory.world.observers.clear()
    assert day.weights == HOME, "traffic is back before the interruption passes"
    day.stop.clear()
    assert day.run() is Outcome.PASSED
    assert day.weights == {"green": 0.0, "blue": 100.0}
    assert len([one for one in day.effects("deployment-created") if " promote " in one.detail]) <= 2


def test_an_interrupted_shift_starts_again_as_a_new_one(bench):
    day = bench()
    day.at_call("deployer.get", 6, day.stop.set)
    with pytest.raises(Interrupted):
        day.run()
    day.stop.clear()
    assert day.run() is Outcome.PASSED
    intents = [effect.detail.split()[3] for effect in day.effects("deployment-created")]
    keys = [effect.detail.split()[4] for effect in day.effects("deployment-created")]
    assert intents == ["shift", "shift", "promote"]
    assert len(set(keys)) == 3


def test_calling_off_twice_changes_nothing_more(bench):
    day = bench()
    day.at_call("deployer.get", 6, day.stop.set)
    day.run(called_off=True)
    effects = day.memory.effects
    day.done = {name: one for name, one in day.done.items() if not name.endswith(".undo")}
    day.run(called_off=True)
    assert day.memory.effects == effects


def test_a_component_that_was_degraded_is_ready_again(bench):
    day = bench()
    day.at_call("marketplace.toggle_component done", 1, day.stop.set)
    assert day.run(called_off=True) is Outcome.ABORTED
    statuses = {status for status, _ in day.memory.world.sides["blue"].components.values()}
    assert statuses == {"ready"}
