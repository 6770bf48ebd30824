"""Where a run waits for people, and what it accepts from whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from golive.drillkit.records import Act, Outcome
from golive.evidence.artefact import Artefact
from golive.governance.acts import NOTES, ActRefused, Statement, read
from golive.governance.powers import may_steer
from golive.kernel.errors import BadInput
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.playbook.model import Approval, HumanKind, HumanTask
from golive.playbook.people import Person, Roster
from golive.ports.clock import Clock
from golive.rehearsal.journal import Journal

OPERATOR = "the operator"
"""Who calls a run off at the terminal that owns its folder, without a key."""


class Inbox(Protocol):
    """The part of the durable engine that the desk needs."""

    def receive(self, seconds: float | None) -> JsonObject | None: ...

    def durable(self, name: str, action: Callable[[], Json]) -> Json: ...


@dataclass(frozen=True)
class Request:
    """What is asked for, of whom: shown on the board, and what an act is judged by."""

    item: str
    want: str
    """`confirm`, `upload`, `sign`, `approve` or `decide`."""
    roles: Sequence[str]
    """Any of these roles may act, anybody on the roster where there are none; for "All", one person
    of each must."""
    everyone: bool = False
    digest: str = ""
    persons: int = 1
    within: timedelta | None = None
    barred: Sequence[str] = ()
    """Persons who may not act here: who ran a step can't approve it."""
    text: str = ""
    files: Sequence[str] = ()
    """Paths of the vault that an upload fills."""

    def to_json(self) -> JsonObject:
        return {
            "want": self.want,
            "by": list(self.roles),
            "everyone": self.everyone,
            "digest": self.digest,
            "persons": self.persons,
            "within_seconds": self.within.total_seconds() if self.within else None,
            "barred": list(self.barred),
            "text": self.text,
            "files": list(self.files),
        }

    @classmethod
    def from_json(cls, item: str, data: JsonObject) -> Request:
        """What the journal says of a waiting item."""
        persons, within = data["persons"], data["within_seconds"]
        return cls(
            item=item,
            want=str(data["want"]),
            roles=_texts(data["by"]),
            everyone=bool(data["everyone"]),
            digest=str(data["digest"]),
            persons=persons if isinstance(persons, int) else 1,
            within=timedelta(seconds=within) if isinstance(within, int | float) else None,
            barred=_texts(data["barred"]),
            text=str(data["text"]),
            files=_texts(data["files"]),
        )


_ALLOWED = {
    "confirm": {"confirm", "attach", "skip", "refuse", "vouch"},
    "upload": {"attach", "confirm", "skip", "refuse", "vouch"},
    "sign": {"confirm", "skip", "refuse", "attach", "vouch"},
    "approve": {"approve", "refuse"},
    "decide": {"retry", "skip"},
}


@dataclass(frozen=True)
class Answer:
    """How a request ended."""

    outcome: Outcome
    acts: Sequence[Act] = ()
    files: Sequence[Artefact] = ()
    decision: str = ""
    """`retry` or `skip`, of a `decide`."""
    aborted: Statement | None = None


@dataclass
class _Open:
    acts: list[Act] = field(default_factory=list)
    files: dict[str, Artefact] = field(default_factory=dict)
    covered: set[str] = field(default_factory=set)
    persons: set[str] = field(default_factory=set)


def request_for(task: HumanTask, all_roles: Sequence[str]) -> Request:
    """What a human step asks for."""
    everyone = task.by.casefold() == "all"
    return Request(
        item=task.id,
        want={HumanKind.CONFIRM: "confirm", HumanKind.UPLOAD: "upload"}.get(task.kind, "sign"),
        roles=list(all_roles) if everyone else [task.by] * bool(task.by),
        everyone=everyone,
        text=task.what or task.text,
        files=list(task.files),
    )


def approval_for(item: str, approve: Approval, digest: str, barred: Sequence[str]) -> Request:
    """The barrier behind a drill."""
    return Request(
        item=item,
        want="approve",
        roles=list(approve.by),
        digest=digest,
        persons=approve.persons,
        within=approve.within,
        barred=list(barred),
        text=f"approve the bytes {digest[:12]}…",
    )


def admit(request: Request, statement: Statement, person: Person, roster: Roster) -> str:
    """The role in which `person` may do this; ActRefused says why not."""
    if statement.item != request.item:
        raise ActRefused(f"{statement.item} waits for nobody now; {request.item} does")
    if statement.action not in _ALLOWED[request.want]:
        raise ActRefused(
            f"{request.item} waits for somebody to {request.want}; "
            f"{statement.action!r} doesn't answer that",
            hint=f"use one of: {', '.join(sorted(_ALLOWED[request.want]))}",
        )
    if person.id in request.barred:
        raise ActRefused(f"{person.id} ran this step and so can't approve it")
    if statement.action == "vouch":
        if not statement.digest:
            raise ActRefused("a word for a picture names its digest")
        return person.roles[0]
    if request.digest and statement.digest != request.digest:
        raise ActRefused(
            f"{person.id} approved other bytes than those that wait now",
            hint=f"look at them again: {request.digest}",
        )
    if statement.action == "confirm" and request.want == "upload":
        raise ActRefused(f"{request.item} asks for a file", hint="`golive attach` it first")
    if statement.action == "attach" and not statement.files:
        raise ActRefused("an attachment without a file")
    if not request.roles:
        return person.roles[0]
    for role in request.roles:
        if roster.may_act(person.id, role):
            return role
    raise ActRefused(f"{person.id} holds none of the roles: {', '.join(request.roles)}")


def admit_note(statement: Statement, person: Person, roster: Roster, asked: Sequence[str]) -> None:
    """ActRefused says why `person` may not say this of the item, which asks for the roles `asked`.
    Anybody comments. The programme manager, or who holds such a role, hands it to one of the
    deputies whom the roster names for it."""
    if statement.action != "delegate":
        return
    holds = any(person in roster.holders(role) for role in asked)
    if not holds and not may_steer(person):
        raise ActRefused("only who holds the role, or the programme manager, delegates")
    if not any(one.id == statement.to for role in asked for one in roster.deputies(role)):
        named = ", ".join(one.id for role in asked for one in roster.deputies(role)) or "nobody"
        raise ActRefused(
            f"{statement.to or 'nobody'} is no named deputy here", hint=f"the roster has {named}"
        )


class Desk:
    """Waits for the answers to one request at a time. Durable: a resumed run waits on."""

    def __init__(
        self, run: str, roster: Roster, inbox: Inbox, journal: Journal, clock: Clock
    ) -> None:
        self._run, self._roster, self._inbox = run, roster, inbox
        self._journal, self._clock = journal, clock
        self._count = 0
        self._asked: Mapping[str, Sequence[str]] = {}

    def ask(self, request: Request) -> Answer:
        """Wait until the request is answered, refused, out of time, or the run is called off."""
        self._asked = {request.item: request.roles}
        deadline = self._announce(request)
        state = _Open()
        while True:
            envelope = self._inbox.receive(self._left(deadline))
            if envelope is None:
                return Answer(Outcome.EXPIRED, state.acts, list(state.files.values()))
            answer = self._take(request, envelope, state)
            if answer is not None:
                return answer

    def collect(self) -> None:
        """Take in what was said meanwhile: no note is lost when nothing is asked any more."""
        while (envelope := self._inbox.receive(0.0)) is not None:
            self._read(envelope)

    def pass_time(self, seconds: float) -> Statement | None:
        """Let planned time pass; returns the abort that cut it short."""
        until = self._now() + timedelta(seconds=max(0.0, seconds))
        while (left := (until - self._now()).total_seconds()) > 0:
            envelope = self._inbox.receive(left)
            if envelope is None:
                return None
            known = self._read(envelope)
            if known is not None and known[0].action == "abort":
                return known[0]
        return None

    def _announce(self, request: Request) -> datetime | None:
        now = self._now()
        until = now + request.within if request.within else None
        waiting = {**request.to_json(), "until": rfc3339(until) if until else ""}
        self._tell("item", item=request.item, state="waiting", waiting=waiting)
        return until

    def _take(self, request: Request, envelope: JsonObject, state: _Open) -> Answer | None:
        known = self._read(envelope)
        if known is None:  # somebody who didn't prove it, or the process being woken up
            return None
        statement, person = known
        if statement.action == "abort" or person is None:
            return Answer(Outcome.ABORTED, state.acts, list(state.files.values()), "", statement)
        try:
            role = admit(request, statement, person, self._roster)
        except ActRefused as refusal:
            self._tell("refused-act", item=request.item, why=str(refusal), said=_said(statement))
            return None
        act = statement.act(role, envelope)
        state.acts.append(act)
        state.files.update({file.path: file for file in statement.files})
        self._tell("act", item=request.item, **_shown(act), said=_said(statement))
        return self._settled(request, act, state)

    def _settled(self, request: Request, act: Act, state: _Open) -> Answer | None:
        files = list(state.files.values())
        if act.action == "refuse":
            return Answer(Outcome.REFUSED, state.acts, files)
        if act.action in ("retry", "skip"):
            return Answer(Outcome.SKIPPED, state.acts, files, act.action)
        if act.action == "vouch":
            return None
        if act.action == "attach" and request.want != "upload":
            return None
        state.persons.add(act.person)
        state.covered |= {role for role in request.roles if self._roster.may_act(act.person, role)}
        enough = len(state.persons) >= request.persons
        if request.everyone:
            enough = state.covered >= set(request.roles)
        return Answer(Outcome.PASSED, state.acts, files) if enough else None

    def _read(self, message: JsonObject) -> tuple[Statement, Person | None] | None:
        """What a message says and who proved it. An abort from the operator's own terminal has no
        key behind it: that the run's folder was theirs to write to is its proof."""
        if not message:
            return None
        envelope = message.get("envelope")
        if message.get("action") == "abort" and not isinstance(envelope, Mapping):
            return Statement(
                self._run, "", "abort", OPERATOR, str(message.get("comment")), ""
            ), None
        if not isinstance(envelope, Mapping):
            envelope = message
        try:
            statement, person = read(envelope, self._roster, self._run)
            if statement.action not in NOTES:
                return statement, person
            admit_note(statement, person, self._roster, self._asked.get(statement.item, ()))
        except BadInput as refusal:
            self._tell("refused-act", item="", why=str(refusal))
            return None
        act = statement.act(person.roles[0], envelope)
        shown = {**_shown(act), "to": statement.to, "signature": envelope}
        self._tell("note", item=statement.item, **shown, said=_said(statement))
        return None

    def _left(self, deadline: datetime | None) -> float | None:
        return max(0.0, (deadline - self._now()).total_seconds()) if deadline else None

    def _now(self) -> datetime:
        """Durable: a replay sees the time that it saw then."""
        at = self._inbox.durable(self._name("now"), lambda: rfc3339(self._clock.now()))
        return parse_rfc3339(str(at))

    def _tell(self, event: str, **facts: Json) -> None:
        def tell() -> Json:
            self._journal.write(event, **facts)
            return None

        self._inbox.durable(self._name(event), tell)

    def _name(self, what: str) -> str:
        self._count += 1
        return f"desk.{self._count}.{what}"


def _shown(act: Act) -> dict[str, Json]:
    return {
        "action": act.action,
        "person": act.person,
        "role": act.role,
        "comment": act.comment,
        "digest": act.digest,
    }


def _said(statement: Statement) -> JsonObject:
    """What the act's author knows it again by, and how it was proved."""
    return {
        "person": statement.person,
        "at": statement.at,
        "custody": statement.custody,
        "session": statement.session,
        "files": [file.record() for file in statement.files],
    }


def _texts(value: Json) -> Sequence[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return ()
    return [str(one) for one in value]
