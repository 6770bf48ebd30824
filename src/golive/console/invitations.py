"""Invitation links, and the fingerprints that they put on the roster."""

from __future__ import annotations

from pathlib import Path

from golive.console.identity import Identity
from golive.console.settings import ConsoleSettings
from golive.console.store import Store
from golive.kernel.errors import BadInput
from golive.playbook.people import load_roster, with_key
from golive.ports.clock import SystemClock


def invite(
    settings: ConsoleSettings,
    people: Path,
    person: str,
    *,
    own_key: bool = False,
    again: bool = False,
) -> str:
    """The link for `person` of the roster in `people`, whose key is then on that roster."""
    roster = load_roster(people)
    found = roster.person(person)
    if found is None:
        known = ", ".join(one.id for one in roster.people)
        raise BadInput(
            f"{person!r} is not on the roster", where=str(people), hint=f"it has {known}"
        )
    store = Store(settings.folder)
    try:
        identity = Identity(store, settings, SystemClock())
        _demand_room(found.key, identity.mark(person), own_key=own_key, again=again)
        token, mark = identity.invite(person, own_key=own_key, again=again)
    finally:
        store.close()
    if mark:
        people.write_bytes(with_key(people.read_bytes(), person, mark))
    return f"{settings.origin}/invited/{token}"


def _demand_room(on_roster: str, kept: str, *, own_key: bool, again: bool) -> None:
    """A key that the person has elsewhere is theirs: an invitation doesn't replace it unasked."""
    if on_roster and on_roster != kept and not own_key and not again:
        raise BadInput(
            "the roster has a key of theirs that isn't kept here",
            hint="--own-key leaves it: they look on here and sign on their own machine; --again "
            "replaces it",
        )
