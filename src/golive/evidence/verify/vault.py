"""What holds a vault's releases together: trust file, ledger, objects, approvals."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from golive.evidence import dsse, ledger, merkle, rotation, stamps, trust
from golive.evidence.keys import PublicKey
from golive.evidence.ledger import Checkpoint, Entry
from golive.evidence.strict import load_canonical
from golive.evidence.vault import SEALED_TYPE
from golive.evidence.verify.model import Notes, ReleaseCheck
from golive.evidence.verify.stamps import check_ledger_stamp
from golive.evidence.verify.tree import Tree, digest_any, read_small

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_TRUST_LIMIT = 16 << 20
_LEDGER_LIMIT = 1 << 30
_SHARE = 512
"""Entries that are not worth a thread of their own."""
_OBJECT = re.compile(r"objects/sha256/([0-9a-f]{2})/([0-9a-f]{62})")
_LEDGER_FILES = frozenset({"ledger.jsonl", "checkpoint", "checkpoint.next", "checkpoint.tsr"})


@dataclass
class VaultReading:
    """A vault being read. `anchors` are the keys that the caller vouches for."""

    tree: Tree
    notes: Notes
    anchors: Sequence[PublicKey]
    seen: dict[int, str] = field(default_factory=dict)
    authorities: Sequence[Certificate] = ()
    """Whose time stamps the caller believes."""

    def read(self, path: str, limit: int) -> bytes | None:
        """The file's bytes, or None and a finding."""
        if path not in self.tree.files:
            self.notes.find(path, "missing")
            return None
        try:
            return read_small(self.tree, path, limit)
        except OSError as error:
            self.notes.find(path, "unreadable", os.strerror(error.errno or 0))
        except ValueError as error:
            self.notes.find(path, "malformed", str(error))
        return None


@dataclass(frozen=True)
class Noted:
    """A sealing as the ledger tells it."""

    rehearsal: str
    number: int
    digest: str


@dataclass(frozen=True)
class _Wrong:
    kind: str
    detail: str


def check_trust(reading: VaultReading) -> trust.Trust:
    """The trust file's keys, if it is signed by an anchor (or, where none is given, by one of its
    own keys); no keys otherwise, and a finding."""
    data = reading.read(trust.FILE, _TRUST_LIMIT)
    if data is None:
        return trust.Trust()
    try:
        opened = trust.parse(data)
        listed = trust.keys_of(opened)
    except ValueError as error:
        reading.notes.find(trust.FILE, "malformed", str(error))
        return trust.Trust()
    if reading.anchors:
        reading.anchors = rotation.followed(listed, reading.anchors)
    if opened.signers(reading.anchors or listed.public_keys()):
        return listed
    what = "not signed by a trusted key" if reading.anchors else "no valid signature"
    reading.notes.find(trust.FILE, "signature", what)
    return trust.Trust()


def check_ledger(reading: VaultReading, keys: trust.Trust) -> Sequence[Noted]:
    """Chain, checkpoint, root and every signature. Returns the sealings that it notes."""
    name = "ledger/ledger.jsonl"
    for path in reading.tree.files:
        if path.startswith("ledger/") and path[7:] not in _LEDGER_FILES:
            reading.notes.find(path, "extra", "nothing of this name belongs in a ledger")
    data = reading.read(name, _LEDGER_LIMIT)
    if data is None:
        return ()
    gone = keys.retired()
    anchors = [one for one in reading.anchors if one.key_id not in gone]
    checkpoint = _check_checkpoint(reading, data, [*keys.current(trust.LOG_ROLE), *anchors])
    try:
        lines = ledger.split(data)
        entries = ledger.link(lines)
    except ValueError as error:
        reading.notes.find(name, "ledger", str(error))
        return ()
    if checkpoint and (checkpoint.size != len(lines) or checkpoint.root != merkle.root(lines)):
        reading.notes.find(name, "ledger", "its Merkle root is not the one that was signed")
    known = {key.key_id: key for key in [*keys.public_keys(), *reading.anchors]}
    return _check_entries(reading, entries, known)


def _check_checkpoint(
    reading: VaultReading, data: bytes, keys: Sequence[PublicKey]
) -> Checkpoint | None:
    """The signed checkpoint that covers the ledger to the byte: the one in force, or the one of an
    append that was cut short just before its end."""
    found = [
        _open_checkpoint(reading, f"ledger/{name}", keys)
        for name in ("checkpoint", "checkpoint.next")
        if name == "checkpoint" or f"ledger/{name}" in reading.tree.files
    ]
    signed = [one for one in found if one is not None]
    covers = [one for one in signed if one.covers(data)]
    covering = next((one for one in covers if _names(reading, one.approvals)), None)
    covering = covering or next(iter(covers), None)
    if covering is None and signed:
        detail = "not the bytes that the checkpoint signed"
        reading.notes.find("ledger/ledger.jsonl", "ledger", detail)
    if stamps.LEDGER_STAMP in reading.tree.files:
        stamp = reading.read(stamps.LEDGER_STAMP, stamps.LARGEST)
        now = reading.read("ledger/checkpoint", _TRUST_LIMIT)
        if stamp is not None and now is not None:
            check_ledger_stamp(reading.notes, stamp, now, reading.authorities)
    if covering is not None:
        _check_approvals(reading, covering.approvals)
    return covering


def _open_checkpoint(
    reading: VaultReading, path: str, keys: Sequence[PublicKey]
) -> Checkpoint | None:
    data = reading.read(path, _TRUST_LIMIT)
    if data is None:
        return None
    try:
        return ledger.open_checkpoint(data, keys)
    except ValueError as error:
        reading.notes.find(path, "signature", str(error))
        return None


def _names(reading: VaultReading, signed: Mapping[str, str]) -> bool:
    """Whether the approvals that are there are, to the byte, those that were signed for. An
    approval that was being signed is named by one of two checkpoints."""
    found = {}
    for path in reading.tree.files:
        if path.startswith("approvals/"):
            try:
                found[path[10:]] = digest_any(f"{reading.tree.root}/{path}")[0]
            except (OSError, ValueError):
                return False
    return found == dict(signed)


def _check_approvals(reading: VaultReading, signed: Mapping[str, str]) -> None:
    present = {path[10:] for path in reading.tree.files if path.startswith("approvals/")}
    for name in sorted(present | signed.keys()):
        path = f"approvals/{name}"
        if name not in signed:
            reading.notes.find(path, "extra", "the signed checkpoint doesn't know it")
        elif name not in present:
            reading.notes.find(path, "missing", "the signed checkpoint lists it")
        elif _digest(reading, path) not in (signed[name], None):
            reading.notes.find(path, "changed", "not the bytes that the checkpoint signed")


def _check_entries(
    reading: VaultReading, entries: Sequence[Entry], keys: Mapping[str, PublicKey]
) -> Sequence[Noted]:
    """The sealings among `entries`, in order; findings in order too.

    Checking a signature lets other threads run, so every core takes its share of them.
    """
    share = max(_SHARE, -(-len(entries) // (os.cpu_count() or 1)))
    parts = [entries[at : at + share] for at in range(0, len(entries), share)]
    noted: list[Noted] = []
    with ThreadPoolExecutor(max_workers=max(len(parts), 1)) as pool:
        for part in pool.map(lambda some: [_check_entry(one, keys) for one in some], parts):
            for found in part:
                if isinstance(found, Noted):
                    noted.append(found)
                elif found is not None:
                    reading.notes.find("ledger/ledger.jsonl", found.kind, found.detail)
    return noted


def _check_entry(entry: Entry, keys: Mapping[str, PublicKey]) -> Noted | _Wrong | None:
    """What the entry notes; None where that is no sealing."""
    where = f"line {entry.seq + 1}"
    try:
        opened = dsse.open_envelope(entry.envelope)
        named = [keys[key_id] for key_id, _ in opened.signatures if key_id in keys]
        if not opened.signers(named):
            return _Wrong("signature", f"{where}: no valid signature by a key of the trust file")
        if opened.payload_type != SEALED_TYPE:
            return None
        payload = load_canonical(opened.payload)
        number = payload.get("seal")
        if not isinstance(number, int):
            raise ValueError("a sealing without a number")
        return Noted(str(payload.get("rehearsal")), number, str(payload.get("digest")))
    except ValueError as error:
        return _Wrong("malformed", f"{where}: {error}")


def compare_with_ledger(
    reading: VaultReading, noted: Sequence[Noted], releases: Sequence[ReleaseCheck]
) -> None:
    """Every sealing that the ledger notes is there with that very seal, and every seal that is
    there is noted, but for one that was interrupted: an older ledger that was put back shows."""
    present = {release.path: release for release in releases}
    known: set[str] = set()
    for one in noted:
        path = f"releases/{one.rehearsal}/{one.number}"
        known.add(path)
        release = present.get(path)
        if release is None:
            reading.notes.find(path, "missing", "the ledger notes that it was sealed")
        elif release.digest and release.digest != one.digest:
            reading.notes.find(path, "changed", "its seal is not the one that the ledger notes")
    unnoted = [present[path] for path in sorted(present.keys() - known) if present[path].digest]
    missed = Counter(one.key_id for one in unnoted)
    last: dict[tuple[str, str], int] = {}
    for each in releases:
        if each.path in known:
            by = (each.key_id, each.rehearsal)
            last[by] = max(last.get(by, 0), each.number)
    for release in unnoted:
        # A key notes first what it missed, so only its last seal can lack an entry.
        since = last.get((release.key_id, release.rehearsal), 0) > release.number
        if since or missed[release.key_id] > 1:
            detail = "the ledger doesn't note it, though its keeper sealed again since"
            reading.notes.find(release.path, "ledger", detail)
        else:
            reading.notes.could_not(
                f"{release.path}: sealed, but the ledger doesn't note it (interrupted just after "
                "sealing)"
            )


def check_retired(
    reading: VaultReading,
    keys: trust.Trust,
    noted: Sequence[Noted],
    releases: Sequence[ReleaseCheck],
) -> None:
    """A key that was retired seals nothing more: what it sealed lies before that, and the ledger
    notes it."""
    known = {one.digest for one in noted}
    for release in releases:
        until = keys.retired().get(release.key_id)
        if until and (release.sealed_at > until or release.digest not in known):
            detail = f"sealed with key {release.key_id}, which was retired on {until}"
            reading.notes.find(release.path, "signature", detail)


def check_objects(reading: VaultReading) -> None:
    """Every object's bytes against its name. What a release shares with it is read once."""
    for path, inode in reading.tree.files.items():
        if not path.startswith("objects/"):
            continue
        parts = _OBJECT.fullmatch(path)
        if path.startswith("objects/incoming/"):
            continue
        if parts is None:
            reading.notes.find(path, "extra", "not an object's name")
            continue
        found = reading.seen.get(inode) or _digest(reading, path)
        if found not in (None, parts[1] + parts[2]):
            reading.notes.find(path, "changed", f"SHA-256 is {found}")


def _digest(reading: VaultReading, path: str) -> str | None:
    try:
        return digest_any(f"{reading.tree.root}/{path}")[0]
    except OSError as error:
        reading.notes.find(path, "unreadable", os.strerror(error.errno or 0))
    except ValueError as error:
        reading.notes.find(path, "changed", str(error))
    return None
