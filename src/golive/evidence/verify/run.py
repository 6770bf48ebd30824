"""From a path to a verdict about it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from golive.evidence import bag, trust
from golive.evidence.durable import temporary_name
from golive.evidence.keys import PublicKey
from golive.evidence.verify.approvals import check_approvals
from golive.evidence.verify.model import Notes, ReleaseCheck, State, Verification
from golive.evidence.verify.release import Reading, check_release
from golive.evidence.verify.tree import Tree, walk
from golive.evidence.verify.vault import (
    Noted,
    VaultReading,
    check_ledger,
    check_objects,
    check_retired,
    check_trust,
    compare_with_ledger,
)

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_FOLDER = re.compile(r"releases/[a-z0-9][a-z0-9.-]*/[0-9]+").fullmatch
_LEFT_EMPTY = re.compile(
    r"|releases|ledger|trust|approvals|objects(/incoming|/sha256(/[0-9a-f]{2})?)?"
).fullmatch
"""Rooms that somebody who was killed may have opened and not filled."""
_ROOMS = frozenset({"objects", "releases", "ledger", "trust", "approvals"})
_LOCKS = frozenset({".lock", "ledger/.lock"})
_STAGING = frozenset({".staging"})
_IGNORED = frozenset(
    {
        f"ledger/{temporary_name('checkpoint')}",
        f"ledger/{temporary_name('checkpoint.next')}",
        f"trust/{temporary_name('roles.json')}",
    }
)
"""What a process that was killed may leave behind: no claim rests on it."""

_BAG_FILES = frozenset({*bag.REQUIRED, bag.TAG_MANIFEST, bag.SEAL})


def verify(
    path: Path, *, trusted: Sequence[PublicKey] = (), authorities: Sequence[Certificate] = ()
) -> Verification:
    """Check the vault, or the one release, in the folder `path`; nothing is written.

    `trusted` are keys that the caller got by another way than from the vault. Without one, whoever
    could write the vault could have signed it again, and `unchecked` says so. `authorities` are
    certificates (root, and between) under which time stamps are believed. Never raises for
    what it finds; a path that is no folder or holds no vault is `State.NOT_A_VAULT`.
    """
    root = os.fspath(path)
    try:
        if not path.is_dir():
            return Verification(State.NOT_A_VAULT, unchecked=["it is not a folder"])
        names = {one.name for one in path.iterdir()}
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        return Verification(State.NOT_A_VAULT, unchecked=[f"it can't be read: {why}"])
    notes = Notes()
    if names & {"releases", "ledger", "objects"}:
        releases = _check_vault(root, notes, trusted, authorities)
        if not releases and not notes.findings:
            return Verification(State.NOT_A_VAULT, unchecked=[*notes.unchecked, _NOTHING])
    elif names & _BAG_FILES or "metadata" in names:
        releases = [_check_alone(root, notes, trusted, authorities)]
    else:
        return Verification(
            State.NOT_A_VAULT, unchecked=["no file of a vault or a release is in it"]
        )
    if not trusted:
        notes.could_not("who sealed it: no trusted key was given")
    findings = notes.all_findings()
    state = State.CHANGED if findings else State.INTACT
    return Verification(state, findings, list(notes.unchecked), releases, list(notes.checked))


_NOTHING = "nothing has been sealed in it"


def _check_alone(
    root: str, notes: Notes, trusted: Sequence[PublicKey], authorities: Sequence[Certificate]
) -> ReleaseCheck:
    notes.could_not("ledger and trust file: only a release was given, not its vault")
    tree = walk(root, notes)
    return check_release(Reading(tree, "", notes, trusted, bool(trusted), authorities=authorities))


def _check_vault(
    root: str,
    notes: Notes,
    anchors: Sequence[PublicKey],
    authorities: Sequence[Certificate],
) -> list[ReleaseCheck]:
    tree = _without_locks(walk(root, notes, ignore=_IGNORED, skip=_STAGING), notes)
    reading = VaultReading(tree, notes, anchors, authorities=authorities)
    folders = _release_folders(tree, notes)
    if not folders and not any(path.split("/")[0] in _ROOMS for path in tree.files):
        return []
    _check_empty(tree, notes)
    _tell_left(tree, notes)
    keys, noted = _check_records(reading)
    known = {f"releases/{one.rehearsal}/{one.number}" for one in noted}
    vouched = _vouched(reading.anchors, keys)
    releases = []
    for folder, inside in sorted(folders.items()):
        if not _FOLDER(folder):
            notes.find(folder, "extra", "a folder in releases/ that no sealing made")
            if not inside.files:
                continue
        elif bag.SEAL not in inside.files and folder not in known:
            notes.could_not(f"{folder}: incomplete, never sealed")
            continue
        release = check_release(
            Reading(inside, folder, notes, vouched, bool(anchors), reading.seen, authorities)
        )
        _check_place(notes, folder, release)
        releases.append(release)
    if noted:
        with notes.layer("ledger and releases: every seal that it notes is there"):
            compare_with_ledger(reading, noted, releases)
    else:
        compare_with_ledger(reading, noted, releases)
    check_approvals(reading, keys)
    check_retired(reading, keys, noted, releases)
    with notes.layer("objects/: every object has the bytes that its name says"):
        check_objects(reading)
    return releases


def _without_locks(tree: Tree, notes: Notes) -> Tree:
    """The tree but for its locks, which hold nothing."""
    for lock in _LOCKS & tree.files.keys():
        try:
            if Path(tree.root, lock).lstat().st_size:
                notes.find(lock, "extra", "a lock is an empty file")
        except OSError as error:
            notes.find(lock, "unreadable", os.strerror(error.errno or 0))
    files = {path: inode for path, inode in tree.files.items() if path not in _LOCKS}
    return Tree(tree.root, files, tree.empty)


def _check_records(reading: VaultReading) -> tuple[trust.Trust, Sequence[Noted]]:
    """Trust file and ledger; a folder with objects alone has had nothing sealed in it yet."""
    if not any(path.startswith(("releases/", "ledger/", "trust/")) for path in reading.tree.files):
        return trust.Trust(), ()
    with reading.notes.layer("trust/roles.json: validly signed"):
        keys = check_trust(reading)
    with reading.notes.layer(
        "ledger: its chain, every entry's signature, and the checkpoint's signature over its "
        "length, digest, Merkle root and approvals"
    ):
        return keys, check_ledger(reading, keys)


def _vouched(anchors: Sequence[PublicKey], keys: trust.Trust) -> Sequence[PublicKey]:
    """Who may seal here: the caller's keys, and those that a trust file they signed enrols."""
    return [*anchors, *keys.holding(trust.SEAL_ROLE)] if anchors else keys.holding(trust.SEAL_ROLE)


def _release_folders(tree: Tree, notes: Notes) -> dict[str, Tree]:
    """The part of the tree in each `releases/<rehearsal>/<seal>`; strays become findings."""
    files: dict[str, dict[str, int]] = {}
    for path, inode in tree.files.items():
        parts = path.split("/", 3)
        if parts[0] == "releases":
            if len(parts) < 4:
                notes.find(path, "extra", "not in a release")
            else:
                files.setdefault("/".join(parts[:3]), {})[parts[3]] = inode
        elif (
            parts[0] not in _ROOMS or len(parts) < 2 or (parts[0] == "trust" and path != trust.FILE)
        ):
            notes.find(path, "extra", "nothing of this name belongs in a vault")
    for path in tree.empty:
        parts = path.split("/", 3)
        if parts[0] == "releases" and len(parts) >= 3:
            files.setdefault("/".join(parts[:3]), {})
    return {
        folder: Tree(f"{tree.root}/{folder}", inside, tree.empty_under(folder))
        for folder, inside in files.items()
    }


def _check_empty(tree: Tree, notes: Notes) -> None:
    """A folder that holds nothing and that no kill leaves behind. What a release may hold,
    `check_release` says."""
    for path in tree.empty:
        if not path.startswith("releases/") and not _LEFT_EMPTY(path):
            notes.find(path, "extra", "an empty folder: nothing of this name belongs in a vault")


def _tell_left(tree: Tree, notes: Notes) -> None:
    """What lies where files are made ready: no claim rests on it, and nobody has checked it."""
    for room in (".staging", "objects/incoming"):
        place = Path(tree.root, room)
        try:
            filled = place.is_dir() and not place.is_symlink() and any(place.iterdir())
        except OSError:
            filled = True
        if filled:
            notes.could_not(f"{room}/: left by something cut short; no claim rests on it")


def _check_place(notes: Notes, folder: str, release: ReleaseCheck) -> None:
    signed = f"releases/{release.rehearsal}/{release.number}"
    if release.digest and folder != signed:
        notes.find(folder, "renamed", f"it was sealed as {signed}")
