"""`golive people`: enrol a person's key, show who is on the roster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from golive.cli.act import passphrase

app = typer.Typer(no_args_is_help=True, help="The roster: who may do what, and whose key is whose.")

PeopleFile = Annotated[Path, typer.Option("--people", help="The roster (people.toml).")]


@app.command()
def enrol(
    person: Annotated[str, typer.Argument(help="The person's id on the roster.")],
    people: PeopleFile = Path("people.toml"),
) -> None:
    """Make a signing key for a person on this machine and put its fingerprint on the roster."""
    from golive.governance import keyring
    from golive.governance.acts import fingerprint
    from golive.kernel.errors import BadInput
    from golive.playbook.people import load_roster, with_key

    roster = load_roster(people)
    if roster.person(person) is None:
        known = ", ".join(one.id for one in roster.people)
        raise BadInput(
            f"{person!r} is not on the roster", where=str(people), hint=f"it has {known}"
        )
    key = keyring.enrol(person, keyring.default_keyring(), passphrase(person, again=True))
    mark = fingerprint(key.public)
    people.write_bytes(with_key(people.read_bytes(), person, mark))
    print(f"{person}: {mark}")


@app.command("list")
def list_people(people: PeopleFile = Path("people.toml")) -> None:
    """Who is on the roster, in which roles, and whether they have a key."""
    from golive.playbook.people import load_roster

    for one in load_roster(people).people:
        key = one.key or "no key: can't take part yet"
        print(f"{one.id:<16} {', '.join(one.roles):<44} {key}")
