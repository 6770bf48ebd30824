"""One release: from the signature down to the bytes.

signature -> statement -> tag manifest -> tag files -> manifest and artefact list -> payload.
Each arrow is a digest; a break anywhere is a finding that names the file.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from golive.evidence import bag, dsse, stamps
from golive.evidence.keys import PublicKey, public_key
from golive.evidence.names import clashes, problem
from golive.evidence.strict import load_canonical
from golive.evidence.verify.model import Notes, ReleaseCheck
from golive.evidence.verify.stamps import check_seal_stamp
from golive.evidence.verify.tree import Tree, digest, digest_any, plain, read_small

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_OUTSIDE = frozenset({bag.TAG_MANIFEST, bag.SEAL, bag.TIMESTAMP})
"""What the tag manifest can't list: itself, and the seal over it."""

_SEAL_LIMIT = 8 << 20
_LIST_LIMIT = 1 << 30
_SHOWN = 1000
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass
class Reading:
    """One release being read. `at` is its path in what is verified, "" when it is the whole."""

    tree: Tree
    at: str
    notes: Notes
    anchors: Sequence[PublicKey]
    """Keys that may have sealed it: the caller's, and those that the trust file enrols."""
    vouched: bool
    """Whether the caller gave any."""
    seen: dict[int, str] = field(default_factory=dict)
    """Digest by inode: a file that several releases share is read once."""
    authorities: Sequence[Certificate] = ()
    """Whose time stamps the caller believes."""

    def find(self, path: str, how: str, detail: str = "") -> None:
        self.notes.find(f"{self.at}/{path}" if self.at else path, how, detail)

    def layer(self, what: str) -> AbstractContextManager[None]:
        """See `Notes.layer`."""
        return self.notes.layer(f"{self.at}: {what}" if self.at else what)

    def find_each(self, paths: Iterable[str], how: str, detail: str = "") -> None:
        """The same finding for every path, the first of them by name."""
        every = sorted(paths)
        for path in every[:_SHOWN]:
            self.find(path, how, detail)
        if len(every) > _SHOWN:
            self.find(f"({len(every) - _SHOWN} more)", how, detail)

    def read(self, path: str, limit: int) -> bytes | None:
        """The file's bytes, or None and a finding."""
        if path not in self.tree.files:
            self.find(path, "missing")
            return None
        try:
            return read_small(self.tree, path, limit)
        except OSError as error:
            self.find(path, "unreadable", os.strerror(error.errno or 0))
        except ValueError as error:
            self.find(path, "malformed", str(error))
        return None


@dataclass(frozen=True)
class Signed:
    """What the envelope says, and who has proven to say it."""

    statement: bag.Statement
    key_id: str
    trusted: bool
    digest: str


def check_release(reading: Reading) -> ReleaseCheck:
    """Every layer of one release, as far as each can be read."""
    with reading.layer(f"{bag.SEAL}: well formed, with a valid signature"):
        signed = _check_seal(reading)
    _check_stamp(reading)
    with reading.layer("tag files: those that the signature covers, and none beside them"):
        tags = _check_tags(reading, signed)
        if "bagit.txt" in tags and reading.read("bagit.txt", _SEAL_LIMIT) != bag.BAGIT:
            reading.find("bagit.txt", "malformed", "not BagIt 1.0 in UTF-8")
    with reading.layer("manifest, artefact list and bag-info agree"):
        sizes = _check_artefacts(reading)
    with reading.layer("data/: every file and byte that the manifest lists, and none beside them"):
        files, size = _check_payload(reading, sizes)
        empty = [path for path in reading.tree.empty if path not in ("", "data")]
        reading.find_each(empty, "extra", "an empty folder: no sealing makes one")
    return ReleaseCheck(
        path=reading.at or ".",
        rehearsal=signed.statement.rehearsal if signed else "",
        number=signed.statement.number if signed else 0,
        digest=signed.digest if signed else "",
        key_id=signed.key_id if signed else "",
        trusted=bool(signed and signed.trusted),
        sealed_at=signed.statement.sealed_at if signed else "",
        files=files,
        size=size,
    )


def _check_seal(reading: Reading) -> Signed | None:
    data = reading.read(bag.SEAL, _SEAL_LIMIT)
    if data is None:
        return None
    try:
        opened = dsse.open_envelope(load_canonical(data))
        if opened.payload_type != bag.PAYLOAD_TYPE:
            raise ValueError(f"signed as {opened.payload_type!r}")
        statement = bag.Statement.parse(opened.payload)
    except ValueError as error:
        reading.find(bag.SEAL, "malformed", str(error))
        return None
    trusted = opened.signers(reading.anchors)
    enclosed = _enclosed_key(reading)
    signers = trusted or opened.signers([enclosed] if enclosed else [])
    key_id = signers[0].key_id if signers else ""
    if not signers:
        reading.find(bag.SEAL, "signature", "no valid signature")
    elif reading.anchors and not trusted:
        reading.find(bag.SEAL, "signature", f"signed by {key_id}, which is not a trusted key")
    digest_of_seal = hashlib.sha256(data).hexdigest()
    return Signed(statement, key_id, bool(trusted and reading.vouched), digest_of_seal)


def _check_stamp(reading: Reading) -> None:
    if bag.TIMESTAMP not in reading.tree.files:
        if reading.authorities:
            reading.notes.could_not(f"{reading.at or bag.SEAL}: when: no time stamp lies beside it")
        return
    stamp, seal = reading.read(bag.TIMESTAMP, stamps.LARGEST), reading.read(bag.SEAL, _SEAL_LIMIT)
    if stamp is not None and seal is not None:
        path = f"{reading.at}/{bag.TIMESTAMP}" if reading.at else bag.TIMESTAMP
        check_seal_stamp(reading.notes, path, stamp, seal, reading.authorities)


def _enclosed_key(reading: Reading) -> PublicKey | None:
    if bag.SEAL_KEY not in reading.tree.files:
        return None
    data = reading.read(bag.SEAL_KEY, _SEAL_LIMIT)
    try:
        return public_key(data) if data is not None else None
    except ValueError as error:
        reading.find(bag.SEAL_KEY, "malformed", str(error))
        return None


def _check_tags(reading: Reading, signed: Signed | None) -> Set[str]:
    """Tag manifest against the seal, tag files against it, and none beside them."""
    data = reading.read(bag.TAG_MANIFEST, _LIST_LIMIT)
    listed: Mapping[str, str] = {}
    if data is not None:
        if signed and hashlib.sha256(data).hexdigest() != signed.statement.tag_manifest:
            reading.find(bag.TAG_MANIFEST, "changed", "not the one that was signed")
        listed = _manifest(reading, bag.TAG_MANIFEST, data)
    present = {path for path in reading.tree.files if not path.startswith("data/")}
    reading.find_each({*listed, *bag.REQUIRED} - present, "missing")
    if data is not None:
        reading.find_each(present - listed.keys() - _OUTSIDE, "extra", "no tag manifest lists it")
    for path in sorted(present & listed.keys()):
        _compare_unsized(reading, path, listed[path])
    return present


def _manifest(reading: Reading, name: str, data: bytes) -> Mapping[str, str]:
    """Digest by path. A line that isn't one, or a path listed twice, is a finding."""
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        reading.find(name, "malformed", "not UTF-8")
        return {}
    if lines.pop():
        reading.find(name, "malformed", "the last line is cut off")
    listed: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        path = line[66:]
        if line[64:66] != "  " or not path or not _HEX.match(line) or path in listed:
            reading.find(name, "malformed", f"line {number} is not a digest and a new name")
            if len(listed) < number - 100:
                return listed
            continue
        listed[path] = line[:64]
    return listed


def _check_artefacts(reading: Reading) -> Mapping[str, tuple[str, int]]:
    """Digest and size by payload path; the manifest and the artefact list must agree."""
    recorded = _recorded(reading)
    data = reading.read(bag.MANIFEST, _LIST_LIMIT) if bag.MANIFEST in reading.tree.files else None
    if data is None or data == _as_manifest(recorded):
        return recorded
    listed = _manifest(reading, bag.MANIFEST, data)
    apart = [path for path, (sha256, _) in recorded.items() if listed.get(path) != sha256]
    beside = listed.keys() - recorded.keys()
    for path in sorted([*apart, *beside] if recorded else [])[:_SHOWN]:
        reading.find(bag.MANIFEST, "changed", f"doesn't agree with {bag.ARTEFACTS} on {path}")
    return {**{path: (listed[path], -1) for path in beside}, **recorded}


def _recorded(reading: Reading) -> dict[str, tuple[str, int]]:
    """What the artefact list says, checked only as far as it is used here."""
    data = reading.read(bag.ARTEFACTS, _LIST_LIMIT) if bag.ARTEFACTS in reading.tree.files else None
    if data is None:
        return {}
    try:
        records = bag.records_of(data)
        found = {f"data/{one['path']}": (one["sha256"], one["size"]) for one in records}
        kinds = {(type(sha256), type(size)) for sha256, size in found.values()}
        if kinds - {(str, int)}:
            raise ValueError("a digest is no text, or a size no number")
    except (KeyError, TypeError, ValueError) as error:
        reading.find(bag.ARTEFACTS, "malformed", str(error))
        return {}
    if len(found) != len(records):
        reading.find(bag.ARTEFACTS, "malformed", "a path occurs twice")
    for first, second in clashes(found)[:_SHOWN]:
        reading.find(second, "name", f"some file systems take it for {first}")
    _check_oxum(reading, found)
    return found


def _as_manifest(recorded: Mapping[str, tuple[str, int]]) -> bytes:
    lines = [f"{sha256}  {path}\n" for path, (sha256, _) in recorded.items()]
    return "".join(lines).encode("utf-8", "surrogatepass")


def _check_oxum(reading: Reading, recorded: Mapping[str, tuple[str, int]]) -> None:
    if "bag-info.txt" not in reading.tree.files:
        return
    data = reading.read("bag-info.txt", _SEAL_LIMIT) or b""
    total = sum(size for _, size in recorded.values())
    line = f"Payload-Oxum: {total}.{len(recorded)}"
    if line.encode() not in data.split(b"\n"):
        reading.find("bag-info.txt", "changed", f"doesn't say '{line}'")


def _check_payload(reading: Reading, expected: Mapping[str, tuple[str, int]]) -> tuple[int, int]:
    """Every expected file's bytes, and none beside them. Returns files and bytes that match."""
    files, tree, seen = reading.tree.files, reading.tree, reading.seen
    good = total = 0
    for path, inode in files.items():
        if not path.startswith("data/"):
            continue
        wanted = expected.get(path)
        if wanted is None:
            reading.find(path, "extra", "no manifest lists it")
            continue
        if not plain(path):
            wrong = problem(path[5:])
            if wrong:
                reading.find(path, "name", f"the name {wrong}")
        sha256, size = wanted
        known = seen.get(inode)
        if known is None:
            if size < 0:
                _compare_unsized(reading, path, sha256)
                continue
            try:
                known = digest(f"{tree.root}/{path}", size)
            except OSError as error:
                reading.find(path, "unreadable", os.strerror(error.errno or 0))
                continue
            except ValueError as error:
                reading.find(path, "changed", str(error))
                continue
            seen[inode] = known
        if known == sha256:
            good += 1
            total += size
        else:
            reading.find(path, "changed", f"SHA-256 is {known}, sealed as {sha256}")
    reading.find_each(expected.keys() - files.keys(), "missing")
    return good, total


def _compare_unsized(reading: Reading, path: str, sha256: str) -> None:
    try:
        found, _ = digest_any(f"{reading.tree.root}/{path}")
    except OSError as error:
        reading.find(path, "unreadable", os.strerror(error.errno or 0))
    except ValueError as error:
        reading.find(path, "changed", str(error))
    else:
        if found != sha256:
            reading.find(path, "changed", f"SHA-256 is {found}, sealed as {sha256}")
