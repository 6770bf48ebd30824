"""What the doctor says of metrics over time and of a Grafana."""

from __future__ import annotations

from dataclasses import replace

from golive.adapters.grafana import Grafana
from golive.adapters.memory import MemoryTarget
from golive.adapters.memory.series import MemorySeries
from golive.ports.series import READINESS
from golive.ports.target import Target
from golive.rehearsal.examine import Grade, Sign
from golive.rehearsal.examine_target import of_target
from grafana_world import TOKEN, grafana


def told(target: Target, what: str) -> Sign:
    return next(one for one in of_target(target) if one.what.startswith(what))


def test_sides_that_nobody_scrapes_are_named() -> None:
    memory = MemoryTarget()
    assert told(memory.build(), "metrics over time").grade is Grade.OK
    blind = replace(memory.build(), series=MemorySeries(memory.world, absent=[READINESS]))
    sign = told(blind, "metrics over time")
    assert sign.grade is Grade.WARN
    assert "green" in sign.what and "blue" in sign.what


def test_a_grafana_says_whether_it_renders_and_a_bad_token_is_found() -> None:
    with grafana() as world:
        target = replace(MemoryTarget().build(), dashboards=Grafana(world.url, lambda: TOKEN))
        assert told(target, "dashboards").what.endswith("11.2.0, renders pictures")
        world.renders = False
        assert "drawn here" in told(target, "dashboards").what
        wrong = replace(target, dashboards=Grafana(world.url, lambda: "wrong"))
        assert told(wrong, "dashboards").grade is Grade.FAIL
        assert world.annotations == [] and world.dashboards == {}
