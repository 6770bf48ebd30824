"""Whoever runs a failed drill again can't approve it: a retry leaves enough persons who can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from desk_world import ITEM, ROSTER, World
from golive.drillkit.records import Outcome
from golive.governance.acts import ActRefused
from golive.playbook.model import Approval
from golive.playbook.people import Roster
from golive.rehearsal.asking import Request, after_retry, decision_for

OWNERS = ["DevOps Lead", "QA Lead"]
TWO = Approval(OWNERS, 2, None)
THREE = Approval([*OWNERS, "Programme Manager"], 2, None)
TOM = next(one for one in ROSTER.people if one.id == "tom")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path)
    yield found
    found.close()


def _failed(approve: Approval | None, barred: Sequence[str] = ()) -> Request:
    return decision_for(ITEM, OWNERS, approve, barred)


def test_the_retry_after_which_too_few_are_left_is_refused_by_the_desk(world: World) -> None:
    world.hears(world.says("tom", "retry"), world.says("asha", "skip"))
    answer = world.desk.ask(_failed(TWO))
    assert (answer.outcome, answer.decision) == (Outcome.SKIPPED, "skip")
    assert "only Asha may approve it, and it takes 2 persons" in world.refusals()[0]
    assert "retried by nobody; skip it" in world.refusals()[0]


@pytest.mark.parametrize("approve", [None, THREE, replace(TWO, persons=1)])
def test_any_other_retry_is_taken(world: World, approve: Approval | None) -> None:
    world.hears(world.says("tom", "retry"))
    assert world.desk.ask(_failed(approve)).decision == "retry"


def test_who_retried_before_may_again_and_costs_nobody_more(world: World) -> None:
    again = _failed(THREE, ["asha"])
    assert Request.from_json(ITEM, again.to_json()).barrier == again.barrier
    world.hears(world.says("tom", "retry"), world.says("asha", "retry"))
    answer = world.desk.ask(again)
    assert [one.person for one in answer.acts] == ["asha"]
    assert "only Nadia may approve it" in world.refusals()[0]
    assert "retried by Asha" in world.refusals()[0]


@pytest.mark.parametrize("lost", [{"key": ""}, {"revoked": "2024-05-30T07:00:00Z"}])
def test_who_could_not_prove_it_is_not_counted(lost: dict[str, str]) -> None:
    people = [replace(one, **lost) if one.id == "nadia" else one for one in ROSTER.people]  # type: ignore[arg-type]
    assert after_retry(_failed(THREE), TOM, ROSTER) == "2 persons of Nadia, Asha"
    with pytest.raises(ActRefused, match="only Asha may approve it"):
        after_retry(_failed(THREE), TOM, Roster(tuple(people)))
