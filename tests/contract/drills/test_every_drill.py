"""What every drill keeps to, whichever it is: the example on its page, against the memory target.

A step may run twice (killed between its effect and its record), an undo too, and whatever a target
lacks is a check that doesn't pass, never a drill that breaks.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from golive.adapters.memory import Fault, MemoryTarget
from golive.bootstrap import registry
from golive.drillkit.drill import Drill
from golive.drillkit.records import Outcome, StepRecord
from golive.drillkit.testing import DrillRun, run_drill
from golive.ports.target import Target

PAGES = Path(__file__).resolve().parents[3] / "docs" / "drills"
BLOCK = re.compile(r"^```yaml(?: golive)?\n(.*?)^```$", re.M | re.S)
BROKE = "the drill itself broke"
NEED_MORE = {"command", "http", "workflow"}
"""What they reach is the team's own: a memory target has nothing of it."""
OWN = {"smoke": ("command",), "surge": ("rota",)}
"""What an example names that only its team has."""


@pytest.fixture(params=registry().names())
def drill(request: pytest.FixtureRequest) -> Drill[Any]:
    return registry().drill(str(request.param))


@pytest.fixture
def example(drill: Drill[Any]) -> dict[str, Any]:
    text = (PAGES / f"{drill.name}.md").read_text(encoding="utf-8")
    block = YAML(typ="safe", pure=True).load(BLOCK.findall(text)[0])
    found: dict[str, Any] = block.get("with", {})
    return {name: found[name] for name in found if name not in OWN.get(drill.name, ())}


def told(run: DrillRun) -> str:
    wrong = [one for one in run.record.checks if one.verdict != "pass"]
    lines = [f"{one.id}: {one.verdict} {one.measured} {one.detail}" for one in wrong]
    errors = [f"{step.name}: {step.error} {step.log}" for step in run.record.steps if step.error]
    return "\n".join([*lines, *errors])


def verdicts(run: DrillRun) -> dict[str, str]:
    return {one.id: one.verdict.value for one in run.record.checks}


def test_parameters_are_strict(drill: Drill[Any], example: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        drill.parse({**example, "no-such-parameter": 1})


def test_steps_are_the_same_every_time_and_bear_names_of_their_own(
    drill: Drill[Any], example: dict[str, Any]
) -> None:
    steps = [[step.name for step in drill.steps(drill.parse(example))] for _ in range(2)]
    assert steps[0] == steps[1]
    assert len(set(steps[0])) == len(steps[0]) > 0


def test_every_step_may_run_twice(
    drill: Drill[Any], example: dict[str, Any], tmp_path: Path
) -> None:
    """As a resumed run does that was killed after the effect and before the record."""

    def twice(name: str, act: Callable[[], StepRecord]) -> StepRecord:
        act()
        return act()

    if drill.name in NEED_MORE:
        return
    once = run_drill(drill, example, MemoryTarget().build(), _folder(tmp_path, "once"))
    again = run_drill(drill, example, MemoryTarget().build(), _folder(tmp_path, "again"), do=twice)
    assert BROKE not in told(again), told(again)
    assert verdicts(again) == verdicts(once), told(again)
    assert "pass" in verdicts(once).values() or drill.name == "dashboards", told(once)
    assert set(again.files) == set(once.files)


def test_called_off_anywhere_it_is_undone_and_the_undo_may_run_twice(
    drill: Drill[Any], example: dict[str, Any], tmp_path: Path
) -> None:
    steps = drill.steps(drill.parse(example))
    if drill.name in NEED_MORE or not any(step.undo for step in steps):
        return
    for number, step in enumerate(steps):
        stop = threading.Event()

        def until(name: str, act: Callable[[], StepRecord], last: str = step.name) -> StepRecord:
            record = act()
            if name == last:
                stop.set()  # noqa: B023  (used before the next one is made)
            return act() if name.endswith(".undo") else record

        memory = MemoryTarget()
        run = run_drill(
            drill, example, memory.build(), _folder(tmp_path, str(number)),
            do=until, stop=stop, called_off=True,
        )  # fmt: skip
        assert BROKE not in told(run), told(run)
        undone = [one for one in run.record.steps if one.undo]
        assert all(one.outcome is Outcome.PASSED for one in undone), told(run)
        assert memory.world.weights[memory.world.old] in (100, 0), "traffic is on one side"


@pytest.mark.parametrize("lacking", ["everything", "an answer"])
def test_what_a_target_lacks_is_told(
    drill: Drill[Any], example: dict[str, Any], tmp_path: Path, lacking: str
) -> None:
    memory = MemoryTarget(faults=[Fault.UNREACHABLE] if lacking == "an answer" else [])
    target = memory.build()
    if lacking == "everything":
        config = target.config.model_copy(
            update={"listeners": None, "deployer": None, "terraform": None, "smoke": ()}
        )
        target = Target(config, target.http, target.commands, target.probe)
    run = run_drill(drill, example, replace(target), _folder(tmp_path, "work"))
    assert BROKE not in told(run), told(run)
    assert run.record.outcome is not Outcome.PASSED


def _folder(path: Path, name: str) -> Path:
    folder = path / name
    folder.mkdir()
    return folder
