"""Cut off at any call to the outside, the drill is begun again and does nothing twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from golive.adapters.memory import MemoryTarget
from golive.drillkit.records import Outcome
from golive.drillkit.testing import run_drill
from golive.drills.incident import IncidentDrill
from golive.drills.surge import SurgeDrill

TRIAL = {"trial": {"team": 1}}
ONCE = ("incident-opened", "incident-escalated", "contact-made", "conversation-made")


class Killed(BaseException):
    """What no drill catches."""


def calls_of(drill: Any, params: dict[str, object], work: Path) -> int:
    memory, seen = MemoryTarget(), list[str]()
    memory.world.observers.append(seen.append)
    run_drill(drill, params, memory.build(), work)
    return len(seen)


def cut_at(place: int, drill: Any, params: Any, work: Path) -> MemoryTarget:
    """The world after a drill that died at its call number `place`."""
    memory = MemoryTarget()
    left = iter(range(place, -1, -1))

    def count(_: str) -> None:
        if next(left, None) == 0:
            raise Killed

    memory.world.observers.append(count)
    with pytest.raises(Killed):
        run_drill(drill, params, memory.build(), work)
    memory.world.observers.clear()
    return memory


def test_one_incident_one_conversation_one_note_however_often_it_is_killed(tmp_path: Path) -> None:
    """Until it is resolved: a rehearsal resumes where it was, and begins no resolved one again."""
    params = {"part": "raise"}
    total = calls_of(IncidentDrill(), params, tmp_path)
    assert total > 30
    for place in range(total):
        memory = cut_at(place, IncidentDrill(), params, tmp_path)
        run = run_drill(IncidentDrill(), params, memory.build(), tmp_path)
        assert run.record.outcome is Outcome.PASSED, place
        for kind in ONCE:
            assert memory.count(kind) == 1, (kind, place)
        assert memory.count("update-drafted") == 4, place
        assert memory.count("note-made") == 1, place


def test_the_second_part_begins_again(tmp_path: Path) -> None:
    params = {"part": "close"}
    for place in range(0, 60, 2):
        memory = MemoryTarget()
        run_drill(IncidentDrill(), {"part": "raise"}, memory.build(), tmp_path)
        left = iter(range(place, -1, -1))

        def count(_: str, left: Any = left) -> None:
            if next(left, None) == 0:
                raise Killed

        memory.world.observers.append(count)
        try:
            run_drill(IncidentDrill(), params, memory.build(), tmp_path)
        except Killed:
            memory.world.observers.clear()
            run = run_drill(IncidentDrill(), params, memory.build(), tmp_path)
            assert run.record.outcome is Outcome.PASSED, place
        for kind in ("incident-acknowledged", "incident-mitigated", "incident-resolved"):
            assert memory.count(kind) == 1, (kind, place)
        assert memory.count("note-made") == 2, place


def test_the_trial_of_a_surge_is_one_conversation(tmp_path: Path) -> None:
    total = calls_of(SurgeDrill(), TRIAL, tmp_path)
    for place in range(total):
        memory = cut_at(place, SurgeDrill(), TRIAL, tmp_path)
        run = run_drill(SurgeDrill(), TRIAL, memory.build(), tmp_path)
        assert run.record.outcome is Outcome.PASSED, place
        assert memory.count("conversation-made") == 1, place
        assert memory.count("contact-made") == 1, place
        assert memory.count("note-made") == 1, place
