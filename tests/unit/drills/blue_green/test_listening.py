"""What the load balancer says before anything moves: open, closed, astray, or not told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from golive.adapters.memory.codedeploy import MemoryDeployer
from golive.adapters.memory.deployments import ALARMS
from golive.drillkit.records import CheckVerdict, Outcome
from golive.kernel.errors import NotConfigured, PortError, Unreachable


def kept(day):
    (found,) = [data for path, data in day.keep.files.items() if path.endswith("-listeners.json")]
    return json.loads(found)


@pytest.mark.parametrize(
    ("memory", "check", "words"),
    [
        ({"exposed": True}, "validation_closed", "open to everybody"),
        ({"strays": True}, "incoming_elsewhere", "3 listeners"),
    ],
)
def test_an_open_door_ends_the_drill_before_anything_moves(bench, memory, check, words):
    day = bench(**memory)
    assert day.run() is Outcome.FAILED
    assert day.checks[check].verdict is CheckVerdict.FAIL
    assert words in day.checks[check].detail
    assert day.memory.effects == ()


def test_what_was_read_is_kept_though_the_check_fails(bench):
    day = bench(exposed=True)
    day.run()
    found = kept(day)
    assert found["exposures"][0]["read"] == {"open": True}
    assert {one["role"] for one in found["listeners"]} == {"production", "validation"}
    assert found["targets"] == {"green": {"healthy": 1}, "blue": {"healthy": 1}}
    assert found["notTold"] == {}


@pytest.mark.parametrize("kind", [PortError, Unreachable, NotConfigured])
@pytest.mark.parametrize(
    ("call", "check"), [("exposures", "validation_closed"), ("listeners", "incoming_elsewhere")]
)
def test_what_is_not_told_is_neither_open_nor_closed(bench, call, check, kind):
    def refuse() -> None:
        raise kind("AccessDenied", where="ELB", answer="AccessDenied: not yours", hint="ask")

    day = bench()
    day.at_call(f"balancer.{call}", 1, refuse)
    assert day.run() is Outcome.FAILED
    assert day.checks[check].verdict is CheckVerdict.INCONCLUSIVE
    assert "AccessDenied: not yours" in day.checks[check].detail
    assert kept(day)["notTold"][call] == day.checks[check].detail
    assert day.memory.effects == ()


def test_the_target_must_name_the_load_balancers_own_test_listener(bench):
    day = bench()
    listeners = day.memory.config().listeners.model_copy(
        update={"validation": "https://production.memory.example:8443"}
    )
    config = day.memory.config().model_copy(update={"listeners": listeners})
    build = day.memory.build
    day.memory.build = lambda: build(config)
    assert day.run() is Outcome.FAILED
    assert day.checks["test_listener"].verdict is CheckVerdict.FAIL
    assert "on port 9443" in day.checks["test_listener"].detail


def test_an_alarm_that_is_active_already_is_found(bench):
    day = bench()
    day.memory.deployer.set_alarm("memory-5xx", active=True, reason="last night")
    before = day.memory.effects
    assert day.run() is Outcome.FAILED
    assert day.checks["alarms_quiet"].measured == ["memory-5xx: last night"]
    assert day.memory.effects == before


def test_an_alarm_that_is_gone_is_found(bench):
    class Forgetful(MemoryDeployer):
        def alarms(self):
            return list(super().alarms())[:1]

    day = bench()
    day.memory.deployer = Forgetful(day.memory.world, alarms=ALARMS)
    assert day.run() is Outcome.FAILED
    assert day.checks["alarms_quiet"].measured == [
        "memory-latency: can't be found",
        "memory-readiness: can't be found",
    ]


def test_an_alarm_on_the_old_side_alone_is_none_on_the_release(bench):
    class Narrow(MemoryDeployer):
        def alarms(self):
            return [replace(one, side="green") for one in super().alarms()]

    day = bench()
    day.memory.deployer = Narrow(day.memory.world, alarms=ALARMS)
    assert day.run() is Outcome.FAILED
    assert day.checks["alarms_on_errors"].verdict is CheckVerdict.FAIL
    assert "of green alone" in day.checks["alarms_on_errors"].detail
