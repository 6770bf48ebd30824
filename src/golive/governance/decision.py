"""The decision: what people's words amount to. One pure function, the same for every screen.

Invariants (held by tests/unit/governance/test_decision.py):
- one `no-go` of a seat is a no-go; only a later waiver by the sponsor, with reason and expiry, lets
  it pass, and the sponsor's own can't be waived;
- disagreement in one seat isn't averaged: the `no-go` counts;
- a seat whose evidence has changed since it was signed is open again, and no other is; the sponsor
  decides on the whole, so any new seal opens that seat;
- one person fills one seat; keys and roles don't multiply persons;
- what is left of a risk is borne by the role that the playbook names as its owner, or the sponsor;
- nobody's `go` makes up for what the gate objects to: that is mended or waived;
- nothing is decided where nobody is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from golive.gates.facts import Seat
from golive.gates.verdict import Judgement, Reason, Verdict
from golive.governance.bench import Bench, objection, sponsor
from golive.governance.words import Word
from golive.kernel.json import JsonObject
from golive.kernel.times import parse_rfc3339
from golive.playbook.people import Roster


class Call(StrEnum):
    GO = "go"
    CONDITIONS = "go-with-conditions"
    NO_GO = "no-go"
    OPEN = "open"

    @property
    def words(self) -> str:
        return self.value.replace("-with-", " with ").upper() if self is not Call.NO_GO else "NO-GO"


@dataclass(frozen=True)
class Heard:
    """A word of the ledger whose signature and key hold."""

    seq: int
    word: Word


@dataclass(frozen=True)
class Uncounted:
    """A word that counts for nothing, and why."""

    seq: int
    person: str
    role: str
    why: str

    def to_json(self) -> JsonObject:
        return {"seq": self.seq, "person": self.person, "role": self.role, "why": self.why}


@dataclass(frozen=True)
class Docket:
    """Everything that the decision rests on."""

    rehearsal: str
    seal: int
    digest: str
    judgement: Judgement
    """By the sealed facts and policy, with the waivers and acceptances that are in force now."""
    seats: Sequence[Seat]
    roster: Roster
    words: Sequence[Heard]
    """In the ledger's order."""
    uncounted: Sequence[Uncounted] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    """As `Bench.owners`."""

    @property
    def bench(self) -> Bench:
        return Bench(self.seats, self.roster, self.owners)


@dataclass(frozen=True)
class Signature:
    """One person's last word in a seat."""

    seq: int
    person: str
    say: str
    comment: str
    conditions: Sequence[str]
    at: str
    seal: int
    stale: bool

    def to_json(self) -> JsonObject:
        return {
            "seq": self.seq,
            "person": self.person,
            "decision": self.say,
            "comment": self.comment,
            "conditions": list(self.conditions),
            "at": self.at,
            "seal": self.seal,
            "stale": self.stale,
        }


@dataclass(frozen=True)
class SeatStanding:
    """How one line of the sign-off list stands."""

    seat: Seat
    sponsor: bool
    state: str
    """`open`, `stale`, `go`, `no-go` or `go-with-conditions`."""
    signatures: Sequence[Signature]
    may_sign: Sequence[str]
    overruled: str = ""
    """Who let its no-go pass, until when and why; or ""."""

    def to_json(self) -> JsonObject:
        return {
            "role": self.seat.role,
            "line": self.seat.line,
            "text": self.seat.text,
            "sponsor": self.sponsor,
            "state": self.state,
            "signatures": [one.to_json() for one in self.signatures],
            "may_sign": list(self.may_sign),
            "overruled": self.overruled,
        }


@dataclass(frozen=True)
class Decision:
    """What people decided, and why it is that."""

    call: Call
    why: Sequence[str]
    rehearsal: str
    seal: int
    digest: str
    judgement: Judgement
    seats: Sequence[SeatStanding]
    conditions: Sequence[str]
    waivers: Sequence[Heard]
    """In force."""
    acceptances: Sequence[Heard]
    uncounted: Sequence[Uncounted]
    at: str

    @property
    def headline(self) -> str:
        """The first line of every report of it."""
        practice = " on a practice run" if self.judgement.practice else ""
        return f"{self.call.words}{practice}: {self.why[0]}"

    @property
    def stale(self) -> Sequence[SeatStanding]:
        return [one for one in self.seats if one.state == "stale"]

    def to_json(self) -> JsonObject:
        return {
            "decision": self.call.value,
            "headline": self.headline,
            "why": list(self.why),
            "rehearsal": self.rehearsal,
            "seal": self.seal,
            "digest": self.digest,
            "verdict": self.judgement.verdict.value,
            "verdict_headline": self.judgement.headline,
            "practice": self.judgement.practice,
            "seats": [one.to_json() for one in self.seats],
            "conditions": list(self.conditions),
            "waivers": [_told(one) for one in self.waivers],
            "acceptances": [_told(one) for one in self.acceptances],
            "uncounted": [one.to_json() for one in self.uncounted],
            "at": self.at,
        }


def decision(docket: Docket, at: str) -> Decision:
    """What the words of `docket` amount to at the moment `at` (RFC 3339)."""
    now = parse_rfc3339(at)
    counted, uncounted = _counted(docket)
    chief = sponsor(docket.seats)
    seats = [_standing(seat, docket, counted, chief, now) for seat in docket.seats]
    conditions = [
        f"{one.person} ({seat.seat.role}): {condition}"
        for seat in seats
        for one in seat.signatures
        if not one.stale
        for condition in one.conditions
    ]
    call, why = _call(seats, docket, conditions)
    return Decision(
        call=call,
        why=why,
        rehearsal=docket.rehearsal,
        seal=docket.seal,
        digest=docket.digest,
        judgement=docket.judgement,
        seats=seats,
        conditions=conditions,
        waivers=[one for one in counted if one.word.kind == "waiver" and _lasts(one, now)],
        acceptances=[one for one in counted if one.word.kind == "acceptance" and _lasts(one, now)],
        uncounted=[*docket.uncounted, *uncounted],
        at=at,
    )


def _counted(docket: Docket) -> tuple[list[Heard], list[Uncounted]]:
    """The words that count, and those that don't."""
    seat_of: dict[str, str] = {}
    good, bad = [], []
    for one in docket.words:
        word = one.word
        why = objection(word, docket.bench)
        if not why and word.kind == "decision":
            held = seat_of.setdefault(word.person, word.role)
            if held != word.role:
                why = f"{word.person} has signed as {held}, and one person fills one seat"
        if why:
            bad.append(Uncounted(one.seq, word.person, word.role, why))
        else:
            good.append(one)
    return good, bad


def _standing(
    seat: Seat, docket: Docket, words: Sequence[Heard], chief: Seat | None, now: datetime
) -> SeatStanding:
    is_chief = chief is not None and seat.role == chief.role
    last: dict[str, Heard] = {}
    for one in words:
        if one.word.kind == "decision" and one.word.role == seat.role:
            last.pop(one.word.person, None)
            last[one.word.person] = one
    signatures = [_signature(one, seat, docket, is_chief) for one in last.values()]
    return SeatStanding(
        seat=seat,
        sponsor=is_chief,
        state=_state(signatures),
        signatures=signatures,
        may_sign=[
            one.id
            for one in docket.roster.people
            if docket.roster.may_act(one.id, seat.role) and not one.revoked
        ],
        overruled="" if is_chief else _overruled(seat, signatures, words, docket, now),
    )


def _signature(one: Heard, seat: Seat, docket: Docket, is_chief: bool) -> Signature:
    word = one.word
    same = word.seal_digest == docket.digest
    fresh = same if is_chief or seat.whole else same or word.scope == seat.digest
    return Signature(
        one.seq, word.person, word.say, word.comment, word.conditions, word.at, word.seal, not fresh
    )


def _state(signatures: Sequence[Signature]) -> str:
    says = {one.say for one in signatures if not one.stale}
    for say in ("no-go", "go-with-conditions", "go"):
        if say in says:
            return say
    return "stale" if signatures else "open"


def _overruled(
    seat: Seat,
    signatures: Sequence[Signature],
    words: Sequence[Heard],
    docket: Docket,
    now: datetime,
) -> str:
    against = [one.seq for one in signatures if one.say == "no-go" and not one.stale]
    for one in words:
        word = one.word
        speaks = word.kind == "waiver" and word.about == seat.role
        over = speaks and word.seal_digest == docket.digest and one.seq > max(against, default=-1)
        if against and over and _lasts(one, now):
            return f"{word.person} as {word.role}, until {word.until}: {word.comment}"
    return ""


def _lasts(one: Heard, now: datetime) -> bool:
    return parse_rfc3339(one.word.until) > now


def _call(
    seats: Sequence[SeatStanding], docket: Docket, conditions: Sequence[str]
) -> tuple[Call, Sequence[str]]:
    if not seats:
        return Call.OPEN, ["the playbook's sign-off list names nobody who decides"]
    against = list(_against(seats))
    if against:
        return Call.NO_GO, against
    missing = [*_waited_for(seats), *_objected(docket.judgement)]
    if missing:
        return Call.OPEN, missing
    passed = [
        f"the no-go of {one.seat.role} is waived by {one.overruled}"
        for one in seats
        if one.overruled
    ]
    waived = [f"waived: {one.text} ({one.waived_by})" for one in docket.judgement.waived]
    if conditions:
        plural = "" if len(conditions) == 1 else "s"
        return Call.CONDITIONS, [f"{len(conditions)} condition{plural} to be met", *passed, *waived]
    said = "all" if not passed else f"{len(seats) - len(passed)} of"
    return Call.GO, [f"{said} {len(seats)} seats say go", *passed, *waived]


def _against(seats: Sequence[SeatStanding]) -> Iterator[str]:
    for one in seats:
        if one.state != "no-go" or one.overruled:
            continue
        for said in one.signatures:
            if said.say == "no-go" and not said.stale:
                yield f"{said.person} as {one.seat.role} says no-go: {said.comment}"


def _waited_for(seats: Sequence[SeatStanding]) -> Iterator[str]:
    for one in seats:
        if one.state == "open":
            who = ", ".join(one.may_sign) or "nobody on the roster"
            yield f"{one.seat.role} has not signed ({who} may)"
        elif one.state == "stale":
            who = ", ".join(said.person for said in one.signatures)
            yield f"{one.seat.role} must sign again: the evidence changed after {who} signed"


def _objected(judgement: Judgement) -> Iterator[str]:
    if judgement.verdict is not Verdict.READY:
        count = len(judgement.reasons)
        yield (
            f"the verdict is {judgement.verdict.value.replace('-', ' ').upper()}: {count} "
            f"reason{'' if count == 1 else 's'} that nobody has waived"
        )


def _told(one: Heard) -> JsonObject:
    word = one.word
    return {
        "seq": one.seq,
        "person": word.person,
        "role": word.role,
        "about": word.about,
        "reason": word.comment,
        "until": word.until,
        "at": word.at,
        "seal": word.seal,
    }


def waivable(what: str, decided: Decision) -> bool:
    """Whether anything that stands in the way bears the name `what`."""
    reasons: Sequence[Reason] = [*decided.judgement.reasons, *decided.judgement.waived]
    if any(one.named_by(what) for one in reasons):
        return True
    return any(one.seat.role == what and one.state == "no-go" for one in decided.seats)


def in_force(words: Sequence[Heard], at: str) -> Mapping[str, Sequence[Word]]:
    """Waivers and acceptances that last at `at`, by kind, the newest word on each thing alone."""
    now = parse_rfc3339(at)
    newest: dict[tuple[str, str], Heard] = {}
    for one in words:
        if one.word.kind != "decision":
            newest[one.word.kind, one.word.about] = one
    lasting = [one.word for one in newest.values() if _lasts(one, now)]
    return {kind: [one for one in lasting if one.kind == kind] for kind in ("waiver", "acceptance")}
