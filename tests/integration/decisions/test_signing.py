"""People's words over a seal: what they amount to, what makes them stale, who may say what."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from decision_world import FOREVER, RUN, World
from golive.drillkit.records import CheckVerdict
from golive.evidence.durable import VaultError
from golive.evidence.keys import SigningKey
from golive.evidence.ledger import Ledger
from golive.evidence.verify import State, verify
from golive.governance.acts import ActRefused
from golive.governance.decision import Call
from golive.governance.words import signed
from golive.kernel.errors import BadInput, GoliveError
from golive.playbook.people import parse_roster
from golive.rehearsal.docket import open_case
from golive.rehearsal.enrolment import admit, revoke
from golive.rehearsal.sign import SignRefused, Wish, sign

AT = "2024-06-02T00:00:00.000Z"


def states(world: World) -> dict[str, str]:
    return {one.seat.role: one.state for one in world.standing().seats}


def intact(world: World) -> bool:
    found = verify(world.root, trusted=[world.seal_key.public])
    return found.state is State.INTACT


def test_nobody_has_signed(world: World) -> None:
    world.seal()
    decided = world.standing()
    assert decided.call is Call.OPEN
    assert len(decided.why) == 4
    assert "tom, greta may" in decided.why[0]


def test_four_say_go_and_one_no_turns_it(world: World) -> None:
    world.seal()
    world.everybody()
    assert world.standing().call is Call.GO
    assert world.standing().headline.startswith("GO on a practice run")
    after = world.say("greta", "no-go").decision
    assert after.call is Call.NO_GO
    assert "greta as Compliance Lead says no-go: greta has looked" in after.headline
    world.say("ruth")
    assert world.standing().call is Call.NO_GO  # the sponsor's go doesn't overrule it
    waived = world.waive("Compliance Lead").decision
    assert waived.call is Call.GO
    assert "waived by ruth as Executive Sponsor" in waived.why[1]
    assert world.standing(at="2200-01-01T00:00:00.000Z").call is Call.NO_GO
    world.say("greta", "no-go")
    assert world.standing().call is Call.NO_GO  # said again, after the waiver
    world.say("greta")
    assert world.standing().call is Call.GO
    assert intact(world)


def test_conditions_are_kept_and_not_averaged(world: World) -> None:
    world.seal()
    world.everybody()
    world.say("ines", "go-with-conditions", "the board is fixed", "by noon")
    decided = world.standing()
    assert decided.call is Call.CONDITIONS
    assert decided.conditions == [
        "ines (Product Lead): the board is fixed",
        "ines (Product Lead): by noon",
    ]


def test_a_holder_and_a_deputy_who_disagree(world: World) -> None:
    world.seal()
    world.everybody()
    with pytest.raises(SignRefused, match="one person fills one seat"):
        world.say("greta", role="DevOps Lead")
    other = World(world.folder / "other")
    other.folder.mkdir()
    other.seal()
    for person in ("tom", "ines", "ruth"):
        other.say(person)
    other.say("greta", "no-go", role="DevOps Lead")
    seat = other.standing().seats[0]
    assert (seat.state, len(seat.signatures)) == ("no-go", 2)
    assert other.standing().call is Call.NO_GO


def test_a_new_seal_makes_exactly_the_touched_signatures_stale(world: World) -> None:
    world.seal()
    world.everybody()
    added = world.add("asha", "dashboards/1", name="board.txt")
    assert added.seal.number == 2
    assert [one.path for one in added.files] == ["out/board.txt"]
    assert states(world) == {
        "DevOps Lead": "go",
        "Compliance Lead": "go",
        "Product Lead": "stale",
        "Executive Sponsor": "stale",
    }
    decided = world.standing()
    assert decided.call is Call.OPEN
    assert "Product Lead must sign again: the evidence changed after ines signed" in decided.why
    world.say("ines")
    world.say("ruth")
    assert world.standing().call is Call.GO
    world.add("greta", "case/2", name="notes.md")
    assert [role for role, state in states(world).items() if state == "stale"] == [
        "Compliance Lead",
        "Executive Sponsor",
    ]
    assert intact(world)
    first = world.root / f"releases/{RUN}/1/data/golive/verdict.json"
    before = json.loads(first.read_text())
    assert before["open_human_items"] == added.judgement.open_human_items + 1


def test_nobodys_go_makes_up_for_the_gate(world: World) -> None:
    world.seal(CheckVerdict.FAIL)
    world.everybody()
    decided = world.standing()
    assert decided.call is Call.OPEN
    assert "the verdict is NOT READY: 1 reason that nobody has waived" in decided.why
    with pytest.raises(SignRefused, match="only the Executive Sponsor may waive"):
        world.waive("checks-passed", person="tom")
    with pytest.raises(SignRefused, match="nothing called 'drift-zero'"):
        world.waive("drift-zero")
    with pytest.raises(SignRefused, match="a day to come"):
        world.waive("checks-passed", until="2024-01-01")
    world.waive("checks-passed", until="2024-06-30")
    decided = world.standing()
    assert decided.call is Call.GO
    assert "waived: synthetic: it is quick" in decided.why[1]
    assert world.standing(at="2024-07-01T00:00:00.000Z").call is Call.OPEN


def test_risks_are_accepted_by_a_named_person_until_a_day(world: World) -> None:
    world.seal(practice=False)
    reasons = [one.text for one in world.standing().judgement.reasons]
    assert any("risk risk-2 (Nobody looks)" in text for text in reasons)
    wish = Wish("ines", "we watch it", accept_risk="risk-2", until=f"{FOREVER}T00:00:00Z")
    with pytest.raises(SignRefused, match="has no 'risk-9'"):
        world.wish(replace(wish, accept_risk="risk-9"))
    for person, risk in (("tom", "risk-2"), ("ines", "risk-1"), ("asha", "risk-1")):
        with pytest.raises(SignRefused, match=f"what is left of {risk} is borne by"):
            world.wish(replace(wish, person=person, accept_risk=risk))
    with pytest.raises(SignRefused, match="is borne by Product Lead or Executive Sponsor, not by"):
        world.wish(replace(wish, person="tom", role="DevOps Lead"))
    with pytest.raises(SignRefused, match="tom doesn't hold the role Product Lead"):
        world.wish(replace(wish, person="tom", role="Product Lead"))
    world.wish(wish)
    decided = world.standing()
    assert not any("risk-2" in one.text for one in decided.judgement.reasons)
    assert [one.word.person for one in decided.acceptances] == ["ines"]
    sealed = world.add("asha", "dashboards/1", name="board.txt").seal.path
    register = json.loads((sealed / "data/golive/risks.json").read_text())["risks"]
    assert [one["accepted"] and one["accepted"]["person"] for one in register] == [None, "ines"]
    assert '"ines (Product Lead)"' in (sealed / "data/risk-log.csv").read_text()


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish("nobody", "x", "go"), "no seat"),
        (Wish("asha", "x", "go"), "no seat"),
        (Wish("asha", "x", "go", role="Executive Sponsor"), "doesn't hold the role"),
        (Wish("tom", "x", "go", role="Emperor"), "sign-off list has no Emperor"),
        (Wish("tom", "  ", "go"), "comment"),
        (Wish("tom", "x", "maybe"), "no decision"),
        (Wish("tom", "x", "go", ("but",)), "conditions belong"),
        (Wish("tom", "x", "go-with-conditions"), "conditions belong"),
        (Wish("tom", "x", "go-with-conditions", ("a", " ")), "conditions belong"),
        (Wish("ruth", "x", waive="Executive Sponsor", until="2199-01-01T00:00:00Z"), "own no-go"),
        (Wish("ruth", "x", waive="checks-passed", until="soon"), "no moment"),
    ],
)
def test_what_may_not_be_said(world: World, wish: Wish, words: str) -> None:
    world.seal()
    before = (world.root / "ledger/ledger.jsonl").read_bytes()
    key = world.keys.get(wish.person, world.keys["tom"])
    with pytest.raises(SignRefused, match=words):
        sign(world.root, wish, None, key, world.clock, log_key=world.seal_key)
    assert (world.root / "ledger/ledger.jsonl").read_bytes() == before


def test_a_role_alone_proves_nothing(world: World) -> None:
    world.seal(roster=world.roster(without=["tom"]))
    wish = Wish("tom", "it's me", "go")
    with pytest.raises(SignRefused, match="not the one that the sealed roster has"):
        world.wish(wish)
    with pytest.raises(SignRefused, match="not the one"):
        sign(world.root, replace(wish, person="ruth"), None, world.keys["tom"], world.clock,
             log_key=world.seal_key)  # fmt: skip
    admit(world.root, "tom", world.keys["tom"], world.clock, world.seal_key)
    world.wish(wish)
    with pytest.raises(SignRefused, match="had a key already"):
        admit(world.root, "tom", SigningKey.generate(), world.clock, world.seal_key)
    with pytest.raises(SignRefused, match="not on the sealed roster"):
        admit(world.root, "eve", SigningKey.generate(), world.clock, world.seal_key)
    with pytest.raises(SignRefused, match="not the one"):
        sign(world.root, replace(wish, person="ruth"), None, world.keys["tom"], world.clock,
             log_key=world.seal_key)  # fmt: skip
    assert intact(world)


def test_a_revoked_key_keeps_what_it_signed_and_signs_no_more(world: World) -> None:
    world.seal()
    world.everybody()
    assert revoke(world.root, "tom", "lost", world.clock, world.seal_key) == 1
    assert revoke(world.root, "tom", "lost", world.clock, world.seal_key) == 0
    assert world.standing().call is Call.GO
    with pytest.raises(SignRefused, match="revoked"):
        world.say("tom", "no-go")
    # even if it gets into the ledger by other means, it counts for nothing
    case = open_case(world.root, AT)
    word = case.docket.words[0].word
    forged = word.model_copy(update={"say": "no-go", "at": "2024-05-31T00:00:00.000Z"})
    Ledger(world.root, world.seal_key).append([signed(forged, world.keys["tom"])])
    decided = world.standing()
    assert decided.call is Call.GO
    assert "the key was revoked" in decided.uncounted[0].why
    gone = b'["Product Lead"]\nrevoked = "2024-05-31T00:00:00Z"'
    today = parse_roster(world.roster().replace(b'["Product Lead"]', gone), "people.toml")
    with pytest.raises(SignRefused, match="no longer counts"):
        sign(world.root, Wish("ines", "x", "go"), today, world.keys["ines"], world.clock,
             log_key=world.seal_key)  # fmt: skip


def test_a_key_that_never_signed_is_revoked_as_well_and_a_mistyped_name_is_refused(
    world: World,
) -> None:
    world.seal()
    assert revoke(world.root, "tom", "stolen", world.clock, world.seal_key) == 1
    assert revoke(world.root, "tom", "stolen", world.clock, world.seal_key) == 0
    with pytest.raises(SignRefused, match="revoked on 2024"):
        world.say("tom", "go")
    with pytest.raises(SignRefused, match="knows no key of 'tmo'"):
        revoke(world.root, "tmo", "stolen", world.clock, world.seal_key)
    revoke(world.root, "asha", "stolen", world.clock, world.seal_key)
    with pytest.raises(ActRefused, match="was revoked"):
        world.add("asha", "dashboards/1")
    assert intact(world)


@pytest.mark.parametrize("content", ["", " \n", "https://example.org/board\n"])
def test_what_is_no_evidence_in_a_run_is_none_after_the_seal(world: World, content: str) -> None:
    world.seal()
    with pytest.raises(BadInput, match=r"the file is empty|not evidence"):
        world.add("asha", "dashboards/1", content)
    assert len(list((world.root / "releases" / RUN).iterdir())) == 1


def test_words_in_the_ledger_that_count_for_nothing(world: World) -> None:
    world.seal()
    world.everybody()
    word = open_case(world.root, AT).docket.words[0].word
    ledger = Ledger(world.root, world.seal_key)
    forged = [
        (word.model_copy(update={"person": "ruth", "say": "no-go"}), "tom", "with the key of tom"),
        (word.model_copy(update={"seal_digest": "0" * 64}), "tom", "names a seal"),
        (word.model_copy(update={"scope": "0" * 64}), "tom", "other evidence"),
        (word.model_copy(update={"role": "Executive Sponsor", "scope": ""}), "tom", "other evid"),
    ]
    ledger.append([signed(one, world.keys[key]) for one, key, _ in forged])
    ledger.append([signed(word, SigningKey.generate())])
    decided = world.standing()
    assert decided.call is Call.GO
    whys = [one.why for one in decided.uncounted]
    assert len(whys) == 5
    for (_, _, expected), why in zip(forged, whys, strict=False):
        assert expected in why


def test_nothing_is_signed_over_a_vault_that_was_changed(world: World) -> None:
    release = world.seal()
    file = release / "data/golive/facts.json"
    file.chmod(0o644)
    file.write_text(file.read_text().replace("12.5", "11.5"))
    with pytest.raises(SignRefused, match="not what was sealed here"):
        world.say("tom")


def test_nothing_is_signed_by_another_keeper(world: World) -> None:
    release = world.seal()

    def say() -> None:
        sign(world.root, Wish("tom", "x", "go"), None, world.keys["tom"], world.clock,
             log_key=SigningKey.generate())  # fmt: skip

    with pytest.raises(GoliveError, match="the key that keeps this vault is not here"):
        say()
    (release / "data/golive/facts.json").chmod(0o644)
    (release / "data/golive/facts.json").write_text("{}")
    with pytest.raises(GoliveError, match="not what was sealed here"):
        say()


def test_an_older_ledger_with_a_newer_checkpoint_is_not_believed(world: World) -> None:
    world.seal()
    shutil.copy(world.root / "ledger/ledger.jsonl", world.folder / "old")
    world.everybody()
    shutil.copy(world.folder / "old", world.root / "ledger/ledger.jsonl")
    with pytest.raises(VaultError, match="changed from outside"):
        world.standing()


def test_only_who_may_adds_evidence(world: World) -> None:
    world.seal()
    with pytest.raises(GoliveError, match="holds none of the roles"):
        world.add("tom", "dashboards/1")
    with pytest.raises(GoliveError, match="no item"):
        world.add("tom", "dashboards/9")
    with pytest.raises(GoliveError, match="doesn't hold the role"):
        world.add("asha", "cutover/1")
    assert len(list((world.root / "releases").glob("*/*"))) == 1
    added = world.add("tom", "cutover/1", "trace\nmail me: someone@elsewhere.example.org\n")
    assert [one.path for one in added.files] == ["attachments/cutover/1/x.txt"]
    kept = (added.seal.path / "data/attachments/cutover/1/x.txt").read_text()
    assert "trace" in kept
    assert "someone@elsewhere" not in kept
