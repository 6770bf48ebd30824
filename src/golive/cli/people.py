"""`golive people`: enrol a person's key, revoke it, show who is on the roster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from golive.cli.act import passphrase
from golive.cli.copies import copied
from golive.cli.options import DEFAULT_STATE, Copy, State

app = typer.Typer(no_args_is_help=True, help="The roster: who may do what, and whose key is whose.")

PeopleFile = Annotated[Path, typer.Option("--people", help="The roster (people.toml).")]


@app.command()
def enrol(
    person: Annotated[str, typer.Argument(help="The person's id on the roster.")],
    people: PeopleFile = Path("people.toml"),
    vault: Annotated[
        Path | None,
        typer.Option(help="Enrol for this sealed vault, where the run knew no key of theirs."),
    ] = None,
    state: State = DEFAULT_STATE,
    copy: Copy = "",
) -> None:
    """Make a person's signing key here, its fingerprint on the roster."""
    from golive.governance import keyring
    from golive.governance.acts import fingerprint

    if vault is not None:
        with copied(vault, copy, state, "enrolled"):
            _admit(person, vault)
        return
    from golive.kernel.errors import BadInput
    from golive.playbook.people import load_roster, with_key

    roster = load_roster(people)
    known_as = roster.person(person)
    if known_as is None:
        known = ", ".join(one.id for one in roster.people)
        raise BadInput(
            f"{person!r} is not on the roster", where=str(people), hint=f"it has {known}"
        )
    key = keyring.enrol(
        person, keyring.default_keyring(), passphrase(person, again=True), known_as.name
    )
    mark = fingerprint(key.public)
    people.write_bytes(with_key(people.read_bytes(), person, mark))
    print(f"{person}: {mark}")


@app.command()
def revoke(
    person: Annotated[str, typer.Argument(help="The person's id on the roster.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
    people: PeopleFile = Path("people.toml"),
    vault: Annotated[
        list[Path] | None,
        typer.Option(help="A vault in whose trust file and ledger to say so. May be repeated."),
    ] = None,
    run: Annotated[
        list[str] | None,
        typer.Option(help="A run under way, in which the key no longer counts. May be repeated."),
    ] = None,
    state: State = DEFAULT_STATE,
    copy: Copy = "",
) -> None:
    """Say that a person's key no longer counts. What it signed before stays good.

    Where a vault's run copied it, the ledger and the trust file go there too; a bucket that is
    away keeps nobody's key alive.
    """
    from golive import bootstrap
    from golive.kernel.times import rfc3339
    from golive.playbook.people import with_revocation
    from golive.rehearsal.act import take_key_out
    from golive.rehearsal.copying import NotCopied
    from golive.rehearsal.enrolment import revoke as revoke_in
    from golive.rehearsal.folder import RunFolder

    supplies = bootstrap.Supplies()
    at = rfc3339(supplies.clock.now())
    behind: list[NotCopied] = []
    for one in vault or ():
        try:
            with copied(one, copy, state, "revoked", urgent=True):
                count = revoke_in(one, person, reason, supplies.clock, supplies.signing_key())
                print(f"{person}: {count} key{'' if count == 1 else 's'} revoked in {one}")
        except NotCopied as error:
            behind.append(error)
    for name in run or ():
        folder = RunFolder.find(state, name)
        take_key_out(folder, person, reason, supplies.clock)
        print(f"{person}: what their key signs from now on counts for nothing in {folder.name}")
    if people.exists() or not (vault or run):
        from golive.playbook.people import load_roster

        load_roster(people)
        people.write_bytes(with_revocation(people.read_bytes(), person, at, reason))
        print(f"{person}: revoked on {at} in {people}")
    for other in behind[1:]:
        typer.echo(f"golive: {other}", err=True)
    if behind:
        raise behind[0]


@app.command("list")
def list_people(
    people: PeopleFile = Path("people.toml"),
    vault: Annotated[
        list[Path] | None,
        typer.Option(
            help="A vault whose keys to list, those enrolled in it alone included. May be repeated."
        ),
    ] = None,
) -> None:
    """Who is on the roster or in a vault, and by which key."""
    from golive.playbook.people import load_roster
    from golive.rehearsal.enrolment import keys_in

    if people.exists() or not vault:
        for one in load_roster(people).people:
            key = one.key or "no key: can't take part yet"
            _row(one.id, one.roles, key, one.revoked, one.revoked_because)
    for folder in vault or ():
        print(f"in {folder}:")
        for held in keys_in(folder):
            since = f"enrolled on {held.since}" if held.since else "on the sealed roster"
            key = f"{held.mark}, {since}"
            _row(held.person, held.roles, key, held.revoked, held.reason)


def _row(person: str, roles: Sequence[str], key: str, revoked: str, reason: str) -> None:
    from golive.kernel.text import clean

    gone = f"revoked on {revoked}{f': {reason}' if reason else ''}" if revoked else key
    print(clean(f"{person:<16} {', '.join(roles):<44} {gone}"))


def _admit(person: str, vault: Path) -> None:
    """Into the vault's trust file: for somebody who is on the sealed roster without a key."""
    from golive import bootstrap
    from golive.governance import keyring
    from golive.governance.acts import fingerprint
    from golive.kernel.errors import BadInput
    from golive.rehearsal.enrolment import admit

    supplies, folder = bootstrap.Supplies(), keyring.default_keyring()
    try:
        key = keyring.unlock(person, folder, passphrase(person))
    except BadInput as error:
        if "no key on this machine" not in error.what:
            raise
        key = keyring.enrol(person, folder, passphrase(person, again=True))
    admit(vault, person, key, supplies.clock, supplies.signing_key())
    print(f"{person}: {fingerprint(key.public)} enrolled in {vault}")
