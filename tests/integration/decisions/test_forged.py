"""Words forged by whoever keeps the vault, keys borrowed, and seals taken away under a word."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from decision_world import RUN, World
from golive.evidence import dsse
from golive.evidence.keys import SigningKey
from golive.evidence.ledger import Ledger
from golive.evidence.strict import dump
from golive.governance.decision import Call
from golive.governance.words import WORD_TYPE
from golive.rehearsal.docket import NotAsSealed, open_case
from golive.rehearsal.enrolment import SignRefused, admit, write_trust

AT = "2024-06-01T09:30:00.000Z"


def append(world: World, person: str, key: SigningKey, **more: Any) -> None:
    """Put a word straight into the ledger, as the vault's keeper can: no screen refused it."""
    case = open_case(world.root, AT)
    role = more.get("role", "Executive Sponsor")
    scope = next(one.digest for one in case.sealed.facts.seats if one.role == role)
    said = {
        "version": 1, "kind": "decision", "rehearsal": RUN, "seal": 1,
        "seal_digest": case.sealed.digest, "person": person, "role": role, "comment": "all fine",
        "at": AT, "policy_digest": case.sealed.policy.digest,
        "head": {"size": case.checkpoint.size, "root": case.checkpoint.root},
        "say": "go", "conditions": [], "scope": scope, "about": "", "until": "", **more,
    }  # fmt: skip
    Ledger(world.root, world.seal_key).append([dsse.sign(WORD_TYPE, dump(said), key)])


def why_uncounted(world: World) -> str:
    (one,) = world.standing().uncounted
    return one.why


def test_the_keeper_enrols_no_second_key_for_somebody_on_the_sealed_roster(world: World) -> None:
    world.seal()
    forged = SigningKey.generate()
    case = open_case(world.root, AT)
    write_trust(case, "ruth", ["Executive Sponsor"], forged, world.seal_key, AT)
    append(world, "ruth", forged)
    assert "another key than the sealed roster has for ruth" in why_uncounted(world)
    assert [one.state for one in world.standing().seats if one.sponsor] == ["open"]


def test_the_persons_own_word_in_the_same_form_counts(world: World) -> None:
    """What the tests above and below change is what makes theirs not count."""
    world.seal()
    world.say("ruth")
    append(world, "ruth", world.keys["ruth"])
    assert not world.standing().uncounted


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"policy_digest": "0" * 64}, "another policy than that seal was judged by"),
        ({"at": "yesterday"}, "Invalid isoformat"),
        ({"at": ""}, "Invalid isoformat"),
        ({"at": "2024-06-01T09:30:00"}, "without a time zone"),
        ({"kind": "waiver", "say": "", "scope": "", "about": "ran", "until": "never"}, "isoformat"),
        ({"kind": "waiver", "say": "", "scope": "", "about": "ran", "until": ""}, "no end"),
        ({"kind": "acceptance", "say": "", "scope": "", "about": "R1", "until": ""}, "no end"),
    ],
)
def test_a_word_that_no_screen_lets_through_is_told_and_counts_for_nothing(
    world: World, more: dict[str, str], why: str
) -> None:
    world.seal()
    world.say("ruth", "no-go")
    append(world, "ruth", world.keys["ruth"], **more)
    assert why in why_uncounted(world)
    assert world.standing().call is Call.NO_GO


@pytest.mark.parametrize("whose", ["tom", "the vault"])
@pytest.mark.parametrize("spoken", [False, True])
def test_a_key_that_speaks_for_somebody_is_enrolled_for_nobody_else(
    world: World, whose: str, spoken: bool
) -> None:
    world.seal(roster=world.roster(without=["ines"]))
    if spoken:
        world.say("tom", "no-go")
    key = world.seal_key if whose == "the vault" else world.keys["tom"]
    with pytest.raises(SignRefused, match="speaks for somebody already"):
        admit(world.root, "ines", key, world.clock, world.seal_key)
    assert not world.standing().uncounted


def removed(folder: Path) -> None:
    for one in [folder, *folder.rglob("*")]:
        one.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("number", [1, 2])
def test_no_decision_is_told_while_a_seal_that_the_ledger_notes_is_gone(
    world: World, number: int
) -> None:
    """The first would take the no-go over it along; the second would make what it staled fresh."""
    first = world.seal()
    world.say("tom", "no-go")
    for person in ("greta", "ines", "ruth"):
        world.say(person)
    world.add("asha", "dashboards/1")
    assert world.standing().call is Call.NO_GO
    removed(first.with_name(str(number)))
    with pytest.raises(NotAsSealed, match=rf"notes the seal {RUN}/{number}"):
        world.standing()


def test_nothing_is_said_by_a_clock_from_before_the_seal(world: World) -> None:
    world.seal()
    world.say("tom")
    world.clock.at = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(SignRefused, match="clock says 2020-01-01"):
        world.waive("DevOps Lead", until="2020-02-01")
