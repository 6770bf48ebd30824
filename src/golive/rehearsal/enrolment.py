"""Whose key counts in a vault that is sealed: admitted later, or revoked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from golive.evidence import trust
from golive.evidence.durable import explained, sync_filesystem
from golive.evidence.keys import SigningKey
from golive.evidence.ledger import Entry, Ledger, read_proven
from golive.evidence.locks import exclusively
from golive.governance.acts import fingerprint
from golive.governance.words import KeyEvent, revocations, signed_event
from golive.kernel.errors import BadInput
from golive.kernel.times import rfc3339
from golive.ports.clock import Clock
from golive.rehearsal.docket import (
    Case,
    NotAsSealed,
    open_case,
    sealed_rosters,
    vault_root,
)


class SignRefused(BadInput):
    """The person may not say this, here, now. Nothing was written."""


def revoke(root: Path, person: str, reason: str, clock: Clock, log_key: SigningKey) -> int:
    """Write in trust file and ledger that the person's keys no longer count; how many there were.
    What they signed before stays. BadInput where the vault knows no key of that person's: a name
    mistyped must not look like a key taken out."""
    with explained("the vault can't be written", root), exclusively(root / ".lock"):
        at = rfc3339(clock.now())
        known = _trust(root, log_key)
        ids = _keys_of(root, person, known)
        if not ids:
            raise SignRefused(f"the vault knows no key of {person!r}", where=str(root))
        entries, _ = read_proven(root, known.current(trust.LOG_ROLE))
        gone = {name: one.at for name, one in _revoked(entries, known).items()}
        events = [
            KeyEvent(kind="revoked", person=person, key=one, at=at, reason=reason)
            for one in ids
            if one not in gone
        ]
        ended = {
            name: replace(one, until=gone.get(one.key.key_id, at))
            for name, one in known.keys.items()
            if one.person == person and not one.until
        }
        if events:
            # The ledger first: it is what later words are judged by.
            Ledger(root, log_key).append([signed_event(one, log_key) for one in events])
        if ended:
            replace(known, keys={**known.keys, **ended}).save(root, log_key)
            sync_filesystem(root)
        return len(events)


@dataclass(frozen=True)
class VaultKey:
    """A person's key, as one vault knows it."""

    person: str
    roles: Sequence[str]
    mark: str
    """Its fingerprint, as the roster writes it."""
    since: str = ""
    """When it was enrolled here; "" where the sealed roster has it and it has never signed."""
    revoked: str = ""
    reason: str = ""


def keys_in(root: Path) -> Sequence[VaultKey]:
    """Every person's key that the vault's trust file or a sealed roster has, by person.
    NotAsSealed or VaultError where the vault isn't as it was."""
    try:
        known = trust.load(root)
    except ValueError as error:
        raise NotAsSealed(f"the trust file: {error}", where=str(root / trust.FILE)) from error
    entries, _ = read_proven(root, known.current(trust.LOG_ROLE))
    gone = _revoked(entries, known)
    found = {
        name: VaultKey(one.person, one.roles, f"SHA256:{name}", one.since, one.until)
        for name, one in known.keys.items()
        if one.person
    }
    for roster in sealed_rosters(root):
        for one in roster.people:
            name = one.key.removeprefix("SHA256:")
            if name and name not in found:
                found[name] = VaultKey(one.id, one.roles, one.key, revoked=one.revoked)
    for name, event in gone.items():
        if name in found:
            found[name] = replace(found[name], revoked=event.at, reason=event.reason)
    return sorted(found.values(), key=lambda one: (one.person, one.since, one.mark))


def _revoked(entries: Sequence[Entry], known: trust.Trust) -> Mapping[str, KeyEvent]:
    own = [*known.holding(trust.SEAL_ROLE), *known.holding(trust.LOG_ROLE)]
    return revocations((one.envelope for one in entries), own)


def _keys_of(root: Path, person: str, known: trust.Trust) -> Sequence[str]:
    """The ids of the person's keys: those in the trust file, and those that a sealed roster has
    and that have never signed here."""
    ids = [one.key.key_id for one in known.keys.values() if one.person == person]
    for roster in sealed_rosters(root):
        found = roster.person(person)
        if found is not None and found.key:
            ids.append(found.key.removeprefix("SHA256:"))
    return list(dict.fromkeys(ids))


def admit(folder: Path, person: str, key_of: SigningKey, clock: Clock, log_key: SigningKey) -> None:
    """Enrol a key for somebody who is on the sealed roster but had none when the run began."""
    root, named = vault_root(folder)
    with explained("the vault can't be written", root), exclusively(root / ".lock"):
        at = rfc3339(clock.now())
        case = open_case(folder, at, named)
        known = case.sealed.roster.person(person)
        if known is None:
            raise SignRefused(f"{person!r} is not on the sealed roster")
        if known.key or any(one.person == person for one in case.keys.keys.values()):
            raise SignRefused(
                f"{person} had a key already", hint="a key that is lost is revoked, not replaced"
            )
        mark = fingerprint(key_of.public)
        if key_of.key_id in case.keys.keys or any(
            one.key == mark for one in case.sealed.roster.people
        ):
            raise SignRefused(
                "this key speaks for somebody already",
                hint="two persons with one key would be one person: make a key of their own",
            )
        write_trust(case, person, known.roles, key_of, log_key, at)
        event = KeyEvent(kind="enrolled", person=person, key=key_of.public.key_id, at=at)
        Ledger(root, log_key).append([signed_event(event, log_key)])


def write_trust(
    case: Case, person: str, roles: Sequence[str], key: SigningKey, log_key: SigningKey, at: str
) -> None:
    """Enrol `key`, on disk before the ledger names it. The caller holds the vault's lock."""
    added = trust.TrustedKey(key.public, list(roles), at, "", person)
    _trust(case.root, log_key).with_key(added).save(case.root, log_key)
    sync_filesystem(case.root)


def _trust(root: Path, log_key: SigningKey) -> trust.Trust:
    try:
        return trust.load(root, ours=[log_key.public])
    except ValueError as error:
        raise SignRefused(f"the trust file was changed: {error}", where=str(root)) from error
