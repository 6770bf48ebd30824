"""What whoever keeps a vault, and its log key, might do to people's words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from decision_world import World
from evidence_world.making import overwrite
from golive.evidence import dsse, trust
from golive.evidence.keys import SigningKey
from golive.evidence.ledger import CHECKPOINT_TYPE, Ledger
from golive.evidence.rotation import rotate
from golive.evidence.strict import dump
from golive.evidence.verify import State, verify
from golive.governance.decision import Call
from golive.governance.words import WORD_TYPE, signed
from golive.kernel.errors import GoliveError
from golive.kernel.json import JsonObject
from golive.rehearsal.docket import open_case
from golive.rehearsal.enrolment import SignRefused, revoke

AT = "2024-06-01T09:30:00.000Z"


def rewrite(world: World, keep: Callable[[int, JsonObject], bool]) -> None:
    """The ledger anew, by the log key, with only the entries that `keep` lets stay."""
    ledger = Ledger(world.root, world.seal_key)
    envelopes = [one.envelope for one in ledger.entries() if keep(one.seq, one.envelope)]
    shutil.rmtree(ledger.folder)
    ledger.begin()
    ledger.append(envelopes)
    assert verify(world.root, trusted=[world.seal_key.public]).state is State.INTACT


def test_a_no_go_taken_out_of_the_ledger_shows_in_every_word_after_it(world: World) -> None:
    world.seal()
    world.say("greta", "no-go")
    for person in ("tom", "ines", "ruth"):
        world.say(person)
    assert world.standing().call is Call.NO_GO
    rewrite(world, lambda seq, _: seq != 1)
    decided = world.standing()
    assert decided.call is Call.OPEN, "and not the GO that is left"
    assert len(decided.uncounted) == 3
    assert all("over another ledger than this" in one.why for one in decided.uncounted)


def test_words_put_in_another_order_are_said_over_another_ledger(world: World) -> None:
    world.seal()
    world.say("tom")
    world.say("tom", "no-go")
    ledger = Ledger(world.root, world.seal_key)
    sealed, first, second = (one.envelope for one in ledger.entries())
    shutil.rmtree(ledger.folder)
    ledger.begin()
    ledger.append([sealed, second, first])
    decided = world.standing()
    assert len(decided.uncounted) == 2
    assert all("over another ledger than this" in one.why for one in decided.uncounted)


def test_a_word_dated_before_its_key_was_enrolled_counts_for_nothing(world: World) -> None:
    world.seal(roster=world.roster(without=["ines"]))
    world.say("tom")
    case = open_case(world.root, AT)
    known = case.docket.words[0].word
    key = world.keys["ines"]
    late = trust.TrustedKey(key.public, ["Product Lead"], "2024-07-01T00:00:00.000Z", "", "ines")
    case.keys.with_key(late).save(world.root, world.seal_key)
    scope = next(one.digest for one in case.sealed.facts.seats if one.role == "Product Lead")
    head = known.head.model_copy(
        update={"size": case.checkpoint.size, "root": case.checkpoint.root}
    )
    word = known.model_copy(
        update={"person": "ines", "role": "Product Lead", "scope": scope, "at": AT, "head": head}
    )
    Ledger(world.root, world.seal_key).append([signed(word, key)])
    (one,) = world.standing("2024-08-01T00:00:00Z").uncounted
    assert "before its key was enrolled (2024-07-01" in one.why


@pytest.mark.parametrize("act", ["revoke", "sign", "supplement"])
def test_nobody_s_list_of_keys_is_given_our_signature(world: World, act: str) -> None:
    world.seal()
    world.say("tom")
    stranger = SigningKey.generate()
    known = trust.load(world.root)
    planted = known.with_key(trust.TrustedKey(stranger.public, [trust.SEAL_ROLE], AT))
    planted.save(world.root, stranger)
    before = (world.root / trust.FILE).read_bytes()
    with pytest.raises(SignRefused):
        if act == "revoke":
            revoke(world.root, "tom", "lost", world.clock, world.seal_key)
        elif act == "sign":
            world.say("ines")
        else:
            world.add("asha", "dashboards/1")
    assert (world.root / trust.FILE).read_bytes() == before


def test_a_retired_log_key_vouches_for_no_ledger(world: World, tmp_path: Path) -> None:
    world.seal()
    world.say("greta", "no-go")
    shutil.copytree(world.root / "ledger", tmp_path / "then")
    world.say("greta")
    new = SigningKey.generate()
    rotate(world.root, world.seal_key, new)
    assert world.standing().seats[1].state == "go"
    shutil.rmtree(world.root / "ledger")
    shutil.copytree(tmp_path / "then", world.root / "ledger")
    with pytest.raises(GoliveError, match="changed from outside"):
        world.standing()


def test_a_checkpoint_of_another_kind_is_no_checkpoint(world: World) -> None:
    """A person's word, or a seal, shown as what keeps the ledger."""
    world.seal()
    path = world.root / "ledger/checkpoint"
    payload = dsse.open_envelope(Ledger(world.root, world.seal_key).entries()[0].envelope).payload
    for kind in (WORD_TYPE, CHECKPOINT_TYPE):
        overwrite(path, dump(dsse.sign(kind, payload, world.seal_key)) + b"\n")
        with pytest.raises(GoliveError):
            world.standing()
        assert verify(world.root).state is State.CHANGED
