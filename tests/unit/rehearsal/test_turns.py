"""Whose turn it is, told beforehand as the desk will judge it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from golive.governance.acts import Statement
from golive.kernel.json import JsonObject
from golive.playbook.people import Person, Roster
from golive.rehearsal.asking import Request, admit
from golive.rehearsal.board import BoardItem
from golive.rehearsal.turns import turn

KEY = "SHA256:" + "a" * 64


def _person(name: str, *roles: str, key: str = KEY, deputy: Sequence[str] = ()) -> Person:
    return Person(name, name.title(), f"{name}@rehearsal.fixnado.example", roles, deputy, key)


TOM = _person("tom", "DevOps Lead")
INES = _person("ines", "Product Engineering Lead", deputy=["DevOps Lead"])
ASHA = _person("asha", "QA Lead")
KEYLESS = _person("owen", "DevOps Lead", key="")
ROSTER = Roster((TOM, INES, ASHA, KEYLESS))
BYTES = "ab" * 32


def _item(request: Request, *acts: JsonObject) -> BoardItem:
    waiting = {**request.to_json(), "until": ""}
    return BoardItem(
        request.item, "a step", "drill", "", 1, "waiting", waiting=waiting, acts=list(acts)
    )


def _act(person: str, action: str = "approve", digest: str = BYTES) -> JsonObject:
    return {"person": person, "action": action, "role": "DevOps Lead", "digest": digest}


def _approval(**more: object) -> Request:
    facts = {"roles": ["DevOps Lead"], "digest": BYTES, "persons": 2, **more}
    return Request("cutover/1", "approve", **facts)  # type: ignore[arg-type]


def test_who_waits_for_nothing() -> None:
    item = _item(_approval())
    item.state = "passed"
    assert turn(item, TOM, ROSTER) is None


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (TOM, ""),
        (INES, ""),
        (ASHA, "it asks for DevOps Lead; you are QA Lead"),
        (KEYLESS, "no key that could prove"),
        (None, "you are not on this run's roster"),
    ],
)
def test_who_may_approve(person: Person | None, why: str) -> None:
    found = turn(_item(_approval()), person, ROSTER)
    assert found is not None
    assert why in found.why_not
    assert found.mine == (why == "")
    assert list(found.actions) == ["approve", "refuse"]
    assert [one.id for one in found.may] == ["tom", "ines"]
    assert ("asha", "it asks for DevOps Lead; they are QA Lead") in [
        (one.id, reason) for one, reason in found.may_not
    ]


def test_who_ran_it_may_not_approve_it() -> None:
    found = turn(_item(_approval(barred=["tom"])), TOM, ROSTER)
    assert found is not None
    assert "you ran this step" in found.why_not


def test_nobody_approves_twice_and_old_bytes_don_t_count() -> None:
    found = turn(_item(_approval(), _act("tom"), _act("ines", digest="cd" * 32)), TOM, ROSTER)
    assert found is not None
    assert [act["person"] for act in found.has] == ["tom"]
    assert found.why_not == "you have said so already"
    assert [one.id for one in found.may] == ["ines"]


def test_a_word_for_a_picture_is_no_answer() -> None:
    request = Request("a/1", "upload", ["QA Lead"])
    found = turn(_item(request, _act("asha", "vouch")), ASHA, ROSTER)
    assert found is not None
    assert found.mine
    assert not found.has


def test_a_retry_before_leaves_the_next_one_possible() -> None:
    request = Request("a/1", "decide", ["DevOps Lead"])
    found = turn(_item(request, _act("tom", "retry", "")), TOM, ROSTER)
    assert found is not None
    assert found.mine
    assert list(found.actions) == ["retry", "skip"]


def test_a_step_of_nobody_s_is_everybody_s() -> None:
    found = turn(_item(Request("a/1", "confirm", [])), ASHA, ROSTER)
    assert found is not None
    assert found.mine


@pytest.mark.parametrize(
    ("asked", "role"),
    [
        (["DevOps Lead", "Product Engineering Lead"], "Product Engineering Lead"),
        (["DevOps Lead"], "DevOps Lead"),
    ],
)
def test_who_holds_a_role_speaks_for_it_before_one_they_stand_in_for(
    asked: Sequence[str], role: str
) -> None:
    request = _approval(roles=asked)
    said = Statement("r1", request.item, "approve", "ines", "seen", "2024-05-30T08:00:00Z", BYTES)
    assert admit(request, said, INES, ROSTER) == role
