"""`golive confirm|attach|vouch|approve|refuse|retry|skip`: people's acts, proved by their keys."""

from __future__ import annotations

import getpass
import mimetypes
import os
from pathlib import Path
from typing import Annotated

import typer

from golive.cli.options import DEFAULT_STATE, Evidence, State
from golive.evidence.artefact import Artefact
from golive.kernel.errors import BadInput

RunName = Annotated[str, typer.Argument(help="The run's name.")]
Item = Annotated[str, typer.Argument(help="The item's id, as `golive status` shows it.")]
Person = Annotated[str, typer.Option("--as", help="Your id on the roster.")]
Comment = Annotated[str, typer.Option(help="In your own words; it is kept.")]


def confirm(
    run: RunName, item: Item, person: Person, comment: Comment, state: State = DEFAULT_STATE
) -> None:
    """Say that a human step is done, or sign it where that is asked."""
    _act("confirm", run, item, person, comment, state)


def attach(
    run: RunName,
    item: Item,
    files: Annotated[list[Path], Evidence],
    person: Person,
    comment: Comment,
    state: State = DEFAULT_STATE,
) -> None:
    """Attach files to a step that waits for you.

    What only eyes can judge (a picture, a scan) is kept once somebody else has said, with
    `golive vouch`, that it holds no personal data.
    """
    _act("attach", run, item, person, comment, state, files=files)


def vouch(
    run: RunName,
    item: Item,
    person: Person,
    comment: Comment,
    digest: Annotated[
        str, typer.Option(help="Which file, by the beginning of its SHA-256, where several wait.")
    ] = "",
    withdraw: Annotated[
        bool,
        typer.Option("--withdraw", help="It does, or it is the wrong one: it is not kept."),
    ] = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Say that somebody else's file holds no personal data.

    Look at it first: `golive status` says where it lies.
    """
    action = "withdraw" if withdraw else "vouch"
    whole = _unvouched(run, item, digest, state)
    _act(action, run, item, person, comment, state, digest=whole)


def approve(
    run: RunName,
    item: Item,
    person: Person,
    comment: Comment,
    digest: Annotated[
        str, typer.Option(help="What you looked at, by SHA-256; what waits now by default.")
    ] = "",
    state: State = DEFAULT_STATE,
) -> None:
    """Approve the evidence of a step, by its digest."""
    _act("approve", run, item, person, comment, state, digest=digest)


def refuse(
    run: RunName, item: Item, person: Person, comment: Comment, state: State = DEFAULT_STATE
) -> None:
    """Refuse it; one refusal ends the wait."""
    _act("refuse", run, item, person, comment, state)


def retry(
    run: RunName, item: Item, person: Person, comment: Comment, state: State = DEFAULT_STATE
) -> None:
    """Run a failed drill again; the failed attempt is kept.

    Whoever does can't approve it afterwards: it is said who may then, and refused where those are
    too few.
    """
    _tell_who_approves(run, item, person, state)
    _act("retry", run, item, person, comment, state)


def skip(
    run: RunName, item: Item, person: Person, comment: Comment, state: State = DEFAULT_STATE
) -> None:
    """Go on without it; the verdict says so."""
    _act("skip", run, item, person, comment, state)


def _unvouched(run: str, item: str, digest: str, state: Path) -> str:
    """The SHA-256 of the one file of the item that waits for a word and begins so."""
    from golive.rehearsal.board import fold, unvouched
    from golive.rehearsal.folder import RunFolder
    from golive.rehearsal.journal import read_events

    board = fold(read_events(RunFolder.find(state, run).events))
    waiting = unvouched(board.items[item]) if item in board.items else ()
    found = [one for one in waiting if one["sha256"].startswith(digest.lower())]
    if len(found) == 1:
        return found[0]["sha256"]
    names = ", ".join(f"{one['sha256'][:12]} ({one['path']})" for one in found or waiting)
    raise BadInput(
        f"{len(found) or 'no'} files of {item} wait for somebody's word",
        hint=f"--digest with one of: {names}" if names else "`golive status` says what waits",
    )


def _tell_who_approves(run: str, item: str, person: str, state: Path) -> None:
    """Before anything is signed."""
    from golive import bootstrap
    from golive.rehearsal.act import approvers_after
    from golive.rehearsal.folder import RunFolder

    folder = RunFolder.find(state, run)
    left = approvers_after(folder, item, person, bootstrap.Supplies().roster(folder))
    if left:
        print(f"{person} can't approve {item} then; it takes {left}")


def passphrase(person: str, *, again: bool = False) -> str:
    """From GOLIVE_PASSPHRASE, or asked for at the terminal."""
    given = os.environ.get("GOLIVE_PASSPHRASE")
    if given is not None:
        return given
    first = getpass.getpass(f"Passphrase of {person}'s key: ")
    if again and getpass.getpass("The same again: ") != first:
        raise BadInput("the two passphrases differ")
    return first


def _act(
    action: str,
    run: str,
    item: str,
    person: str,
    comment: str,
    state: Path,
    *,
    digest: str = "",
    files: list[Path] | None = None,
) -> None:
    from golive import bootstrap
    from golive.governance.keyring import default_keyring, unlock
    from golive.rehearsal.act import Wish, act
    from golive.rehearsal.folder import RunFolder

    if not comment.strip():
        raise BadInput("a comment is needed", hint='--comment "what you saw"')
    folder = RunFolder.find(state, run)
    supplies = bootstrap.Supplies()
    key = unlock(person, default_keyring(), passphrase(person))
    keeper = supplies.keeper(folder)

    def store(file: Path, path: str) -> Artefact:
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return keeper.upload(path, file, kind, person=person, item=item)

    wish = Wish(action, item, person, comment, digest, files or ())
    statement = act(folder, wish, supplies.roster(folder), key, supplies.clock, store)
    print(f"{statement.person}: {statement.action} {statement.item} — sent to {folder.name}")
    for kept in statement.files:
        print(f"  {kept.sha256}  {kept.path}")
