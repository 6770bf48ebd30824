"""One shift and return for each trigger, wherever it is pulled."""

from __future__ import annotations

import pytest

from golive.adapters.memory import Fault
from golive.drillkit.drill import Interrupted
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drills.blue_green.params import EVENTS

HOME = {"green": 100.0, "blue": 0.0}
EVERY = ["request", "alarm", "alarm-latency", "hook-failure", "hook-silence", "command"]


def codes(day) -> list[str]:
    """How each shift of ours ended, in order."""
    made = [one.subject for one in day.effects("deployment-created")]
    return [day.memory.deployer.get(one).error_code for one in made]


def test_every_trigger_in_turn(bench):
    day = bench(termination_wait=True)
    assert day.run({"abort_by": EVERY, "stalled_after": 60}) is Outcome.PASSED
    assert codes(day) == [
        "MANUAL_STOP",
        "ALARM_ACTIVE",
        "ALARM_ACTIVE",
        "HOOK_EXECUTION_FAILURE",
        "HOOK_EXECUTION_FAILURE",
        "MANUAL_STOP",
        "",
    ]
    assert day.memory.count("rollback-created") == len(EVERY)
    assert day.checks["rollback_verdict"].measured == len(EVERY)
    assert day.checks["release_verdict"].verdict is CheckVerdict.PASS
    for trigger in EVERY[1:]:
        checks = {one.id: one for one in day.step(f"prove-{trigger}").checks}
        assert checks["state_as_before"].verdict is CheckVerdict.PASS
        assert checks["rollback_seconds"].verdict is CheckVerdict.PASS
    states = [one.detail for one in day.effects("alarm-set")]
    assert states == ["ALARM", "OK", "ALARM", "OK"], "whatever was set is set back"
    assert any("stop-deployment" in line for line in day.step("shift-command").log)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("trigger", ["request", "alarm", "hook-failure", "hook-silence"])
def test_at_a_lifecycle_event(bench, event, trigger):
    day = bench()
    params = {"abort_by": [trigger], "abort_at": event, "then": "stay", "stalled_after": 60}
    assert day.run(params) is Outcome.PASSED
    assert day.weights == HOME
    before = event != EVENTS[-1]
    check = day.checks["aborted_before_traffic" if before else "aborted_at_percent"]
    assert check.measured == (0 if before else 100)
    assert ("incoming_p95_ms" in day.checks) is not before


def test_the_hook_decides_before_any_production_traffic(bench):
    day = bench()
    hook = {"checks": ["login", "timeline-hub", "commerce-snapshot"], "smoke": True}
    assert day.run({"hook": hook}) is Outcome.PASSED
    assert [one.detail for one in day.effects("hook-answered")] == ["True"]
    assert day.step("validate").value == {"answered": "succeeded"}
    assert day.memory.count("deployment-created") == 2
    assert day.checks["hook_checks"].verdict is CheckVerdict.PASS
    assert day.checks["tests"].measured > 0


@pytest.mark.parametrize("fault", [Fault.INCOMING_5XX, Fault.READINESS_STALE])
def test_a_bad_release_is_caught_by_its_hook(bench, fault):
    day = bench(faults=[fault])
    assert day.run({"hook": {}}) is Outcome.FAILED
    assert day.step("validate").outcome is Outcome.FAILED
    assert day.checks["caught_before_traffic"].measured == 0
    assert codes(day) == ["HOOK_EXECUTION_FAILURE"]
    assert day.weights == HOME
    assert day.checks["rollback_verdict"].verdict is CheckVerdict.PASS


def test_a_hook_that_is_to_fail_is_validated_all_the_same(bench):
    day = bench()
    assert day.run({"hook": {}, "abort_by": ["hook-failure"]}) is Outcome.PASSED
    assert day.step("validate").value == {"answered": "left to the abort"}
    assert codes(day) == ["HOOK_EXECUTION_FAILURE", ""]


CALLS = (
    *(("deployer.open_hook", 2), ("deployer.answer_hook", 1), ("deployer.answer_hook done", 1)),
    *(("deployer.answer_hook done", 2), ("deployer.set_alarm", 1), ("deployer.set_alarm done", 1)),
    *(("deployer.set_alarm done", 2), ("deployer.create done", 2), ("deployer.create done", 3)),
    *(("deployer.service", 2), ("deployer.get", 30)),
)
PARAMS = {"hook": {}, "abort_by": ["request", "alarm", "hook-failure"]}


@pytest.mark.parametrize(("call", "number"), CALLS)
def test_killed_and_taken_up_again(bench, killed, call, number):
    day = bench()
    day.kill_at_call(call, number)
    with pytest.raises(killed):
        day.run(PARAMS)
    assert day.run(PARAMS) is Outcome.PASSED
    assert day.weights == {"green": 0.0, "blue": 100.0}
    intents = [effect.detail.split()[3] for effect in day.effects("deployment-created")]
    assert intents == ["shift", "shift-alarm", "shift-hook-failure", "promote"]
    assert {one.state for one in day.memory.deployer.alarms()} == {"OK"}


@pytest.mark.parametrize(("call", "number"), CALLS)
def test_called_off_by_a_person(bench, call, number):
    """Neither verdict is a person's."""
    day = bench()
    day.at_call(call, number, day.stop.set)
    assert day.run(PARAMS, called_off=True) is Outcome.ABORTED
    assert day.weights == HOME
    assert "release_verdict" not in day.checks
    assert {one.state for one in day.memory.deployer.alarms()} == {"OK"}


@pytest.mark.parametrize(("call", "number"), CALLS[:3])
def test_interrupted_in_the_hook_and_taken_up_again(bench, call, number):
    day = bench()
    day.at_call(call, number, day.stop.set)
    with pytest.raises(Interrupted):
        day.run(PARAMS)
    assert day.weights == HOME
    day.stop.clear()
    assert day.run(PARAMS) is Outcome.PASSED


def test_alarms_that_see_nothing_are_found_wanting(bench):
    """The drill stops what they should have stopped, and says that they didn't."""
    day = bench(faults=[Fault.INCOMING_HANGS], alarms=("memory-5xx",))
    day.at_call("deployer.get", 4, lambda: day.memory.world.faults.add(Fault.WEIGHTS_STUCK))
    assert day.run({"stalled_after": 30}) is Outcome.FAILED
    assert day.checks["stopped_by_alarm"].verdict is CheckVerdict.FAIL
    assert day.weights == HOME
