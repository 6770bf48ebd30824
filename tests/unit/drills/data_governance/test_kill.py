"""Cut off at any call to the outside, the drill is begun again and does nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from golive.adapters.memory import MemoryTarget
from golive.drillkit.records import Outcome
from golive.drillkit.testing import run_drill
from golive.drills.data_governance import DataGovernanceDrill
from golive.drills.legal import Legal

SUBJECT = {"purge": ["subject"]}


class Killed(BaseException):
    """What no drill catches."""


def calls_of(drill: DataGovernanceDrill | Legal, params: dict[str, object], work: Path) -> int:
    memory, seen = MemoryTarget(), list[str]()
    memory.world.observers.append(seen.append)
    run_drill(drill, params, memory.build(), work)
    return len(seen)


def cut_at(
    place: int, drill: DataGovernanceDrill | Legal, params: object, work: Path
) -> MemoryTarget:
    """The world after a drill that died at its call number `place`."""
    memory = MemoryTarget()
    left = iter(range(place, -1, -1))

    def count(_: str) -> None:
        if next(left, None) == 0:
            raise Killed

    memory.world.observers.append(count)
    with pytest.raises(Killed):
        run_drill(drill, params, memory.build(), work)  # type: ignore[arg-type]
    memory.world.observers.clear()
    return memory


def test_a_request_is_filed_and_exported_once_however_often_it_is_killed(tmp_path: Path) -> None:
    total = calls_of(DataGovernanceDrill(), SUBJECT, tmp_path)
    assert total > 30
    for place in range(total):
        memory = cut_at(place, DataGovernanceDrill(), SUBJECT, tmp_path)
        run = run_drill(DataGovernanceDrill(), SUBJECT, memory.build(), tmp_path)
        assert run.record.outcome is Outcome.PASSED, place
        assert memory.count("data-request-filed") == 2, place
        assert memory.count("data-request-exported") == 1, place
        assert memory.count("data-request-rejected") == 1, place


def test_the_legal_drill_changes_nothing_and_begins_again(tmp_path: Path) -> None:
    total = calls_of(Legal(), {}, tmp_path)
    for place in range(0, total, 3):
        memory = cut_at(place, Legal(), {}, tmp_path)
        run = run_drill(Legal(), {}, memory.build(), tmp_path)
        assert run.record.outcome is Outcome.PASSED, place
        assert memory.effects == ()
