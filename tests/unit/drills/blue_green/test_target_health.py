"""How the load balancer's own checks find the targets is part of what must come back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from golive.adapters.memory.traffic import MemoryBalancer
from golive.drillkit.records import CheckVerdict, Outcome
from golive.kernel.errors import PortError

WELL: Mapping[str, Mapping[str, int]] = {"green": {"healthy": 2}, "blue": {"healthy": 2}}


def watched(day, *, since_the_shift=WELL, untold: bool = False, watches=WELL):
    """`day`, whose balancer finds targets as in `watches`, and once a deployment was made as in
    `since_the_shift`; or doesn't tell any more."""

    class Watching(MemoryBalancer):
        def targets(self):
            if not day.memory.count("deployment-created"):
                return watches
            if untold:
                raise PortError("AccessDenied", where="ELB")
            return since_the_shift

    build = day.memory.build
    balancer = Watching(day.memory.world, exposed=False, strays=False)
    day.memory.build = lambda: replace(build(), balancer=balancer)
    return day


def start(day):
    (found,) = [data for path, data in day.keep.files.items() if path.endswith("-start.json")]
    return json.loads(found)


def test_it_is_on_record_and_compared(bench):
    day = watched(bench())
    assert day.run() is Outcome.PASSED
    assert start(day)["properties"]["green.targets"] == "2 healthy"
    assert "blue.targets 2 healthy" in day.checks["state_as_before"].detail


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"healthy": 1, "unhealthy": 1}, "green.targets: was 2 healthy, is 1 healthy, 1 unhealthy"),
        ({"healthy": 1}, "green.targets: was 2 healthy, is 1 healthy"),
        ({}, "green.targets: was 2 healthy, is none"),
    ],
)
def test_a_target_that_did_not_come_back_is_no_return(bench, now, told):
    """The side itself answers as ever: only the load balancer knows that some of it doesn't."""
    day = watched(bench(), since_the_shift={**WELL, "green": now})
    assert day.run() is Outcome.FAILED
    assert day.checks["state_as_before"].verdict is CheckVerdict.FAIL
    assert day.checks["state_as_before"].detail == told
    assert day.memory.count("deployment-created") == 1, "nothing is promoted after it"
    assert day.weights == {"green": 100.0, "blue": 0.0}


def test_what_can_not_be_read_afterwards_is_not_as_before(bench):
    day = watched(bench(), untold=True)
    assert day.run() is Outcome.FAILED
    assert "green.targets: was 2 healthy, is None" in day.checks["state_as_before"].detail


def test_a_proxy_that_checks_nobody_adds_no_property(bench):
    day = watched(bench(), watches={}, since_the_shift={})
    assert day.run() is Outcome.PASSED
    assert not [name for name in start(day)["properties"] if name.endswith(".targets")]
    assert start(day)["unreadable"] == []
