"""Where a run waits for people, and what it accepts from whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from golive.drillkit.records import Act, Outcome
from golive.evidence.artefact import Artefact
from golive.governance.acts import NOTES, ActRefused, Statement, read
from golive.kernel.errors import BadInput
from golive.kernel.ids import sha256_hex
from golive.kernel.json import Json, JsonObject, canonical
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.playbook.people import Person, Roster
from golive.ports.clock import Clock
from golive.rehearsal.asking import (
    Request,
    admit,
    admit_files,
    admit_note,
    admit_once,
    admit_time,
)
from golive.rehearsal.journal import Journal
from golive.rehearsal.steering import read_abort, read_revocation, steers, without_key


class Inbox(Protocol):
    """The part of the durable engine that the desk needs."""

    def receive(self, seconds: float | None) -> JsonObject | None: ...

    def durable(self, name: str, action: Callable[[], Json]) -> Json: ...


class Files(Protocol):
    """What people bring: see `golive.rehearsal.brought`."""

    def needs_eyes(self, file: Artefact) -> bool: ...

    def admit(self, file: Artefact) -> None: ...

    def drop(self, file: Artefact) -> None: ...


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
    """What was said and brought so far for one request."""

    request: Request
    since: datetime
    acts: list[Act] = field(default_factory=list)
    persons: set[str] = field(default_factory=set)
    """Whose act answers what is asked for."""
    files: dict[str, tuple[Artefact, str, bool]] = field(default_factory=dict)
    """By path, the newest version: the file, who brought it, and whether eyes must judge it."""
    words: set[tuple[str, str]] = field(default_factory=set)
    """Digests, and who has said that those bytes hold no personal data."""

    def take(self, act: Act, brought: Sequence[tuple[Artefact, bool]]) -> None:
        self.acts.append(act)
        for file, eyes in brought:
            self.files[file.path] = (file, act.person, eyes)
        if act.action == "vouch":
            self.words.add((act.digest, act.person))
        elif act.action == "withdraw":
            for one in [file for file in self.waiting() if file.sha256 == act.digest]:
                del self.files[one.path]
        elif act.action != "attach":
            self.persons.add(act.person)
        if self.request.want == "upload":
            self.persons = {person for _, person, _ in self.files.values()}

    def waiting(self) -> Sequence[Artefact]:
        """Files that nobody but who brought them has looked at."""
        return [
            file
            for file, person, eyes in self.files.values()
            if eyes and not any(digest == file.sha256 and one != person
                                for digest, one in self.words)
        ]  # fmt: skip

    def bringer(self, digest: str) -> str:
        """Who brought those bytes, or ""."""
        found = [who for file, who, _ in self.files.values() if file.sha256 == digest]
        return found[0] if found else ""

    def enough(self, roster: Roster) -> bool:
        """Whether everybody who must has answered, and every file may be kept."""
        if self.waiting():
            return False
        if not self.request.everyone:
            return len(self.persons) >= self.request.persons
        return bool(self.persons) and all(
            any(roster.may_act(one, role) for one in self.persons) for role in self.request.roles
        )


class Desk:
    """Waits for the answers to one request at a time. Durable: a resumed run waits on, and judges
    what it has heard as it did then, since nothing but the messages in their order decides."""

    def __init__(
        self, run: str, roster: Roster, inbox: Inbox, journal: Journal, clock: Clock, files: Files
    ) -> None:
        self._run, self._inbox, self._files = run, inbox, files
        self._journal, self._clock = journal, clock
        self._count = 0
        self._asked: Mapping[str, Sequence[str]] = {}
        self._heard: set[str] = set()
        self.roster = roster
        """With the keys that were revoked meanwhile."""

    def ask(self, request: Request) -> Answer:
        """Wait until the request is answered, refused, out of time, or the run is called off."""
        self._asked = {request.item: request.roles}
        now = self._now()
        until = now + request.within if request.within else None
        state = _Open(request, now)
        self._announce(state, until)
        while True:
            message = self._inbox.receive(self._left(until))
            if message is None:
                return self._ended(Outcome.EXPIRED, state)
            answer = self._take(message, state, until)
            if answer is not None:
                return answer

    def collect(self) -> None:
        """Take in what was said meanwhile: no note is lost when nothing is asked any more."""
        while (message := self._inbox.receive(0.0)) is not None:
            self._between(message)

    def pass_time(self, seconds: float) -> Statement | None:
        """Let planned time pass; returns the abort that cut it short."""
        until = self._now() + timedelta(seconds=max(0.0, seconds))
        while (left := (until - self._now()).total_seconds()) > 0:
            message = self._inbox.receive(left)
            abort = self._between(message) if message is not None else None
            if abort is not None:
                return abort
        return None

    # -- one message ---------------------------------------------------------------------------

    def _take(self, message: JsonObject, state: _Open, until: datetime | None) -> Answer | None:
        known = self._read(message)
        if known is None:
            return None
        statement, person = known
        if person is None:
            return self._ended(Outcome.ABORTED, state, aborted=statement)
        try:
            role = admit(state.request, statement, person, self.roster)
            admit_files(state.request, statement)
            admit_time(statement, state.since, self._now())
            admit_once(statement, [(one.person, one.action) for one in state.acts])
            brought = self._looked_at(statement, state)
        except ActRefused as refusal:
            self._refuse(refusal, statement)
            return None
        act = statement.act(role, message)
        dropped = [one for one in state.waiting() if one.sha256 == act.digest]
        state.take(act, brought)
        self._tell("act", item=statement.item, **_shown(act), said=_said(statement))
        if act.action == "withdraw":
            self._drop(dropped)
        return self._settled(act, state, until)

    def _settled(self, act: Act, state: _Open, until: datetime | None) -> Answer | None:
        if act.action == "refuse":
            return self._ended(Outcome.REFUSED, state)
        if act.action in ("retry", "skip"):
            return self._ended(Outcome.SKIPPED, state, decision=act.action)
        if state.enough(self.roster):
            return self._ended(Outcome.PASSED, state)
        if act.action in ("attach", "vouch", "withdraw"):
            self._announce(state, until)
        return None

    def _ended(
        self, outcome: Outcome, state: _Open, decision: str = "", aborted: Statement | None = None
    ) -> Answer:
        """The answer, with the files that may be kept; what nobody vouched for is not."""
        self._drop(state.waiting())
        waiting = {one.path for one in state.waiting()}
        kept = [file for file, _, _ in state.files.values() if file.path not in waiting]
        for file in kept:
            self._do("keep", lambda file=file: self._files.admit(file))  # type: ignore[misc]
        return Answer(outcome, state.acts, kept, decision, aborted)

    def _between(self, message: JsonObject) -> Statement | None:
        """Nothing is asked for: notes are kept, acts come too late; an abort is returned."""
        known = self._read(message)
        if known is None:
            return None
        statement, person = known
        if person is None:
            return statement
        self._refuse(ActRefused(f"{statement.item} waits for nobody now"), statement)
        return None

    def _read(self, message: JsonObject) -> tuple[Statement, Person | None] | None:
        """What a message says and who proved it; nobody, of an abort. None where there is nothing
        to judge: a note, a refusal, or the process being woken up."""
        if not message:
            return None
        try:
            if steers(message):
                return self._steered(message)
            statement, person = read(message, self.roster, self._run)
            self._demand_new(message)
            if statement.action not in NOTES:
                return statement, person
            admit_note(statement, person, self.roster, self._asked.get(statement.item, ()))
        except BadInput as refusal:
            self._refuse(refusal)
            return None
        act = statement.act(person.roles[0], message)
        shown = {**_shown(act), "to": statement.to, "signature": message}
        self._tell("note", item=statement.item, **shown, said=_said(statement))
        return None

    def _steered(self, message: JsonObject) -> tuple[Statement, None] | None:
        if message.get("action") == "abort":
            return read_abort(message, self.roster, self._run), None
        gone = read_revocation(message, self.roster)
        self.roster = without_key(self.roster, gone)
        self._tell("revoked", person=gone.person, reason=gone.reason, since=gone.at)
        return None

    def _demand_new(self, message: JsonObject) -> None:
        """ActRefused for what was heard before: an act is done once, whoever plays it again."""
        digest = sha256_hex(canonical(message["payload"]))
        if digest in self._heard:
            raise ActRefused("this act was heard before, and is done once")
        self._heard.add(digest)

    # -- files ---------------------------------------------------------------------------------

    def _looked_at(self, statement: Statement, state: _Open) -> Sequence[tuple[Artefact, bool]]:
        if statement.action == "vouch" and state.bringer(statement.digest) == statement.person:
            raise ActRefused(f"{statement.person} brought this file, so somebody else looks at it")
        if statement.action == "withdraw" and all(
            one.sha256 != statement.digest for one in state.waiting()
        ):
            raise ActRefused("no file with this digest waits for a second person's word")
        return [(file, self._needs_eyes(file)) for file in statement.files]

    def _needs_eyes(self, file: Artefact) -> bool:
        def look() -> Json:
            try:
                return self._files.needs_eyes(file)
            except ActRefused as refusal:
                return refusal.what

        found = self._inbox.durable(self._name("look"), look)
        if isinstance(found, str):
            raise ActRefused(found)
        return bool(found)

    def _drop(self, files: Sequence[Artefact]) -> None:
        for file in files:
            self._do("drop", lambda file=file: self._files.drop(file))  # type: ignore[misc]

    # -- small change --------------------------------------------------------------------------

    def _announce(self, state: _Open, until: datetime | None) -> None:
        waiting: JsonObject = {
            **state.request.to_json(),
            "until": rfc3339(until) if until else "",
            "unvouched": [
                {"path": one.path, "sha256": one.sha256, "size": one.size,
                 "by": state.bringer(one.sha256)}
                for one in state.waiting()
            ],
        }  # fmt: skip
        self._tell("item", item=state.request.item, state="waiting", waiting=waiting)

    def _refuse(self, why: BadInput, statement: Statement | None = None) -> None:
        said = {"said": _said(statement)} if statement else {}
        self._tell("refused-act", item=statement.item if statement else "", why=str(why), **said)

    def _left(self, until: datetime | None) -> float | None:
        return max(0.0, (until - self._now()).total_seconds()) if until else None

    def _now(self) -> datetime:
        """Durable: a replay sees the time that it saw then."""
        at = self._inbox.durable(self._name("now"), lambda: rfc3339(self._clock.now()))
        return parse_rfc3339(str(at))

    def _tell(self, event: str, **facts: Json) -> None:
        self._do(event, lambda: self._journal.write(event, **facts))

    def _do(self, name: str, action: Callable[[], object]) -> None:
        def act() -> Json:
            action()
            return None

        self._inbox.durable(self._name(name), act)

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
