"""Who hasn't the power, the key or the moment changes nothing, whatever lies in the run's inbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desk_world import ITEM, KEYS, ROSTER, RUN, World
from golive.drillkit.records import Outcome
from golive.evidence import dsse
from golive.evidence.keys import SigningKey
from golive.governance.acts import PAYLOAD_TYPE, Statement, sign
from golive.kernel.json import JsonObject, canonical
from golive.kernel.times import rfc3339
from golive.playbook.people import Roster
from golive.rehearsal.asking import Request
from golive.rehearsal.steering import OPERATOR, Helm, Revocation, abort_message

CONFIRM = Request(ITEM, "confirm", ["QA Lead"])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path)
    yield found
    found.close()


def abort_by(world: World, person: str, **changes: str) -> JsonObject:
    envelope = world.says(person, "abort", item="", **changes)
    return abort_message("enough", envelope)


def both(world: World, *messages: JsonObject) -> tuple[list[bool], Outcome, str]:
    """What the helm says of each message, how the desk's wait ends, and who called it off."""
    helm = Helm(RUN, world.roster)
    found = [helm.calls_off(one) for one in messages]
    world.hears(*messages)
    answer = world.desk.ask(CONFIRM)
    return found, answer.outcome, answer.aborted.person if answer.aborted else ""


@pytest.mark.parametrize("person", ["nadia", "tom", "ines"])
def test_who_has_the_power_calls_it_off(world: World, person: str) -> None:
    assert both(world, abort_by(world, person)) == ([True], Outcome.ABORTED, person)


def test_a_named_deputy_has_the_power_and_nobody_else(world: World) -> None:
    assert both(world, abort_by(world, "asha"))[:2] == ([False], Outcome.EXPIRED)
    assert world.refusals()[0].startswith("asha may not call the run off")
    deputy = [
        replace(one, deputy_for=["DevOps Lead"] * (one.id == "asha")) for one in ROSTER.people
    ]
    world.roster = world.desk.roster = Roster(tuple(deputy))
    assert both(world, abort_by(world, "asha", comment="now")) == ([True], Outcome.ABORTED, "asha")


def test_the_operators_word_is_told_as_theirs(world: World) -> None:
    assert both(world, abort_message("fire", None)) == ([True], Outcome.ABORTED, OPERATOR)


def test_an_abort_in_a_persons_name_without_their_signature_changes_nothing(world: World) -> None:
    signed = world.says("tom", "abort", item="")
    stranger = SigningKey.generate()
    statement = Statement(RUN, "", "abort", "tom", "enough", rfc3339(world.clock.now()))
    forged: list[JsonObject] = [
        {"action": "abort", "comment": "enough", "person": "tom"},
        {"action": "abort", "comment": "enough", "person": "tom", "envelope": None},
        abort_message("enough", {}),
        {"action": "abort", "comment": "enough", "envelope": "tom"},
        abort_message("enough", {**signed, "signatures": []}),
        abort_message("enough", {**signed, "payload": world.says("ines", "abort")["payload"]}),
        abort_message("enough", sign(statement, stranger)),
        abort_message("enough", sign(statement, KEYS["nadia"])),
        abort_message("enough", world.says("tom", "confirm")),
        abort_message("enough", world.says("tom", "abort", item="", run="run-b")),
    ]
    found, outcome, _ = both(world, *forged)
    assert (found, outcome) == ([False] * len(forged), Outcome.EXPIRED)
    assert len(world.refusals()) == len(forged)


def test_a_key_taken_out_of_the_run_signs_nothing_any_more(world: World) -> None:
    gone = Revocation("tom", "lost", rfc3339(world.clock.now())).to_json()
    nobody = Revocation("eve", "lost", rfc3339(world.clock.now())).to_json()
    found, outcome, _ = both(world, nobody, gone, abort_by(world, "tom"))
    assert (found, outcome) == ([False] * 3, Outcome.EXPIRED)
    assert world.refusals()[0] == "'eve' is not on the roster"
    assert world.refusals()[1].startswith("the key of tom was revoked on")
    (person,) = (one for one in world.desk.roster.people if one.revoked)
    assert person.id == "tom"
    assert [one["person"] for one in world.events("revoked")] == ["tom"]


def test_what_was_done_before_the_key_was_taken_out_stays(world: World) -> None:
    two = Request(ITEM, "approve", ["QA Lead", "DevOps Lead"], persons=2, digest="d" * 64)
    gone = Revocation("tom", "lost", rfc3339(world.clock.now())).to_json()
    approvals = [world.says(one, "approve", digest="d" * 64) for one in ("tom", "asha")]
    world.hears(approvals[0], gone, approvals[1])
    answer = world.desk.ask(two)
    assert answer.outcome is Outcome.PASSED
    assert [act.person for act in answer.acts] == ["tom", "asha"]


def test_an_act_played_again_is_refused(world: World) -> None:
    decide = Request(ITEM, "decide", ["QA Lead"])
    retry = world.says("asha", "retry")
    world.hears(retry)
    assert world.desk.ask(decide).decision == "retry"
    world.hears(retry, {**retry, "signatures": list(retry["signatures"])})  # type: ignore[arg-type]
    assert world.desk.ask(decide).outcome is Outcome.EXPIRED
    assert world.refusals() == ["this act was heard before, and is done once"] * 2


def test_an_act_from_another_moment_is_refused(world: World) -> None:
    now = world.clock.now()
    early, late = rfc3339(now - timedelta(hours=1)), rfc3339(now + timedelta(hours=1))
    world.hears(world.says("asha", "confirm", at=early), world.says("asha", "confirm", at=late))
    assert world.desk.ask(CONFIRM).outcome is Outcome.EXPIRED
    assert len(world.refusals()) == 2


def test_a_clock_set_back_holds_nobody_up(world: World) -> None:
    class SetBack(type(world.inbox)):  # type: ignore[misc]
        def receive(inner, seconds: float | None) -> JsonObject | None:
            world.clock.at -= timedelta(hours=2)
            return world.says("asha", "confirm")

    world.inbox = SetBack()
    assert world.new_desk(world.folder / "events.jsonl").ask(CONFIRM).outcome is Outcome.PASSED


def test_acts_of_another_item_run_person_or_role_are_refused(world: World) -> None:
    world.hears(
        world.says("asha", "confirm", item="checks/2"),
        world.says("asha", "confirm", run="run-b"),
        world.says("tom", "confirm"),
        world.says("asha", "approve"),
        world.says("asha", "retry"),
        world.says("asha", "abort"),
        {"payload": {}, "payloadType": "x"},
        {"hello": 1},
    )
    assert world.desk.ask(CONFIRM).outcome is Outcome.EXPIRED
    assert len(world.refusals()) == 8


def spoiled(**changes: object) -> JsonObject:
    told = {
        "run": RUN, "item": ITEM, "action": "confirm", "person": "asha", "comment": "x",
        "at": "2024-05-30T08:00:00.000Z", "digest": "", "files": [],
        "key": KEYS["asha"].public.pem,
    }  # fmt: skip
    return dsse.sign(PAYLOAD_TYPE, json.dumps({**told, **changes}).encode(), KEYS["asha"])


def test_what_a_person_signs_can_hurt_nobody(world: World) -> None:
    """Signed by the right key, and still nothing that the journal or the seal would choke on."""
    nested = b'{"comment":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    hostile: list[JsonObject] = [
        spoiled(comment="\ud800"),
        spoiled(at="yesterday"),
        spoiled(at="2024-05-30T08:00:00"),
        spoiled(files=[1]),
        spoiled(files={"path": "x"}),
        spoiled(person=["asha"]),
        spoiled(comment="x" * (2 << 20)),
        dsse.sign(PAYLOAD_TYPE, nested, KEYS["asha"]),
        {**world.says("asha", "confirm"), "more": "\ud800"},
        {**world.says("asha", "confirm"), "payload": "\ud800"},
    ]
    world.hears(*hostile)
    assert world.desk.ask(CONFIRM).outcome is Outcome.EXPIRED
    assert len(world.refusals()) == len(hostile)
    canonical(world.refusals())


def test_between_two_requests_an_act_is_told_that_it_came_too_late(world: World) -> None:
    world.hears(world.says("asha", "confirm"), world.says("tom", "comment"))
    world.desk.collect()
    assert world.refusals() == [f"{ITEM} waits for nobody now"]
    assert [one["action"] for one in world.events("note")] == ["comment"]


def test_only_the_programme_manager_nudges_and_it_is_kept(world: World) -> None:
    world.hears(world.says("tom", "nudge"), world.says("nadia", "nudge"))
    assert world.desk.ask(CONFIRM).outcome is Outcome.EXPIRED
    assert world.refusals() == ["only the programme manager nudges"]
    (kept,) = world.events("note")
    assert (kept["action"], kept["person"]) == ("nudge", "nadia")
    assert "signature" in kept


def test_nobody_to_ask_is_no_consent(world: World) -> None:
    """`All`, of a playbook that names no role."""
    world.hears(world.says("tom", "attach", world.keep("tom", "a.txt", b"a\n")))
    nobody = Request(ITEM, "confirm", [], everyone=True)
    assert world.desk.ask(nobody).outcome is Outcome.EXPIRED


@pytest.mark.parametrize(
    ("want", "action"), [("approve", "approve"), ("confirm", "confirm")], ids=["approve", "confirm"]
)
def test_one_person_s_word_is_kept_once_and_a_second_is_refused_with_its_reason(
    world: World, want: str, action: str
) -> None:
    """Two that were on their way at once: the command line can't have known of the first."""
    digest = "a" * 64 if want == "approve" else ""
    several = Request(
        ITEM, want, ["QA Lead", "DevOps Lead"], digest=digest, persons=2, everyone=want != "approve"
    )
    first = world.says("asha", action, digest=digest)
    again = world.says("asha", action, digest=digest, comment="as I said")
    other = world.says("tom", action, digest=digest)
    world.hears(first, again, other)
    assert world.desk.ask(several).outcome is Outcome.PASSED
    assert [one["person"] for one in world.events("act")] == ["asha", "tom"]
    (why,) = world.refusals()
    assert why.startswith("asha has said so already, and is counted once")
