"""An incoming side that only its deployment brings in, as ECS has it."""

from __future__ import annotations

import json

from golive.adapters.memory import Fault
from golive.drillkit.records import CheckVerdict, Outcome


def test_without_a_hook_nothing_could_validate_it_before_its_traffic(bench):
    day = bench(installed=False)
    assert day.run() is Outcome.FAILED
    found = day.checks["validates_in_hook"]
    assert (found.verdict, "hook: {}" in found.detail) == (CheckVerdict.FAIL, True)
    assert "incoming_healthy" not in day.checks
    assert day.memory.effects == ()


def test_its_deployment_installs_validates_returns_and_promotes_it(bench):
    day = bench(installed=False)
    assert day.run({"hook": {}, "abort_by": ["request"]}) is Outcome.PASSED, [
        (one.id, one.measured, one.detail)
        for one in day.checks.values()
        if one.verdict is not CheckVerdict.PASS
    ]
    assert day.checks["validates_in_hook"].verdict is CheckVerdict.PASS
    assert day.checks["validation_version"].measured == "1.00"
    assert day.checks["promoted_version"].expected == "1.00"
    (start,) = [data for path, data in day.keep.files.items() if path.endswith("-start.json")]
    found = json.loads(start)
    assert "blue.version" not in found["properties"]
    assert "blue.version" in found["unreadable"]
    assert found["properties"]["validation.instance"] == "green"


def test_one_that_is_bad_is_caught_in_its_hook(bench):
    day = bench(installed=False, faults=[Fault.INCOMING_5XX])
    assert day.run({"hook": {}}) is Outcome.FAILED
    assert day.checks["caught_before_traffic"].measured == 0
    assert day.weights == {"green": 100.0, "blue": 0.0}
    assert day.memory.world.installed is False
