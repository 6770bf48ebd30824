"""Whatever people say in whatever order: the decision keeps its promises."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from golive.gates.facts import Seat
from golive.gates.verdict import Judgement, Verdict
from golive.governance.bench import sponsor
from golive.governance.decision import Call, Docket, Heard, decision, in_force
from golive.governance.words import Head, Word
from golive.playbook.people import Person, Roster

NOW = "2024-06-01T00:00:00.000Z"
BEFORE, AFTER = "2024-05-01T00:00:00.000Z", "2024-07-01T00:00:00.000Z"
OLD, NEW = "1" * 64, "2" * 64
"""Two seals. Of the evidence, what `Product` looks at changed between them."""

ROLES = ("DevOps", "Product", "Sponsor")
SCOPES = {"DevOps": ("d", "d"), "Product": ("p", "q"), "Sponsor": ("s", "t")}
PEOPLE = {"tom": ("DevOps",), "ines": ("Product",), "ruth": ("Sponsor",), "max": ("DevOps",)}


def seat(role: str) -> Seat:
    return Seat(
        seq=1, line=3, owner=role, role=role, text="", items=(), whole=role == "Sponsor",
        digest=SCOPES[role][1],
    )  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A word as a strategy draws it."""

    person: str
    role: str
    say: str = "go"
    seal: str = NEW
    about: str = ""
    until: str = AFTER

    def heard(self, seq: int) -> Heard:
        waiver = bool(self.about)
        old = SCOPES[self.role][self.seal == NEW]
        word = Word(
            kind="waiver" if waiver else "decision",
            rehearsal="r",
            seal=1,
            seal_digest=self.seal,
            person=self.person,
            role=self.role,
            comment="because",
            at=BEFORE,
            policy_digest="0" * 64,
            head=Head(size=1, root="0"),
            say="" if waiver else self.say,  # type: ignore[arg-type]
            conditions=("this first",) if self.say == "go-with-conditions" and not waiver else (),
            scope="" if waiver else old,
            about=self.about,
            until=self.until if waiver else "",
        )
        return Heard(seq, word)


def docket(*words: Said, verdict: Verdict = Verdict.READY) -> Docket:
    people = tuple(Person(name, name, "", roles) for name, roles in PEOPLE.items())
    return Docket(
        rehearsal="r",
        seal=2,
        digest=NEW,
        judgement=Judgement(verdict, practice=False),
        seats=[seat(role) for role in ROLES],
        roster=Roster(people),
        words=[one.heard(seq) for seq, one in enumerate(words)],
    )


def call(*words: Said, verdict: Verdict = Verdict.READY) -> Call:
    return decision(docket(*words, verdict=verdict), NOW).call


ALL = (Said("tom", "DevOps"), Said("ines", "Product"), Said("ruth", "Sponsor"))


def test_everybody() -> None:
    assert call(*ALL) is Call.GO
    assert call(*ALL[:2]) is Call.OPEN
    assert call() is Call.OPEN
    assert call(*ALL, verdict=Verdict.INCOMPLETE) is Call.OPEN
    conditions = replace(ALL[0], say="go-with-conditions")
    assert call(conditions, *ALL[1:]) is Call.CONDITIONS


def test_the_old_seal_counts_where_the_evidence_is_the_same() -> None:
    old = [replace(one, seal=OLD) for one in ALL]
    found = decision(docket(*old), NOW)
    assert [one.state for one in found.seats] == ["go", "stale", "stale"]
    assert [one.seat.role for one in found.stale] == ["Product", "Sponsor"]
    assert call(old[0], *ALL[1:]) is Call.GO


def test_a_list_without_a_line_for_the_whole_has_its_last_as_sponsor() -> None:
    seats = [seat("DevOps"), seat("Product")]
    assert sponsor(seats) == seats[1]
    assert sponsor([]) is None
    assert decision(replace(docket(), seats=[]), NOW).why == [
        "the playbook's sign-off list names nobody who decides"
    ]


def test_a_waiver_comes_after_by_the_sponsor_over_this_seal_and_lasts() -> None:
    no = replace(ALL[0], say="no-go")
    waiver = Said("ruth", "Sponsor", about="DevOps")
    said = (no, *ALL[1:])
    assert call(*said) is Call.NO_GO
    assert call(*said, waiver) is Call.GO
    assert call(waiver, *said) is Call.NO_GO
    assert call(*said, replace(waiver, until=BEFORE)) is Call.NO_GO
    assert call(*said, replace(waiver, seal=OLD)) is Call.NO_GO
    assert call(*said, replace(waiver, about="Product")) is Call.NO_GO
    assert call(*said, replace(waiver, person="tom", role="DevOps")) is Call.NO_GO
    assert call(*said, waiver, replace(no, person="max")) is Call.NO_GO
    chief = replace(ALL[2], say="no-go")
    assert call(*ALL, chief, replace(waiver, about="Sponsor")) is Call.NO_GO


def test_the_newest_word_on_a_thing_is_the_one_in_force() -> None:
    words = [
        Said("ruth", "Sponsor", about="x").heard(0),
        Said("ruth", "Sponsor", about="x", until=BEFORE).heard(1),
        Said("ruth", "Sponsor", about="y").heard(2),
    ]
    assert [one.about for one in in_force(words, NOW)["waiver"]] == ["y"]


_WORDS = st.builds(
    Said,
    person=st.sampled_from([*PEOPLE, "eve"]),
    role=st.sampled_from(ROLES),
    say=st.sampled_from(["go", "no-go", "go-with-conditions"]),
    seal=st.sampled_from([OLD, NEW]),
    about=st.sampled_from(["", "", "", "DevOps", "Product", "Sponsor"]),
    until=st.sampled_from([BEFORE, AFTER]),
)


@settings(max_examples=150)
@given(st.lists(_WORDS, max_size=8), st.sampled_from(Verdict))
def test_go_is_never_more_than_it_says(words: list[Said], verdict: Verdict) -> None:
    found = decision(docket(*words, verdict=verdict), NOW)
    assert found.why
    assert found == decision(docket(*words, verdict=verdict), NOW)
    filled = {
        role: [one for one in words if one.role == role and role in PEOPLE.get(one.person, ())
               and not one.about]
        for role in ROLES
    }  # fmt: skip
    if found.call in (Call.GO, Call.CONDITIONS):
        assert verdict is Verdict.READY
        assert all(filled.values())
        assert any(one.seal == NEW for one in filled["Product"])
        assert filled["Sponsor"][-1].seal == NEW
        assert filled["Sponsor"][-1].say != "no-go"
        if any(seat.state == "no-go" for seat in found.seats):
            assert any(one.about and one.person == "ruth" for one in words)
    last = {one.person: one for one in words if one in filled[one.role]}
    against = [one for one in last.values() if one.say == "no-go" and one.seal == NEW]
    if against and not any(one.about for one in words):
        assert found.call is Call.NO_GO
    outside = [one for one in words if one.role not in PEOPLE.get(one.person, ())]
    assert len(found.uncounted) >= len(outside)


@given(st.lists(_WORDS, max_size=8))
def test_what_counts_for_nothing_changes_nothing(words: list[Said]) -> None:
    mine = [one for one in words if one.role in PEOPLE.get(one.person, ())]
    assert call(*words) is call(*mine)
