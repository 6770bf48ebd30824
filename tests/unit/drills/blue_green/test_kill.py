"""Killed anywhere and taken up again: one deployment for each intent, and the same end."""

from __future__ import annotations

import pytest

from golive.drillkit.records import Outcome

STEPS = (
    *("preflight", "snapshot", "validate", "readiness", "shift", "rollback", "prove"),
    *("promote", "confirm", "verify", "secure", "collect"),
)
CALLS = (
    *(("deployer.create", 1), ("deployer.create done", 1), ("deployer.create done", 2)),
    *(("deployer.stop", 1), ("deployer.stop done", 1)),
    *(("deployer.continue", 1), ("deployer.continue done", 2), ("deployer.continue done", 3)),
    *(("deployer.get", 1), ("deployer.get", 5), ("deployer.get", 12), ("deployer.get", 20)),
    *(("probe.start", 1), ("probe.start", 2), ("probe.stop", 2)),
    *(("marketplace.toggle_component done", 1), ("marketplace.toggle_component", 2)),
    *(("deployer.target", 1), ("traffic.weights", 6)),
)


@pytest.mark.parametrize("step", STEPS)
def test_killed_between_steps(bench, killed, step):
    day = bench(ready_wait=True, termination_wait=True)
    day.kill_before_step(step)
    with pytest.raises(killed):
        day.run()
    _goes_on(day)


@pytest.mark.parametrize(("call", "number"), CALLS)
def test_killed_in_the_middle_of_a_call(bench, killed, call, number):
    day = bench(ready_wait=True, termination_wait=True)
    day.kill_at_call(call, number)
    with pytest.raises(killed):
        day.run()
    _goes_on(day)


def test_killed_again_and_again(bench, killed):
    day = bench()
    for call in ("deployer.create done", "deployer.get", "deployer.stop", "deployer.create done"):
        day.kill_at_call(call)
        with pytest.raises(killed):
            day.run()
    _goes_on(day)


def _goes_on(day) -> None:
    assert day.run() is Outcome.PASSED
    assert day.weights == {"green": 0.0, "blue": 100.0}
    intents = [effect.detail.split()[3] for effect in day.effects("deployment-created")]
    assert intents == ["shift", "promote"], "one deployment for each intent, none doubled or lost"
    assert day.memory.count("deployment-stopped") == 1
    assert day.memory.count("rollback-created") == 1


def test_a_shift_that_ended_while_the_rehearsal_was_away_is_made_again(bench, killed):
    """Killed in mid-shift; the deployment went on to 100 % meanwhile."""
    day = bench()
    day.kill_at_call("deployer.get", 6)
    with pytest.raises(killed):
        day.run()
    deployment = day.effects("deployment-created")[0].subject
    while not day.memory.deployer.get(deployment).status.final:
        pass
    assert day.weights["blue"] == 100
    assert day.run() is Outcome.PASSED
    intents = [effect.detail.split()[3] for effect in day.effects("deployment-created")]
    assert intents == ["shift", "return", "shift", "promote"]


@pytest.mark.parametrize("step", ["confirm", "promote"])
def test_an_environment_that_came_home_while_away_is_promoted_again(bench, killed, step):
    """A stage brings traffic home before it goes down."""
    day = bench()
    day.kill_before_step(step)
    with pytest.raises(killed):
        day.run()
    day.memory.world.move({"green": 100.0, "blue": 0.0})
    assert day.run() is Outcome.PASSED
    assert day.weights == {"green": 0.0, "blue": 100.0}


def test_the_time_of_the_return_is_not_the_time_of_the_absence(bench, killed):
    day = bench()
    day.kill_before_step("rollback")
    with pytest.raises(killed):
        day.run()
    shift = day.effects("deployment-created")[0].subject
    rollback = day.memory.deployer.get(shift).rollback.rollback_id
    while not day.memory.deployer.get(rollback).status.final:
        pass
    day.clock.sleep(3600)
    assert day.run() is Outcome.PASSED
    check = day.checks["rollback_seconds"]
    assert check.measured < 5
    assert "killed in between" in check.detail


def test_half_a_line_in_the_journal_is_dropped(bench, killed):
    day = bench()
    day.kill_before_step("rollback")
    with pytest.raises(killed):
        day.run()
    for name in ("cutover.jsonl", "probe.jsonl"):
        with (day._folder / name).open("ab") as file:
            file.write(b'[1717057800.5,"promo')
    _goes_on(day)
