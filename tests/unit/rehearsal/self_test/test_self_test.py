"""A failure at each step, and what is said of the day after it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from golive.adapters.memory import Fault, MemoryTarget
from golive.adapters.memory.target import MemoryEnvironment
from golive.bootstrap import registry
from golive.playbook.model import Playbook
from golive.playbook.parse import parse
from golive.rehearsal.self_test import Case, Ending, Failure, Result, SelfTest, cases

PLAYBOOK = b"""---
golive: 1
release: "1.00"
date: 2024-05-30
timezone: Europe/London
---
# Day
## Timeline
| Time (BST) | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:30 | [Cutover](#cutover) | DevOps Lead | Log |

## Cutover
```yaml golive
drill: blue-green
with: {incoming: blue, abort_at: 50%, abort_by: [request, alarm], hook: {}, stalled_after: 20}
```
"""


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    found = parse(PLAYBOOK, "day.md").playbook
    assert found is not None
    return found


def tried(
    playbook: Playbook, folder: Path, *wanted: tuple[str, Failure], faults: Sequence[Fault] = ()
) -> list[Result]:
    environment = MemoryEnvironment(MemoryTarget(faults=faults, termination_wait=True))
    test = SelfTest(playbook, folder, registry(), lambda: environment, folder)
    chosen = [Case("cutover/1", "blue-green", step, kind) for step, kind in wanted]
    return list(test.run(chosen))


def test_every_step_has_its_failure(playbook: Playbook) -> None:
    found = cases(playbook, registry())
    broken = [one.step for one in found if one.failure is Failure.ERROR]
    drill = registry().drill("blue-green")
    block = next(iter(playbook.items()))
    assert broken == [one.name for one in drill.steps(drill.parse(block.params))]  # type: ignore[union-attr]
    alarmed = {one.step for one in found if one.failure is Failure.ALARM}
    assert alarmed == {"validate", "shift", "shift-alarm", "promote"}


def test_a_day_survives(playbook: Playbook, tmp_path: Path) -> None:
    results = tried(
        playbook,
        tmp_path,
        ("snapshot", Failure.ERROR),
        ("validate", Failure.ALARM),
        ("shift", Failure.ABORT),
        ("prove-alarm", Failure.ERROR),
        ("promote", Failure.ALARM),
        ("collect", Failure.ERROR),
    )
    told = [(one.case.step, one.differs, one.note) for one in results if one.ending != "survived"]
    assert not told
    assert json.loads(json.dumps(results[0].to_json()))["ending"] == "survived"


def test_one_that_does_not_says_what_is_not_as_before(playbook: Playbook, tmp_path: Path) -> None:
    (result,) = tried(playbook, tmp_path, ("shift", Failure.ERROR), faults=[Fault.INCOMING_CRASH])
    assert result.ending is Ending.LOST
    assert "blue.alive: was True, is None" in result.differs
    assert not any(one.startswith("green") for one in result.differs)


def test_a_failure_that_is_never_reached_shows_nothing(playbook: Playbook, tmp_path: Path) -> None:
    (result,) = tried(
        playbook, tmp_path, ("promote", Failure.ERROR), faults=[Fault.READINESS_STALE]
    )
    assert result.ending is Ending.NOT_REACHED
    assert "readiness" in result.note
    assert result.attempts == 2


def test_what_could_not_be_read_before_can_not_be_as_before(
    playbook: Playbook, tmp_path: Path
) -> None:
    memory = MemoryTarget(termination_wait=True)
    memory.world.sides["blue"].crashed = True
    test = SelfTest(playbook, tmp_path, registry(), lambda: MemoryEnvironment(memory), tmp_path)
    (result,) = test.run([Case("cutover/1", "blue-green", "preflight", Failure.ERROR)])
    assert result.ending is Ending.NOT_REACHED
    assert "blue.alive" in result.note


def test_a_drill_that_did_not_come_so_far_is_tried_once_more(
    playbook: Playbook, tmp_path: Path
) -> None:
    faults = iter([[Fault.READINESS_STALE], []])

    def anew() -> MemoryEnvironment:
        return MemoryEnvironment(MemoryTarget(termination_wait=True, faults=next(faults)))

    test = SelfTest(playbook, tmp_path, registry(), anew, tmp_path)
    (result,) = test.run([Case("cutover/1", "blue-green", "prove", Failure.ERROR)])
    assert (result.ending, result.attempts) == (Ending.SURVIVED, 2)
    assert "at the first attempt" in result.note


def test_what_needs_the_launch_is_tried_after_it(tmp_path: Path) -> None:
    way_back = b"\n```yaml golive\ndrill: rollback-readiness\nwith: {by: [DevOps Lead]}\n```\n"
    playbook = parse(PLAYBOOK + way_back, "day.md").playbook
    assert playbook is not None

    def anew() -> MemoryEnvironment:
        return MemoryEnvironment(MemoryTarget(termination_wait=True))

    test = SelfTest(playbook, tmp_path, registry(), anew, tmp_path)
    case = Case("cutover/2", "rollback-readiness", "forth", Failure.ERROR)
    (result,) = test.run([case])
    assert (result.ending, result.attempts) == (Ending.SURVIVED, 2), result.note
