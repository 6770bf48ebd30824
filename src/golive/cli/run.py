"""`golive status`, `resume` and `abort`: a run from outside its process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.options import DEFAULT_STATE, AsJson, Run, State
from golive.cli.output import exit_code, print_event, tell_stamp, watching
from golive.cli.report import after

if TYPE_CHECKING:
    from golive.kernel.json import JsonObject
    from golive.rehearsal.folder import RunFolder


def status(run: Run = None, state: State = DEFAULT_STATE, as_json: AsJson = False) -> None:
    """Show where a run stands and what it waits for."""
    from golive.rehearsal.board import fold
    from golive.rehearsal.folder import RunFolder
    from golive.rehearsal.journal import read_events

    folder = RunFolder.find(state, run)
    if as_json:
        for event in read_events(folder.events):
            print_event(event)
        return
    from golive.cli.terminal import show_board

    board = fold(read_events(folder.events))
    board.verdict = board.verdict and _newest(board.verdict)
    show_board(board, running=folder.runner() is not None)
    if board.verdict:
        from golive.cli.sign import said_of

        for line in said_of(Path(str(board.verdict["vault"]))):
            print(line)


def _newest(verdict: JsonObject) -> JsonObject:
    """The verdict of the newest seal, where evidence came after the one that the run ended with;
    else `verdict`, also where the vault isn't what was sealed: `golive verify` says that."""
    from golive.evidence.strict import load_object
    from golive.kernel.errors import GoliveError
    from golive.kernel.times import rfc3339
    from golive.ports.clock import SystemClock
    from golive.rehearsal.docket import open_case
    from golive.rehearsal.wording import listing

    first = Path(str(verdict["vault"]))
    try:
        sealed = open_case(first, rfc3339(SystemClock().now())).sealed
        told = load_object(sealed.verdict)
    except (OSError, ValueError, GoliveError):
        return verdict
    seal = sealed.release.seal
    if seal.path.resolve() == first.resolve():
        return verdict
    earlier = f"seal {first.name}, as the run ended, said: {verdict['headline']}"
    return {
        **verdict,
        **told,
        "headline": f"seal {seal.number}: {told['headline']}",
        "notes": [*listing(told.get("notes")), earlier],
        "vault": str(seal.path),
    }


def resume(run: Run = None, state: State = DEFAULT_STATE, as_json: AsJson = False) -> None:
    """Go on with a run that was interrupted or killed. Ends as `rehearse` does."""
    from golive import bootstrap
    from golive.rehearsal.folder import RunFolder
    from golive.rehearsal.journal import read_events
    from golive.rehearsal.run import resume as go_on

    folder = RunFolder.find(state, run)
    with watching(as_json, read_events(folder.events)) as watcher:
        verdict = go_on(folder, bootstrap.Supplies(), [watcher])
    tell_stamp(verdict, as_json=as_json)
    after(verdict, state, as_json=as_json)
    raise typer.Exit(exit_code(verdict))


def abort(
    run: Run = None,
    person: Annotated[
        str,
        typer.Option(
            "--as",
            help="Your id on the roster: it is signed with your key. Without it, it is recorded as "
            "the word of the operator, who owns the run's folder.",
        ),
    ] = "",
    comment: Annotated[str, typer.Option(help="Why; it is kept.")] = "called off",
    state: State = DEFAULT_STATE,
    as_json: AsJson = False,
) -> None:
    """Call a run off for good: undo its changes, seal what there is.

    DevOps, the programme manager and the sponsor may, and their named deputies.
    """
    from golive.rehearsal.act import call_off
    from golive.rehearsal.folder import RunFolder

    folder = RunFolder.find(state, run)
    if person:
        _abort_as(folder, person, comment)
    else:
        call_off(folder, comment)
    running = folder.runner() is not None
    if as_json:
        print_event({"event": "abort", "run": folder.name, "running": running})
    elif running:
        print(f"Calling {folder.name} off: it undoes what it changed, then seals what there is.")
    else:
        print(f"{folder.name} is called off as soon as it is taken up: `golive resume` does it.")


def _abort_as(folder: RunFolder, person: str, comment: str) -> None:
    from golive import bootstrap
    from golive.cli.act import passphrase
    from golive.governance.keyring import default_keyring, unlock
    from golive.rehearsal.act import Wish, abort

    supplies = bootstrap.Supplies()
    key = unlock(person, default_keyring(), passphrase(person))
    wish = Wish("abort", "", person, comment)
    abort(folder, wish, supplies.roster(folder), key, supplies.clock)
