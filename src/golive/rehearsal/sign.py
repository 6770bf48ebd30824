"""People's words over a seal: said once, signed, in the ledger before it is acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from golive.evidence import trust
from golive.evidence import verify as evidence
from golive.evidence.durable import explained
from golive.evidence.keys import SigningKey
from golive.evidence.ledger import Ledger
from golive.evidence.locks import exclusively
from golive.governance import decision as decisions
from golive.governance.acts import fingerprint
from golive.governance.bench import objection
from golive.governance.decision import Decision, decision
from golive.governance.words import Head, Kind, Say, Word, signed
from golive.kernel.errors import GoliveError
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.playbook.people import Roster
from golive.ports.clock import Clock, SystemClock
from golive.rehearsal.docket import CLOCKS_APART, Case, open_case, vault_root
from golive.rehearsal.enrolment import SignRefused, write_trust

__all__ = ["ApprovalPaper", "SignRefused", "SignedDecision", "Wish", "sign", "standing"]

APPROVALS = "approvals"
_ENDS = "it must end on a day to come"


class ApprovalPaper(Protocol):
    """The sheet that a decision maker signs, as PDF. See `golive.report.approval`."""

    def make(self, release: Path, decided: Decision | None = None) -> bytes: ...

    def sign(
        self,
        pdf: bytes,
        *,
        role: str,
        person: str,
        at: datetime,
        key: SigningKey,
        comment: str,
        conditions: Sequence[str] = (),
    ) -> bytes: ...


@dataclass(frozen=True)
class Wish:
    """One word, as a screen gives it."""

    person: str
    comment: str
    """In the person's own words; the reason, of a waiver or an acceptance."""
    decision: str = ""
    """`go`, `no-go` or `go-with-conditions`."""
    conditions: Sequence[str] = ()
    role: str = ""
    """Needed where the person may sign in several."""
    waive: str = ""
    """A rule, an item, `rule:item`, or a role whose no-go it is."""
    accept_risk: str = ""
    until: str = ""
    """RFC 3339; when a waiver or an acceptance ends."""
    rehearsal: str = ""
    """The one sealed last, where ""."""
    seal: str = ""
    """Digest of the seal that was looked at; another one is refused. Any, where ""."""
    custody: str = ""
    """Who keeps the person's key, where it isn't the person; it is told in the word itself."""
    session: str = ""

    @property
    def kind(self) -> Kind:
        if self.waive:
            return Kind.WAIVER
        return Kind.ACCEPTANCE if self.accept_risk else Kind.DECISION


@dataclass(frozen=True)
class SignedDecision:
    """What was signed, and what the decision is with it."""

    word: Word
    seq: int
    """Its place in the ledger."""
    decision: Decision
    paper: str = ""
    """Path of the approval in the vault; "" where the word isn't one of the sheet's."""
    paper_problem: str = ""
    """Why the sheet could not be signed; the ledger holds the word all the same."""


def standing(folder: Path, rehearsal: str = "", at: str = "") -> Decision:
    """The decision on the newest seal in the vault, at the moment `at` (now, where "")."""
    moment = at or rfc3339(SystemClock().now())
    return decision(open_case(folder, moment, rehearsal).docket, moment)


def sign(
    folder: Path,
    wish: Wish,
    roster: Roster | None,
    key: SigningKey,
    clock: Clock,
    *,
    log_key: SigningKey,
    paper: ApprovalPaper | None = None,
) -> SignedDecision:
    """Say `wish` over the newest seal. It is on disk, in the ledger, when this returns.

    Who holds which role, and by which key, the sealed roster says; `roster` (today's, where the
    caller has one) can only take away from that. `log_key` keeps the vault. SignRefused says why
    not; VaultError where the vault isn't as it was.
    """
    root, named = vault_root(folder)
    with explained("the vault can't be written", root), exclusively(root / ".lock"):
        demand_intact(root, log_key)
        at = rfc3339(clock.now())
        case = open_case(folder, at, wish.rehearsal or named)
        if wish.seal and wish.seal != case.sealed.digest:
            raise SignRefused("there is another seal by now", hint="look again, then sign")
        _demand_clock(case, at, key)
        word = _word(case, wish, at)
        _demand_person(case, word.person, roster, key)
        _demand_sense(case, word)
        _enrol(case, word.person, key, log_key, at)
        ledger = Ledger(root, log_key)
        (entry,) = ledger.append([signed(word, key)])
        after = standing(folder, wish.rehearsal or named, at)
        name, problem = "", ""
        if paper is not None and word.kind == "decision":
            name, problem = _sign_paper(case, word, key, _Desk(paper, ledger, after))
    return SignedDecision(word, entry.seq, after, name, problem)


# -- may it be said --------------------------------------------------------------------------------


def demand_intact(root: Path, log_key: SigningKey) -> None:
    """SignRefused unless the vault verifies with its keeper's own key."""
    found = evidence.verify(root, trusted=[log_key.public])
    if found.state is not evidence.State.INTACT:
        _demand_keeper(root, log_key)
        first = str(found.findings[0]) if found.findings else "; ".join(found.unchecked)
        raise SignRefused(
            f"the vault is not what was sealed here: {first}",
            where=str(root),
            hint="`golive verify` tells all of it; nothing is signed or sealed over it",
        )


def _demand_keeper(root: Path, log_key: SigningKey) -> None:
    """SignRefused where all is wrong that the vault is kept with a key that isn't here."""
    try:
        known = trust.load(root)
    except (OSError, ValueError):
        return
    keepers = [one.key_id for one in known.holding(trust.LOG_ROLE)]
    if log_key.key_id in keepers or evidence.verify(root).state is not evidence.State.INTACT:
        return
    raise SignRefused(
        f"the key that keeps this vault is not here: it is kept with {_short(keepers)}, "
        f"and here is {log_key.key_id[:16]}",
        where=str(root),
        hint="start Golive with the configuration folder (XDG_CONFIG_HOME) that the run had; if it "
        "is that one, somebody else has sealed the vault anew",
    )


def _short(key_ids: Sequence[str]) -> str:
    return ", ".join(one[:16] for one in key_ids) or "none"


def _demand_clock(case: Case, at: str, key: SigningKey) -> None:
    """Nothing is said before what it speaks of, nor before who says it was enrolled: a clock that
    is behind would make an end that has passed a day to come."""
    said = [one.word.at for one in case.docket.words]
    enrolled = case.keys.keys.get(key.key_id)
    said += [enrolled.since] if enrolled else []
    last = max(map(parse_rfc3339, (case.sealed.facts.evaluated_at, *said)))
    if parse_rfc3339(at) < last - CLOCKS_APART:
        raise SignRefused(
            f"this machine's clock says {at}, but what it speaks of is of {rfc3339(last)}",
            hint="set the clock; nothing is signed with a time that can't be",
        )


def _demand_person(case: Case, person: str, roster: Roster | None, key: SigningKey) -> None:
    known = case.sealed.roster.person(person)
    if known is None:
        raise SignRefused(f"{person!r} is not on the roster that was sealed with the evidence")
    today = roster.person(person) if roster else known
    if known.revoked or today is None or today.revoked:
        raise SignRefused(f"the key of {person} no longer counts", hint="it was revoked")
    enrolled = case.keys.keys.get(key.public.key_id)
    if enrolled is not None and enrolled.until:
        raise SignRefused(f"the key of {person} was revoked on {enrolled.until}")
    if key.public.key_id in case.revoked:
        raise SignRefused(f"the key of {person} was revoked on {case.revoked[key.public.key_id]}")
    if enrolled is not None and enrolled.person == person:
        return
    if enrolled is not None or known.key != fingerprint(key.public):
        raise SignRefused(
            f"this machine's key of {person} is not the one that the sealed roster has",
            hint="a run keeps the roster that it began with; for somebody who had no key then, the "
            "vault's keeper runs `golive people enrol PERSON --vault VAULT`",
        )


def _demand_sense(case: Case, word: Word) -> None:
    why = objection(word, case.docket.bench)
    if why:
        raise SignRefused(why)
    now = decision(case.docket, word.at)
    if word.kind == "decision":
        _demand_one_seat(now, word)
        return
    if parse_rfc3339(word.until) <= parse_rfc3339(word.at):
        raise SignRefused(_ENDS, hint="--until 2024-06-30")
    if word.kind == "waiver" and not decisions.waivable(word.about, now):
        names = sorted({one.rule for one in now.judgement.reasons})
        names += [one.seat.role for one in now.seats if one.state == "no-go" and not one.sponsor]
        known = f"it could be one of: {', '.join(names)}" if names else "nothing stands in the way"
        raise SignRefused(f"there is nothing called {word.about!r} to waive", hint=known)


def _demand_one_seat(now: Decision, word: Word) -> None:
    for seat in now.seats:
        mine = [one for one in seat.signatures if one.person == word.person]
        if mine and seat.seat.role != word.role:
            raise SignRefused(
                f"{word.person} has signed as {seat.seat.role}, and one person fills one seat",
                hint=f"somebody else signs as {word.role}",
            )


def _word(case: Case, wish: Wish, at: str) -> Word:
    comment = wish.comment.strip()
    if not comment:
        raise SignRefused("a comment is needed", hint='--comment "what you looked at, and why"')
    role = _role(case, wish)
    scope = next((one.digest for one in case.sealed.facts.seats if one.role == role), "")
    kind = wish.kind
    deciding = kind is Kind.DECISION
    if deciding:
        _demand_say(wish)
    seal = case.sealed.release.seal
    return Word(
        kind=kind.value,
        rehearsal=seal.rehearsal,
        seal=seal.number,
        seal_digest=seal.digest,
        person=wish.person,
        role=role,
        comment=comment,
        at=at,
        policy_digest=case.sealed.policy.digest,
        head=Head(size=case.checkpoint.size, root=case.checkpoint.root),
        say=Say(wish.decision).value if deciding else "",
        conditions=tuple(one.strip() for one in wish.conditions) if deciding else (),
        scope=scope if deciding else "",
        about=wish.waive or wish.accept_risk,
        until="" if deciding else _moment(wish.until),
        custody=wish.custody,
        session=wish.session,
    )


def _moment(until: str) -> str:
    if not until:
        raise SignRefused(_ENDS, hint="--until 2024-06-30")
    try:
        return rfc3339(parse_rfc3339(until))
    except ValueError:
        raise SignRefused(f"{until!r} is no moment", hint="--until 2024-06-30") from None


def _demand_say(wish: Wish) -> None:
    if wish.decision not in list(Say):
        raise SignRefused(f"{wish.decision!r} is no decision", hint=f"one of: {', '.join(Say)}")
    named = [one for one in wish.conditions if one.strip()]
    if (wish.decision == Say.CONDITIONS) != bool(named) or len(named) != len(wish.conditions):
        raise SignRefused(
            "conditions belong to `go-with-conditions`, which has at least one",
            hint='--decision go-with-conditions --condition "what must be so first"',
        )


def _role(case: Case, wish: Wish) -> str:
    """The seat the person speaks from: what they hold, before what they are a deputy for. A risk is
    borne by its owner's role, which need not be a seat."""
    if wish.accept_risk:
        return _bearer(case, wish)
    seats = [one.role for one in case.docket.seats]
    if wish.role:
        return next((one for one in seats if one.casefold() == wish.role.casefold()), wish.role)
    roster = case.sealed.roster
    person = roster.person(wish.person)
    held = [role for role in seats if person in roster.holders(role)] if person else []
    mine = held or [role for role in seats if roster.may_act(wish.person, role)]
    if len(mine) == 1:
        return mine[0]
    if not mine:
        raise SignRefused(
            f"{wish.person!r} has no seat on the sign-off list",
            hint=f"it has: {', '.join(seats) or 'none'}",
        )
    raise SignRefused(f"{wish.person} may sign as {' or '.join(mine)}", hint="say which: --role")


def _bearer(case: Case, wish: Wish) -> str:
    known = [one.id for one in case.sealed.facts.risks]
    if wish.accept_risk not in known:
        had = ", ".join(known) or "none"
        raise SignRefused(f"the register has no {wish.accept_risk!r}", hint=f"it has: {had}")
    bench = case.docket.bench
    roles = bench.bearers(wish.accept_risk)
    if wish.role:
        return next((one for one in roles if one.casefold() == wish.role.casefold()), wish.role)
    mine = bench.bears(wish.person, wish.accept_risk)
    if not mine:
        raise SignRefused(
            f"what is left of {wish.accept_risk} is borne by {' or '.join(roles) or 'nobody'}, and "
            f"{wish.person} is neither",
            hint="the playbook's risk table names owners in a column `Owner`",
        )
    return mine[0]


# -- writing it ------------------------------------------------------------------------------------


def _enrol(case: Case, person: str, key: SigningKey, log_key: SigningKey, at: str) -> None:
    """The trust file knows the key before the ledger names it."""
    if key.public.key_id not in case.keys.keys:
        known = case.sealed.roster.person(person)
        write_trust(case, person, known.roles if known else (), key, log_key, at)


@dataclass(frozen=True)
class _Desk:
    """The sheet, where its digest is kept, and what it tells of where nobody has signed it yet."""

    paper: ApprovalPaper
    ledger: Ledger
    decided: Decision


def _sign_paper(case: Case, word: Word, key: SigningKey, desk: _Desk) -> tuple[str, str]:
    """Sign the sheet, and have the ledger's checkpoint name its new bytes. What was said before it
    is made stands on it; its first signature fixes that, and later conditions stand in theirs."""
    seal = case.sealed.release.seal
    path = case.root / APPROVALS / f"{seal.rehearsal}-{seal.number}.pdf"
    try:
        before = path.read_bytes() if path.exists() else desk.paper.make(seal.path, desk.decided)
        after = desk.paper.sign(
            before,
            role=word.role,
            person=word.person,
            at=parse_rfc3339(word.at),
            key=key,
            comment=f"{word.say}: {word.comment}",
            conditions=word.conditions,
        )
    except GoliveError as error:
        return "", str(error)
    desk.ledger.append_with_approval(path.name, after)
    return f"{APPROVALS}/{path.name}", ""
