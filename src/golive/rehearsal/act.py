"""What people do to a run from outside its process."""

from __future__ import annotations

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
from golive.playbook.people import Roster
from golive.ports.clock import Clock
from golive.rehearsal.board import Board, fold
from golive.rehearsal.desk import Request, admit, admit_note
from golive.rehearsal.engine import send
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events


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
    person = roster.person(wish.person)
    if person is None:
        raise BadInput(f"{wish.person!r} is not on the run's roster", where=str(folder.people))
    if person.key != fingerprint(key.public):
        raise BadInput(
            f"this machine's key of {person.id} is not the one that the run's roster has",
            hint="a run keeps the roster that it began with",
        )
    statement = Statement(
        run=folder.settings().rehearsal,
        item=wish.item,
        action=wish.action,
        person=person.id,
        comment=wish.comment,
        at=rfc3339(clock.now()),
        digest=wish.digest or (request.digest if wish.action in ("approve", "refuse") else ""),
        custody=wish.custody,
        session=wish.session,
    )
    if wish.files:
        # Judged first, so that a refused act stores nothing.
        admit(request, replace(statement, files=(_PLACEHOLDER,)), person, roster)
        kept = tuple(
            store(path, attached_path(board, wish.item, path, len(wish.files)))
            for path in wish.files
        )
        statement = replace(statement, files=kept)
    admit(request, statement, person, roster)
    seen = str(len(board.items[wish.item].acts))
    one = (wish.key,) if wish.key else (seen, statement.at)
    key_parts = (statement.run, statement.item, statement.action, person.id)
    send(folder, sign(statement, key), key=idempotency_key(*key_parts, *one))
    return statement


def note(
    folder: RunFolder, wish: Wish, to: str, roster: Roster, key: SigningKey, clock: Clock
) -> Statement:
    """Sign a comment on an item, or its handing over `to` a named deputy, and put it before the
    run, once per `wish.key`. ActRefused says why it would be refused."""
    board = fold(read_events(folder.events))
    item, person = board.items.get(wish.item), roster.person(wish.person)
    if item is None or person is None:
        raise BadInput(f"there is no item {wish.item!r}, or no {wish.person!r} on the roster")
    if person.key != fingerprint(key.public):
        raise BadInput(f"this key of {person.id} is not the one that the run's roster has")
    statement = Statement(
        run=folder.settings().rehearsal,
        item=wish.item,
        action=wish.action,
        person=person.id,
        comment=wish.comment,
        at=rfc3339(clock.now()),
        custody=wish.custody,
        session=wish.session,
        to=to,
    )
    asked = Request.from_json(item.id, item.waiting).roles if item.state == "waiting" else ()
    admit_note(statement, person, roster, asked)
    parts = (statement.run, statement.item, statement.action, person.id)
    send(folder, sign(statement, key), key=idempotency_key(*parts, wish.key or statement.at))
    return statement


def abort_statement(
    folder: RunFolder, wish: Wish, key: SigningKey, clock: Clock
) -> tuple[Statement, JsonObject]:
    """A person's signed word that the run be called off, for `call_off`."""
    statement = Statement(
        run=folder.settings().rehearsal,
        item="",
        action="abort",
        person=wish.person,
        comment=wish.comment,
        at=rfc3339(clock.now()),
        custody=wish.custody,
        session=wish.session,
    )
    return statement, sign(statement, key)


def call_off(folder: RunFolder, comment: str, envelope: JsonObject | None) -> None:
    """Abort the run: a message that its process obeys at once, or when it is resumed."""
    run = folder.settings().rehearsal
    message: JsonObject = {"action": "abort", "comment": comment, "envelope": envelope}
    send(folder, message, key=idempotency_key(run, "abort"), abort=True)


def attached_path(board: Board, item: str, file: Path, files: int) -> str:
    """Where an uploaded file lies in the vault: the one path that the row asks for, if it is one
    file of that kind, or beside the item."""
    wanted = board.items[item].waiting.get("files")
    paths = [str(one) for one in wanted] if isinstance(wanted, Sequence) else []
    fitting = [path for path in paths if Path(path).suffix == file.suffix]
    if files == 1 and len(fitting) == 1:
        return fitting[0]
    return f"attachments/{item}/{file.name}"


_PLACEHOLDER = Artefact.from_record(
    {
        "path": "-", "sha256": "0" * 64, "size": 0, "mediaType": "-", "producer": "-",
        "capturedAt": "-", "fidelity": "manual", "control": "",
    }
)  # fmt: skip


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
