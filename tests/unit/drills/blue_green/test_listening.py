"""What the load balancer says before anything moves: open, closed, astray, or not told."""

from __future__ import annotations

import json

import pytest

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
