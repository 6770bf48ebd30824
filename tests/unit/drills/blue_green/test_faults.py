"""A bad launch ends failed, named, and with production proven on the old side."""

from __future__ import annotations

import pytest

from golive.adapters.memory import Fault
from golive.adapters.memory.deployments import ROLLBACK_EVENTS
from golive.drillkit.records import CheckVerdict, Outcome
from golive.kernel.errors import PortError

HOME = {"green": 100.0, "blue": 0.0}

CASES = {
    Fault.INCOMING_5XX: ("validate", "validation_failed"),
    Fault.READINESS_STALE: ("readiness", "readiness_follows"),
    Fault.INCOMING_SLOW: ("shift", "shift_healthy"),
    Fault.INCOMING_CRASH: ("shift", "shift_healthy"),
    Fault.INCOMING_HANGS: ("prove", None),
    Fault.INCOMING_5XX_LATE: ("shift", "shift_healthy"),
    Fault.ALARM: ("shift", "shift_healthy"),
    Fault.WEIGHTS_STUCK: ("shift", None),
    Fault.ROLLBACK_MISSING: ("rollback", None),
    Fault.ROLLBACK_STUCK: ("rollback", None),
    Fault.ROLLBACK_LIES: ("prove", "state_as_before"),
}


@pytest.mark.parametrize("fault", CASES)
def test_a_bad_launch_comes_back(bench, fault):
    day = bench(faults=[fault])
    assert day.run() is Outcome.FAILED
    step, check = CASES[fault]
    assert day.step(step).outcome is Outcome.FAILED
    if check:
        assert day.checks[check].verdict is CheckVerdict.FAIL
    assert day.weights == HOME
    assert day.checks["traffic_on_old_side"].verdict is CheckVerdict.PASS
    promoted = [one for one in day.effects("deployment-created") if " promote " in one.detail]
    assert not promoted, "nothing is promoted after a failed proof"
    assert day.step("collect").artefacts, "evidence is collected whatever happened"


def test_a_side_that_never_answers_is_not_taken_for_a_fast_one(bench):
    """Ten percent of the traffic for a while, as with a minute between steps."""
    day = bench(faults=[Fault.INCOMING_HANGS])
    day.at_call("deployer.get", 4, lambda: day.memory.world.faults.add(Fault.WEIGHTS_STUCK))
    day.run({"stalled_after": 30})
    assert "has answered no request" in day.step("shift").error


def test_a_fault_that_only_traffic_shows_is_stopped_at_once(bench):
    day = bench(faults=[Fault.INCOMING_5XX_LATE])
    day.run()
    assert "requests fail at 30%" in day.step("shift").error
    assert "incoming blue (new)" in day.step("shift").error
    assert max(weights_seen(day)) <= 60, "its own alarm had a moment, and took no longer"
    assert day.checks["stopped_by_alarm"].verdict is CheckVerdict.PASS
    assert day.checks["rollback_verdict"].verdict is CheckVerdict.PASS
    assert day.checks["release_verdict"].verdict is CheckVerdict.FAIL
    assert day.checks["failed_requests"].verdict is CheckVerdict.FAIL
    assert day.checks["failed_requests"].measured > 0
    assert day.checks["return_seconds"].verdict is CheckVerdict.PASS


def test_a_bad_release_gets_no_production_traffic(bench):
    day = bench(faults=[Fault.INCOMING_5XX])
    day.run()
    assert day.memory.count("deployment-created") == 0
    assert "before it got any production traffic" in day.step("validate").error


def test_one_that_comes_back_as_a_wreck_says_what_is_not_as_before(bench):
    day = bench(faults=[Fault.INCOMING_CRASH])
    day.run()
    check = day.checks["restored_as_before"]
    assert check.verdict is CheckVerdict.FAIL
    assert "blue.alive: was True, is None" in check.detail
    assert "blue.targets: was 1 healthy, is 1 unhealthy" in check.detail
    assert "green" not in check.detail


def test_a_rollback_that_lies_is_caught_by_the_proxy(bench):
    day = bench(faults=[Fault.ROLLBACK_LIES])
    day.run()
    assert "blue.weight: was 0.0, is 10.0" in day.checks["state_as_before"].detail
    assert day.checks["misrouted_after_return"].measured > 0
    assert day.checks["rollback_seconds"].verdict is CheckVerdict.INCONCLUSIVE


def test_nothing_answers(bench):
    day = bench(faults=[Fault.UNREACHABLE])
    assert day.run() is Outcome.FAILED
    assert day.checks["traffic_on_old_side"].verdict is CheckVerdict.INCONCLUSIVE
    assert day.memory.effects == ()


@pytest.mark.parametrize(
    ("memory", "params", "check"),
    [
        ({"rollback_events": frozenset()}, {}, "rollback_on_request"),
        ({"has_test_listener": False}, {}, "test_listener"),
        ({"alarms": ()}, {"abort_by": ["request", "alarm"]}, "abort_triggers"),
        ({"alarms": ("memory-latency",)}, {}, "alarms_on_errors"),
        ({"hooks": False}, {"abort_by": ["hook-failure"]}, "abort_triggers"),
        ({"hooks": False}, {"hook": {}}, "abort_triggers"),
        ({}, {"abort_by": ["command"]}, "abort_triggers"),
        (
            {"rollback_events": ROLLBACK_EVENTS - {"DEPLOYMENT_STOP_ON_ALARM"}},
            {"abort_by": ["alarm"]},
            "rollback_on_alarm",
        ),
        (
            {"rollback_events": ROLLBACK_EVENTS - {"DEPLOYMENT_FAILURE"}},
            {"hook": {}},
            "rollback_on_failure",
        ),
    ],
)
def test_preflight_finds_it_before_anything_moves(bench, memory, params, check):
    day = bench(**memory)
    assert day.run(params) is Outcome.FAILED
    assert day.checks[check].verdict is CheckVerdict.FAIL
    assert day.memory.effects == ()


def test_preflight_sees_an_unhealthy_side(bench):
    day = bench()
    day.memory.world.sides["blue"].components["payments"] = ("error", day.clock.now())
    day.run()
    assert day.checks["incoming_healthy"].verdict is CheckVerdict.FAIL
    assert day.checks["old_healthy"].verdict is CheckVerdict.PASS
    assert day.memory.effects == ()


def test_preflight_leaves_traffic_alone_that_it_did_not_move(bench):
    day = bench()
    day.memory.world.weights = {"green": 80.0, "blue": 20.0}
    assert day.run() is Outcome.FAILED
    assert day.checks["start_weights"].verdict is CheckVerdict.FAIL
    assert day.checks["traffic_on_old_side"].verdict is CheckVerdict.FAIL
    assert day.weights == {"green": 80.0, "blue": 20.0}
    assert day.memory.effects == ()


def test_a_fault_that_starts_with_the_promotion(bench):
    day = bench()
    day.at_call("deployer.create", 2, lambda: day.memory.world.faults.add(Fault.INCOMING_5XX_LATE))
    assert day.run() is Outcome.FAILED
    assert day.checks["promotion_healthy"].verdict is CheckVerdict.FAIL
    assert day.weights == HOME
    assert day.checks["traffic_on_old_side"].verdict is CheckVerdict.PASS
    assert day.checks["restored_as_before"].verdict is CheckVerdict.PASS


def test_a_promotion_that_does_not_hold_is_brought_back(bench):
    """All is well until the confirmation: then the new side starts to fail."""
    day = bench()

    def break_it() -> None:
        day.memory.world.faults.add(Fault.INCOMING_5XX)

    day.before_step = lambda name: break_it() if name == "confirm" else None
    assert day.run() is Outcome.FAILED
    assert day.checks["wrong_after_promotion"].verdict is CheckVerdict.FAIL
    assert day.weights == HOME
    assert day.checks["traffic_on_old_side"].verdict is CheckVerdict.PASS


def weights_seen(day):
    import json

    data = next(data for path, data in day.keep.files.items() if path.endswith("traffic.json"))
    return [row["weights"]["blue"] for row in json.loads(data)["byStep"]]


def test_a_load_that_breaks_off_leaves_the_rest_of_the_evidence(bench):
    day = bench(faults=[Fault.WEIGHTS_STUCK])

    def breaks() -> None:
        raise PortError("the probe load broke off")

    day.at_call("probe.stop", 2, breaks)
    assert day.run() is Outcome.FAILED
    assert day.checks["load_unbroken"].verdict is CheckVerdict.FAIL
    assert {artefact.path.rpartition("-")[2] for artefact in day.step("collect").artefacts} == {
        *("lifecycle.json", "deployments.json", "traffic.json", "samples.jsonl", "record.json"),
        "metrics.json",
    }


def test_the_deployers_own_alarm_is_named_and_its_return_timed(bench):
    day = bench(faults=[Fault.ALARM])
    day.run()
    assert "latency is in ALARM" in day.checks["shift_healthy"].detail
    assert day.checks["return_seconds"].verdict is CheckVerdict.PASS
    assert day.memory.count("deployment-stopped") == 0, "it stopped itself"
    assert day.memory.count("rollback-created") == 1


def test_an_alarm_during_the_promotion(bench):
    day = bench()
    day.at_call("deployer.create", 2, lambda: day.memory.world.faults.add(Fault.ALARM))
    assert day.run() is Outcome.FAILED
    assert "latency is in ALARM" in day.checks["promotion_healthy"].detail
    assert day.checks["traffic_on_old_side"].verdict is CheckVerdict.PASS
    assert day.weights == HOME
