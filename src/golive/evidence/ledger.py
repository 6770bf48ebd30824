"""The append-only log of a vault: what was sealed, and what people decided.

`ledger/ledger.jsonl` holds one canonical line an entry, `{"env", "prev", "seq"}`, each naming the
SHA-256 of the line before. `ledger/checkpoint` is signed by the log key and records the file's
length, digest and RFC 9162 root, so that an edit of the last line, which no chain sees, shows too.

An append first writes the checkpoint-to-be as `checkpoint.next`, then the lines, then renames. A
kill at any moment leaves a file that one of the two vouches for; the next append tidies up.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from golive.evidence import dsse, merkle
from golive.evidence.durable import VaultError, explained, sync_folder, write_durably, write_whole
from golive.evidence.keys import PublicKey, SigningKey
from golive.evidence.locks import exclusively
from golive.evidence.strict import dump, load_canonical, load_line
from golive.kernel.json import Json, JsonObject

CHECKPOINT_TYPE = "application/vnd.golive.checkpoint+json"
NOTHING_BEFORE = "0" * 64
"""What the first line names as the one before it."""


@dataclass(frozen=True)
class Entry:
    """One line. `line` is its bytes without the newline."""

    seq: int
    prev: str
    envelope: JsonObject
    line: bytes


@dataclass(frozen=True)
class Checkpoint:
    """What the log key has signed of the ledger."""

    origin: str
    size: int
    """Entries."""
    length: int
    """Bytes."""
    root: str
    sha256: str
    """Of the ledger file's first `length` bytes."""
    approvals: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 by file name under `approvals/`."""

    def payload(self) -> bytes:
        return dump(
            {
                "origin": self.origin,
                "size": self.size,
                "bytes": self.length,
                "root": self.root,
                "sha256": self.sha256,
                "approvals": dict(self.approvals),
            }
        )

    @classmethod
    def parse(cls, payload: bytes) -> Checkpoint:
        """ValueError when `payload` isn't one."""
        data = load_canonical(payload)
        size, length, approvals = data.get("size"), data.get("bytes"), data.get("approvals")
        texts = [data.get(name) for name in ("origin", "root", "sha256")]
        if not isinstance(size, int) or not isinstance(length, int):
            raise ValueError("not a checkpoint")
        if not isinstance(approvals, Mapping) or not all(isinstance(one, str) for one in texts):
            raise ValueError("not a checkpoint")
        return cls(
            origin=str(texts[0]),
            size=size,
            length=length,
            root=str(texts[1]),
            sha256=str(texts[2]),
            approvals={name: str(digest) for name, digest in approvals.items()},
        )

    def covers(self, data: bytes) -> bool:
        """Whether `data` is, to the byte, the ledger file that was signed."""
        return len(data) == self.length and hashlib.sha256(data).hexdigest() == self.sha256


def split(data: bytes) -> Sequence[bytes]:
    """The ledger file's lines. ValueError when the last one isn't ended."""
    if data and not data.endswith(b"\n"):
        raise ValueError("the last line is cut off")
    return data.split(b"\n")[:-1]


def parse_line(line: bytes) -> Entry:
    """ValueError when `line` isn't an entry."""
    record = load_canonical(line)
    seq, prev, envelope = record.get("seq"), record.get("prev"), record.get("env")
    if set(record) != {"seq", "prev", "env"} or not isinstance(seq, int):
        raise ValueError("not a ledger entry")
    if not isinstance(prev, str) or not isinstance(envelope, Mapping):
        raise ValueError("not a ledger entry")
    return Entry(seq, prev, envelope, line)


def link(lines: Sequence[bytes]) -> Sequence[Entry]:
    """The entries of `lines`, each proven to follow the one before; ValueError if not."""
    entries = []
    prev = NOTHING_BEFORE
    for number, line in enumerate(lines):
        try:
            entry = parse_line(line)
        except ValueError as error:
            raise ValueError(f"line {number + 1}: {error}") from None
        if entry.seq != number or entry.prev != prev:
            raise ValueError(f"line {number + 1} doesn't follow the one before it")
        prev = hashlib.sha256(line).hexdigest()
        entries.append(entry)
    return entries


class Ledger:
    """The ledger of the vault at `root`, written with `log_key` and named `origin`."""

    def __init__(self, root: Path, log_key: SigningKey, *, origin: str = "golive") -> None:
        self.folder = root / "ledger"
        self._approvals = root / "approvals"
        self._key = log_key
        self._origin = origin

    @property
    def path(self) -> Path:
        return self.folder / "ledger.jsonl"

    @property
    def _lock(self) -> Path:
        return self.folder / ".lock"

    def begin(self) -> None:
        """Make an empty, signed ledger where there is none: a vault without one was robbed.
        Durable with the next sync."""
        with explained("the ledger can't be written", self.folder), exclusively(self._lock):
            self._begin()

    def append(self, envelopes: Sequence[JsonObject]) -> Sequence[Entry]:
        """Add `envelopes` in order; they are on disk and signed for when this returns.

        Safe against other processes. VaultError when the ledger isn't as its checkpoint says.
        """
        with explained("the ledger can't be written", self.folder), exclusively(self._lock):
            self._begin()
            before = self._settled()
            lines = split(before)
            added = _chained(lines, envelopes)
            new = b"".join(entry.line + b"\n" for entry in added)
            every = [*lines, *(entry.line for entry in added)]
            write_durably(self._next, self._signed_for(every, before + new))
            try:
                self._write(new)
                self._next.rename(self._checkpoint)
            except OSError:
                os.truncate(self.path, len(before))
                raise
            sync_folder(self.folder)
        return added

    def append_with_approval(self, name: str, data: bytes) -> None:
        """Put `data` at `approvals/<name>` and have the checkpoint name its digest. The caller
        holds the vault's lock.

        A kill in between leaves one of two checkpoints that is right about the approvals.
        """
        staged = self._approvals.parent / ".staging" / name
        with explained("the approval can't be written", self.folder), exclusively(self._lock):
            self._begin()
            before = self._settled()
            approvals = {**digests(self._approvals), name: hashlib.sha256(data).hexdigest()}
            write_durably(self._next, self._signed_for(split(before), before, approvals))
            for folder in (staged.parent, self._approvals):
                folder.mkdir(parents=True, exist_ok=True)
            write_durably(staged, data)
            staged.rename(self._approvals / name)
            sync_folder(self._approvals)
            self._next.rename(self._checkpoint)
            sync_folder(self.folder)

    def hand_over(self, new: SigningKey) -> None:
        """From now on the checkpoint is signed by `new`; again, where it is already. VaultError
        when the ledger isn't as its checkpoint says."""
        successor = Ledger(self.folder.parent, new, origin=self._origin)
        with explained("the ledger can't be written", self.folder), exclusively(self._lock):
            try:
                successor._settled()
            except VaultError:
                data = self._settled()
                known = self._signed(self._checkpoint).approvals
                write_durably(self._checkpoint, successor._signed_for(split(data), data, known))

    def entries(self) -> Sequence[Entry]:
        """Every entry, the chain and the checkpoint checked. VaultError when something is off."""
        with explained("the ledger can't be read", self.folder):
            if not self.path.exists() or self._cut_short():
                return ()
            data = self.path.read_bytes()
            if not self._signed(self._checkpoint).covers(data):
                with exclusively(self._lock):
                    data = self._settled()
        try:
            return link(split(data))
        except ValueError as error:
            raise self._tampered(str(error)) from error

    def checkpoint(self) -> Checkpoint:
        """The checkpoint in force. VaultError when there is none of ours."""
        with explained("the ledger can't be read", self.folder):
            return self._signed(self._checkpoint)

    # -- inside the lock -----------------------------------------------------------------------

    @property
    def _checkpoint(self) -> Path:
        return self.folder / "checkpoint"

    @property
    def _next(self) -> Path:
        return self.folder / "checkpoint.next"

    def _begin(self) -> None:
        if self.path.exists() and self._checkpoint.exists():
            return
        if self._checkpoint.exists() or (self.path.exists() and not self._cut_short()):
            raise self._tampered("a part of it is missing")
        self.path.touch()
        write_whole(self._checkpoint, self._signed_for([], b""))

    def _cut_short(self) -> bool:
        """Whether whoever began it was killed between its two files."""
        return not self._checkpoint.exists() and not self.path.stat().st_size

    def _settled(self) -> bytes:
        """The ledger's bytes, after finishing or undoing an append that was cut short."""
        data = self.path.read_bytes()
        now = self._signed(self._checkpoint)
        if now.covers(data):
            return data
        if self._next.exists():
            coming = self._signed(self._next)
            if coming.covers(data):
                self._next.rename(self._checkpoint)
                sync_folder(self.folder)
                return data
            if len(data) < coming.length and now.covers(data[: now.length]):
                os.truncate(self.path, now.length)
                return data[: now.length]
        raise self._tampered("it isn't what its checkpoint signed")

    def _signed(self, path: Path) -> Checkpoint:
        try:
            payload = dsse.verify(
                load_line(path.read_bytes()),
                [self._key.public],
                payload_type=CHECKPOINT_TYPE,
            )
            return Checkpoint.parse(payload)
        except ValueError as error:
            raise self._tampered(f"{path.name}: {error}") from error

    def _signed_for(
        self, lines: Sequence[bytes], data: bytes, approvals: Mapping[str, str] | None = None
    ) -> bytes:
        """The checkpoint file for a ledger of these lines, which are `data`, and for `approvals`
        (those that are there, where None)."""
        checkpoint = Checkpoint(
            origin=self._origin,
            size=len(lines),
            length=len(data),
            root=merkle.root(lines),
            sha256=hashlib.sha256(data).hexdigest(),
            approvals=digests(self._approvals) if approvals is None else approvals,
        )
        return dump(dsse.sign(CHECKPOINT_TYPE, checkpoint.payload(), self._key)) + b"\n"

    def _write(self, data: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(self.path, flags, 0o644), "ab", buffering=0) as file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())

    def _tampered(self, how: str) -> VaultError:
        return VaultError(
            f"the ledger was changed from outside: {how}",
            where=str(self.path),
            hint="run `golive verify` on the vault; nothing is written to it until that is clear",
        )


def digests(approvals: Path) -> Mapping[str, str]:
    """SHA-256 by name of the regular files in the folder `approvals`; none when it isn't there."""
    if not approvals.is_dir():
        return {}
    found: dict[str, str] = {}
    for path in sorted(approvals.iterdir()):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            with path.open("rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _chained(lines: Sequence[bytes], envelopes: Sequence[JsonObject]) -> Sequence[Entry]:
    prev = hashlib.sha256(lines[-1]).hexdigest() if lines else NOTHING_BEFORE
    added = []
    for seq, envelope in enumerate(envelopes, start=len(lines)):
        record: dict[str, Json] = {"seq": seq, "prev": prev, "env": envelope}
        line = dump(record)
        added.append(Entry(seq, prev, envelope, line))
        prev = hashlib.sha256(line).hexdigest()
    return added


def open_checkpoint(data: bytes, keys: Sequence[PublicKey]) -> Checkpoint:
    """The checkpoint in a file's bytes, signed by one of `keys`. ValueError when it isn't."""
    envelope = load_line(data)
    return Checkpoint.parse(dsse.verify(envelope, keys, payload_type=CHECKPOINT_TYPE))


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def digest_of(line: bytes) -> str:
    """What the entry after `line` names as the one before it."""
    return hashlib.sha256(line).hexdigest()


def read_proven(root: Path, keys: Sequence[PublicKey]) -> tuple[Sequence[Entry], Checkpoint]:
    """The entries of the vault at `root` that a checkpoint signed by one of `keys` covers, without
    writing or locking anything. An append is seen from the moment from which it can't be lost.

    VaultError when the ledger isn't as its checkpoint says, or there is none.
    """
    folder = root / "ledger"
    with explained("the ledger can't be read", folder):
        signed = (folder / "checkpoint").read_bytes()
        coming = _bytes_of(folder / "checkpoint.next")
        data = (folder / "ledger.jsonl").read_bytes()
    try:
        checkpoint = open_checkpoint(signed, keys)
        if coming is not None and (ahead := open_checkpoint(coming, keys)).covers(data):
            checkpoint = ahead
        covered = data[: checkpoint.length]
        if not checkpoint.covers(covered):
            raise ValueError("it isn't what its checkpoint signed")
        return link(split(covered)), checkpoint
    except ValueError as error:
        raise VaultError(
            f"the ledger was changed from outside: {error}",
            where=str(folder / "ledger.jsonl"),
            hint="run `golive verify` on the vault",
        ) from error
