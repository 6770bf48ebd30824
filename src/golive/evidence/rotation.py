"""Handing a vault over from one key to the next, so that whoever trusts the old one can go on.

The old key signs a statement that names the new one; it lies in the trust file. A verifier who was
given the old key follows it to the new. The old key is retired from then on: what it sealed before
stays good, and what it seals afterwards doesn't count. This is for a planned change. A key that was
stolen could sign such a statement too: then readers must get the new key by another way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from golive.evidence import dsse, trust
from golive.evidence.durable import VaultError, explained, sync_filesystem
from golive.evidence.keys import PublicKey, SigningKey, public_key
from golive.evidence.ledger import Ledger
from golive.evidence.locks import exclusively
from golive.evidence.strict import dump, load_canonical
from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject
from golive.kernel.times import rfc3339

PAYLOAD_TYPE = "application/vnd.golive.rotation+json"
_MOST = 1000


def statement(old: SigningKey, new: PublicKey, at: str) -> JsonObject:
    """The old key's word for the new one."""
    payload = dump({"old": old.key_id, "new": new.pem, "at": at})
    return dsse.sign(PAYLOAD_TYPE, payload, old)


def followed(known: trust.Trust, anchors: Sequence[PublicKey]) -> Sequence[PublicKey]:
    """`anchors`, and every key to which one of them leads. A statement that nobody vouches for
    leads nowhere."""
    found = list(anchors)
    for envelope in known.rotations[:_MOST]:
        try:
            payload = load_canonical(dsse.verify(envelope, found, payload_type=PAYLOAD_TYPE))
            new = public_key(str(payload.get("new")).encode())
        except ValueError:
            continue
        if new not in found:
            found.append(new)
    return found


def rotate(
    root: Path, old: SigningKey, new: SigningKey, *, signer: SigningKey | None = None
) -> trust.Trust:
    """From now on `new` does what `old` did: seals, keeps the ledger, or both. The trust file is
    signed by `signer`, a sealing key, or by `new` where it seals. May be done again where it was
    cut short. BadInput when `old` holds nothing here; VaultError when the vault can't be written
    or isn't as it was left."""
    if old.key_id == new.key_id:
        raise BadInput("the new key is the old one")
    with explained("the keys can't be changed", root), exclusively(root / ".lock"):
        known = _trust(root)
        held = known.keys.get(old.key_id)
        roles = [role for role in (trust.SEAL_ROLE, trust.LOG_ROLE) if held and role in held.roles]
        if held is None or not roles or held.until:
            raise BadInput(
                f"the key {old.key_id[:12]}… does not seal here (any more)",
                where=str(root),
                hint="`golive verify` names the key that sealed each release",
            )
        at = rfc3339(datetime.now(UTC))
        both = known.with_key(trust.TrustedKey(new.public, roles, at))
        if new.public not in followed(known, [old.public]):
            both = replace(both, rotations=[*both.rotations, statement(old, new.public, at)])
        signer = new if trust.SEAL_ROLE in roles else signer
        if signer is None or signer.public not in both.current(trust.SEAL_ROLE):
            raise BadInput(
                "who keeps the ledger alone can't say who follows",
                where=str(root),
                hint="do it with the sealing key at hand",
            )
        _trust(root, ours=[old.public, new.public, signer.public])
        both.save(root, signer)
        sync_filesystem(root)
        if trust.LOG_ROLE in roles:
            Ledger(root, old).hand_over(new)
        done = both.with_key(trust.TrustedKey(old.public, roles, held.since, until=at))
        done.save(root, signer)
        sync_filesystem(root)
        return done


def _trust(root: Path, ours: Sequence[PublicKey] = ()) -> trust.Trust:
    try:
        return trust.load(root, ours=ours)
    except ValueError as error:
        raise VaultError(str(error), where=str(root / trust.FILE)) from error
