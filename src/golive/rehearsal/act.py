"""What people do to a run from outside its process."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.governance.acts import Statement, fingerprint, sign
from golive.kernel.errors import BadInput
from golive.kernel.ids import idempotency_key
from golive.kernel.json import JsonObject
from golive.kernel.times import rfc3339
from golive.playbook.people import Person, Roster, parse_roster
from golive.ports.clock import Clock
from golive.rehearsal.asking import Request, admit, admit_files, admit_note, admit_once, after_retry
from golive.rehearsal.board import Board, fold
from golive.rehearsal.engine import send
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events
from golive.rehearsal.steering import Revocation, abort_message, demand_power, read_revocation
from golive.rehearsal.turns import acted


@dataclass(frozen=True)
class Wish:
    """One act, as the command line gives it."""

    action: str
    item: str
    person: str
    comment: str
    digest: str = ""
    files: Sequence[Path] = ()
    custody: str = ""
    """Who keeps the person's key, where it isn't the person; it is told in the act itself."""
    session: str = ""
    key: str = ""
    """What makes a repeated wish one act, where the asker has such a thing (a form's own key)."""


def act(
    folder: RunFolder,
    wish: Wish,
    roster: Roster,
    key: SigningKey,
    clock: Clock,
    store: Callable[[Path, str], Artefact],
) -> Statement:
    """Sign the act and put it before the run, once. BadInput says why it would be refused.

    `store` redacts and keeps one attached file under a path of the vault.
    """
    board = fold(read_events(folder.events))
    request = _waiting(board, wish.item)
    person = _proven(folder, wish.person, roster, key)
    digest = wish.digest or (request.digest if wish.action in ("approve", "refuse") else "")
    statement = replace(_statement(folder, wish, clock), digest=digest)
    admit(request, statement, person, roster)
    if not wish.key:  # a form's own key makes a repeated wish one act, and no refusal
        counted = acted(board.items[wish.item], request)
        admit_once(statement, [(str(one["person"]), str(one["action"])) for one in counted])
    if wish.action == "attach":
        # Judged first, so that a refused act stores nothing.
        for path in wish.files:
            demand_evidence(path)
        kept = tuple(
            store(path, attached_path(board, wish.item, path, len(wish.files)))
            for path in wish.files
        )
        statement = replace(statement, files=kept)
    admit_files(request, statement)
    seen = str(len(board.items[wish.item].acts))
    one = (wish.key,) if wish.key else (seen, statement.at)
    key_parts = (statement.run, statement.item, statement.action, person.id)
    send(folder, sign(statement, key), key=idempotency_key(*key_parts, *one))
    return statement


def approvers_after(folder: RunFolder, item: str, ident: str, roster: Roster) -> str:
    """Who may approve `item` once `ident` has run it again; "" where nobody need. ActRefused where
    those are too few, BadInput as `act`."""
    request = _waiting(fold(read_events(folder.events)), item)
    person = roster.person(ident)
    return after_retry(request, person, roster) if person else ""


def note(
    folder: RunFolder, wish: Wish, to: str, roster: Roster, key: SigningKey, clock: Clock
) -> Statement:
    """Sign a comment on an item, a nudge to whoever it waits for, or its handing over `to` a named
    deputy, and put it before the run, once per `wish.key`. ActRefused says why it would be
    refused."""
    board = fold(read_events(folder.events))
    item = board.items.get(wish.item)
    if item is None:
        raise BadInput(f"the playbook has no item {wish.item!r}")
    person = _proven(folder, wish.person, roster, key)
    statement = replace(_statement(folder, wish, clock), to=to)
    asked = Request.from_json(item.id, item.waiting).roles if item.state == "waiting" else ()
    admit_note(statement, person, roster, asked)
    parts = (statement.run, statement.item, statement.action, person.id)
    send(folder, sign(statement, key), key=idempotency_key(*parts, wish.key or statement.at))
    return statement


def abort(
    folder: RunFolder, wish: Wish, roster: Roster, key: SigningKey, clock: Clock
) -> Statement:
    """A person calls the run off: its process obeys at once, or when it is resumed. ActRefused says
    why they may not."""
    person = _proven(folder, wish.person, roster, key)
    demand_power(person)
    statement = _statement(folder, wish, clock)
    _steer(folder, abort_message(wish.comment, sign(statement, key)), person.id, statement.at)
    return statement


def call_off(folder: RunFolder, comment: str) -> None:
    """Abort the run as the operator, whose folder it is: no person's word, and told as such."""
    _steer(folder, abort_message(comment, None), comment)


def take_key_out(folder: RunFolder, person: str, reason: str, clock: Clock) -> None:
    """What `person` signs from now on counts for nothing in this run, by the operator's word. What
    they did before stays."""
    gone = Revocation(person, reason, rfc3339(clock.now()))
    read_revocation(gone.to_json(), _roster_of(folder))
    _steer(folder, gone.to_json(), person, gone.at)


def demand_evidence(file: Path) -> None:
    """BadInput for nothing at all, and for an address: what it leads to may be gone tomorrow."""
    with file.open("rb") as source:
        content = source.read(_MOST_LINK + 1)
    if not content.strip() and len(content) <= _MOST_LINK:
        raise BadInput("the file is empty", where=str(file))
    if len(content) <= _MOST_LINK and _LINK.fullmatch(content):
        raise BadInput(
            "a link is not evidence: what it leads to can change",
            where=str(file),
            hint="save what it shows, and bring that",
        )


_MOST_LINK = 4000
_LINK = re.compile(rb"\s*(\[InternetShortcut\]\s*)?(URL=)?https?://\S+\s*", re.IGNORECASE)


def _proven(folder: RunFolder, ident: str, roster: Roster, key: SigningKey) -> Person:
    person = roster.person(ident)
    if person is None:
        raise BadInput(f"{ident!r} is not on the run's roster", where=str(folder.people))
    if person.key != fingerprint(key.public):
        raise BadInput(
            f"this machine's key of {person.id} is not the one that the run's roster has",
            hint="a run keeps the roster that it began with",
        )
    return person


def _statement(folder: RunFolder, wish: Wish, clock: Clock) -> Statement:
    return Statement(
        run=folder.settings().rehearsal,
        item=wish.item,
        action=wish.action,
        person=wish.person,
        comment=wish.comment,
        at=rfc3339(clock.now()),
        digest=wish.digest,
        custody=wish.custody,
        session=wish.session,
    )


def _steer(folder: RunFolder, message: JsonObject, *parts: str) -> None:
    if any(one.get("event") == "verdict" for one in read_events(folder.events)):
        raise BadInput(f"{folder.name} is over", hint="there is nothing to steer any more")
    key = idempotency_key(folder.settings().rehearsal, str(message["action"]), *parts)
    send(folder, message, key=key, steers=True)


def _roster_of(folder: RunFolder) -> Roster:
    content = folder.people.read_bytes()
    return parse_roster(content, str(folder.people)) if content else Roster(())


def attached_path(board: Board, item: str, file: Path, files: int) -> str:
    """Where an uploaded file lies in the vault: the one path that the row asks for, if it is one
    file of that kind, or beside the item."""
    wanted = board.items[item].waiting.get("files")
    paths = [str(one) for one in wanted] if isinstance(wanted, Sequence) else []
    fitting = [path for path in paths if Path(path).suffix == file.suffix]
    if files == 1 and len(fitting) == 1:
        return fitting[0]
    return f"attachments/{item}/{file.name}"


def _waiting(board: Board, item: str) -> Request:
    found = board.items.get(item)
    if found is None:
        raise BadInput(
            f"the playbook has no item {item!r}", hint=f"it has: {', '.join(board.items)}"
        )
    if found.state != "waiting":
        others = ", ".join(one.id for one in board.waiting()) or "nothing"
        raise BadInput(
            f"{item} doesn't wait for anybody: it is {found.state}",
            hint=f"waiting now: {others}",
        )
    return Request.from_json(item, found.waiting)
