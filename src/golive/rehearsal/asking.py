"""What a run asks of people, and who may answer how. Pure: the desk decides by it, and every screen
tells people beforehand what the desk will say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.evidence import names
from golive.evidence.artefact import Artefact
from golive.governance.acts import ActRefused, Statement
from golive.governance.powers import may_steer
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339
from golive.playbook.model import Approval, HumanKind, HumanTask
from golive.playbook.people import Person, Roster

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,99}", re.IGNORECASE)
"""RFC 6838 §4.2, without parameters."""
APART = timedelta(minutes=5)
"""How far two machines' clocks may differ."""


@dataclass(frozen=True)
class Barrier:
    """The approval that a failed drill comes to once it has passed: whoever runs it again has no
    part in that."""

    roles: Sequence[str]
    persons: int
    barred: Sequence[str] = ()
    """Who made what is approved, or has run it again before: they have no part in it either."""

    def left(self, roster: Roster, retrying: str = "") -> Sequence[Person]:
        """Who may approve it when `retrying` has run it again."""
        return [
            one
            for one in roster.people
            if one.key and not one.revoked and one.id not in (*self.barred, retrying)
            and any(roster.may_act(one.id, role) for role in self.roles)
        ]  # fmt: skip

    def to_json(self) -> JsonObject:
        return {"by": list(self.roles), "persons": self.persons, "barred": list(self.barred)}

    @classmethod
    def from_json(cls, data: Json) -> Barrier | None:
        """None where no approval follows."""
        if not isinstance(data, Mapping):
            return None
        persons = data["persons"]
        count = persons if isinstance(persons, int) else 1
        return cls(_texts(data["by"]), count, _texts(data["barred"]))


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
    barrier: Barrier | None = None
    """Of a `decide`: the approval behind it, which a retry must leave enough persons for."""

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
            "barrier": self.barrier.to_json() if self.barrier else None,
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
            barrier=Barrier.from_json(data.get("barrier")),
        )


_BRINGS = frozenset({"attach", "vouch", "withdraw"})
_ALLOWED: Mapping[str, frozenset[str]] = {
    "confirm": _BRINGS | {"confirm", "skip", "refuse"},
    "upload": _BRINGS | {"confirm", "skip", "refuse"},
    "sign": _BRINGS | {"confirm", "skip", "refuse"},
    "approve": frozenset({"approve", "refuse"}),
    "decide": frozenset({"retry", "skip"}),
}


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
        text=f"approve what it left, byte for byte: {digest[:12]}…",
    )


def decision_for(
    item: str, roles: Sequence[str], approve: Approval | None, barred: Sequence[str]
) -> Request:
    """Whether a failed drill is run again. `barred`: who could not approve it already."""
    text = "it failed: retry or skip?"
    if approve is None:
        return Request(item, "decide", roles, text=text)
    text += f" Whoever retries it can't approve it then, which takes {_persons(approve.persons)}."
    barrier = Barrier(list(approve.by), approve.persons, list(barred))
    return Request(item, "decide", roles, text=text, barrier=barrier)


def after_retry(request: Request, person: Person, roster: Roster) -> str:
    """Who may approve the drill once `person` has run it again; "" where no approval follows.
    ActRefused where those are too few: the wait for them could only expire."""
    barrier = request.barrier
    if barrier is None:
        return ""
    left = barrier.left(roster, person.id)
    names = ", ".join(one.name for one in left) or "nobody"
    if len(left) >= barrier.persons:
        return f"{_persons(barrier.persons)} of {names}"
    raise ActRefused(
        f"once {person.name} has run it again only {names} may approve it, and it takes "
        f"{_persons(barrier.persons)}",
        hint=f"it may be retried by {_retrying(request, barrier, roster) or 'nobody; skip it'}",
    )


def _retrying(request: Request, barrier: Barrier, roster: Roster) -> str:
    """The names of those whose retry leaves enough persons."""
    may = [
        one.name
        for one in roster.people
        if one.key and not one.revoked
        and (not request.roles or any(roster.may_act(one.id, role) for role in request.roles))
        and len(barrier.left(roster, one.id)) >= barrier.persons
    ]  # fmt: skip
    return ", ".join(may)


def _persons(count: int) -> str:
    return f"{count} person{'s' if count > 1 else ''}"


def admit(request: Request, statement: Statement, person: Person, roster: Roster) -> str:
    """The role in which `person` may do this; ActRefused says why not. What an `attach` brings is
    another matter: `admit_files`."""
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
    if statement.action in ("vouch", "withdraw"):
        if not statement.digest:
            raise ActRefused("a word for a file names its digest")
        return person.roles[0]
    if request.digest and statement.digest != request.digest:
        raise ActRefused(
            f"{person.id} approved other bytes than those that wait now",
            hint=f"look at them again: {request.digest}",
        )
    if statement.action == "confirm" and request.want == "upload":
        raise ActRefused(f"{request.item} asks for a file", hint="`golive attach` it first")
    role = _role_of(request, person, roster)
    if statement.action == "retry":
        after_retry(request, person, roster)
    return role


def _role_of(request: Request, person: Person, roster: Roster) -> str:
    """A role that they hold before one that they are a deputy for."""
    if not request.roles:
        return person.roles[0]
    for role in request.roles:
        if person in roster.holders(role):
            return role
    for role in request.roles:
        if roster.may_act(person.id, role):
            return role
    raise ActRefused(f"{person.id} holds none of the roles: {', '.join(request.roles)}")


def admit_files(request: Request, statement: Statement) -> None:
    """ActRefused unless what the act brings is told as what it is: a person's file, of this item,
    where this item's files lie. It can't take the place of what a drill left."""
    if (statement.action == "attach") != bool(statement.files):
        raise ActRefused("an attachment has a file, and nothing else has")
    paths = [one.path for one in statement.files]
    if names.clashes(paths):
        raise ActRefused(f"two files under one name: {', '.join(paths)}")
    for file in statement.files:
        _demand_own(file, request, statement.person)


def _demand_own(file: Artefact, request: Request, person: str) -> None:
    beside = file.path.startswith(f"attachments/{request.item}/")
    if file.path not in request.files and not beside:
        raise ActRefused(f"{file.path} is no place for what {request.item} asks for")
    wrong = names.problem(file.path)
    if wrong:
        raise ActRefused(f"the name {file.path!r} {wrong}")
    told = (file.producer, file.control, file.fidelity)
    if told != (f"person:{person}", request.item, Fidelity.MANUAL):
        raise ActRefused(f"{file.path} is said to be what a person's file can't be")
    try:
        parse_rfc3339(file.captured_at)
    except ValueError as error:
        raise ActRefused(f"{file.path} was kept at no moment") from error
    if not _MEDIA_TYPE.fullmatch(file.media_type):
        raise ActRefused(f"{file.media_type!r} is no media type")


def admit_time(statement: Statement, since: datetime, now: datetime) -> None:
    """ActRefused for an act from before it was asked for, or from a time to come: an old one can't
    be played again, nor one be signed for later."""
    at = parse_rfc3339(statement.at)
    if not min(since, now) - APART <= at <= now + APART:
        raise ActRefused(
            f"it was signed at {statement.at}, which is not when {statement.item} waited for it",
            hint="set that machine's clock, then do it again",
        )


def admit_once(statement: Statement, said: Iterable[tuple[str, str]]) -> None:
    """ActRefused where the person has answered this request so already: `said` are pairs of person
    and action. A second word by one person is none of another's."""
    if statement.action in ("approve", "confirm") and (statement.person, statement.action) in said:
        raise ActRefused(
            f"{statement.person} has said so already, and is counted once: {statement.action} "
            f"{statement.item}",
            hint="it is kept; what is still waited for is somebody else's word",
        )


def admit_note(statement: Statement, person: Person, roster: Roster, asked: Sequence[str]) -> None:
    """ActRefused says why `person` may not say this of the item, which asks for the roles `asked`.
    Anybody comments. The programme manager nudges. They, or who holds such a role, hand it to one
    of the deputies whom the roster names for it."""
    if statement.action == "nudge" and not may_steer(person):
        raise ActRefused("only the programme manager nudges")
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


def _texts(value: Json) -> Sequence[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return ()
    return [str(one) for one in value]
