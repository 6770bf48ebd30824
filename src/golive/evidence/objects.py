"""Content-addressed bytes: each lies once, under its SHA-256, and never changes."""

from __future__ import annotations

import hashlib
import os
import queue
import re
import stat
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from golive.evidence.durable import VaultError, explained
from golive.evidence.nameless import Nameless

Content = bytes | str | Path | BinaryIO

_CHUNK = 1 << 20
_BEHIND = 8 << 20
"""Bytes after which the kernel is asked to begin writing what it has."""

_HEX = re.compile(r"[0-9a-f]{64}")


class Source(Protocol):
    """What content is read from: a file, a pipe, a socket's file."""

    def read(self, size: int, /) -> bytes | None: ...


@dataclass(frozen=True)
class StoredObject:
    """`sha256` is lower-case hexadecimal, `size` is in bytes."""

    sha256: str
    size: int


class ObjectStore:
    """`<root>/objects/sha256/ab/<62 hex>`, mode 0444, written once.

    Any number of threads and processes may put at once: an object gets its name when it is whole,
    and whoever comes second finds the first one's. Durability is the seal's.
    """

    def __init__(self, root: Path) -> None:
        self._folder = os.fspath(root / "objects" / "sha256")
        self._incoming = os.fspath(root / "objects" / "incoming")
        self._vouched: set[str] = set()
        """Objects whose bytes this process has written or read in full."""

    def path(self, sha256: str) -> Path:
        """Where the object lies or would lie. ValueError when `sha256` isn't one."""
        return Path(self._place(sha256))

    def open(self, sha256: str) -> BinaryIO:
        """The object's bytes; VaultError when it isn't there."""
        path = self.path(sha256)
        with explained("an object of the vault can't be read", path):
            return path.open("rb")

    def put(self, content: Content) -> StoredObject:
        """Keep `content` (text as UTF-8), read once in constant memory. VaultError when it can't
        be written; then nothing of it stays."""
        with explained("evidence can't be written", Path(self._folder)):
            if isinstance(content, str):
                content = content.encode("utf-8")
            if isinstance(content, bytes):
                return self._put_whole(content)
            if isinstance(content, Path):
                with content.open("rb", buffering=0) as source:
                    return self._put_stream(source)
            return self._put_stream(content)

    def ensure(self, sha256: str, size: int) -> str:
        """The object's path, once its bytes are known to be right. What an earlier process left is
        read again, since a power cut may have emptied it. VaultError when it is not as said."""
        place = self._place(sha256)
        with explained("an object of the vault can't be read", Path(place)):
            found = os.lstat(place)
            if not stat.S_ISREG(found.st_mode) or found.st_size != size:
                raise _damaged(place, f"the object should be a file of {size} bytes and isn't")
            if sha256 not in self._vouched and not self._is_right(place, sha256):
                raise _damaged(place, "the object's bytes don't match its name")
        return place

    def _place(self, sha256: str) -> str:
        if _HEX.fullmatch(sha256) is None:
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return f"{self._folder}/{sha256[:2]}/{sha256[2:]}"

    def _put_whole(self, data: bytes) -> StoredObject:
        stored = StoredObject(hashlib.sha256(data).hexdigest(), len(data))
        if not self._has(stored.sha256):
            with Nameless(self._folder, self._incoming) as file:
                file.write(data)
                self._adopt(file, stored.sha256)
        return stored

    def _put_stream(self, source: Source) -> StoredObject:
        first = source.read(_CHUNK) or b""
        if len(first) < _CHUNK:
            rest = source.read(_CHUNK)
            if not rest:
                return self._put_whole(first)
            first += rest
        with Nameless(self._folder, self._incoming) as file:
            stored = _copy_and_hash(first, source, file)
            if not self._has(stored.sha256):
                self._adopt(file, stored.sha256)
        return stored

    def _has(self, sha256: str) -> bool:
        place = self._place(sha256)
        return os.path.exists(place) and (  # noqa: PTH110  (ten thousand times a release)
            sha256 in self._vouched or self._is_right(place, sha256)
        )

    def _is_right(self, place: str, sha256: str) -> bool:
        with Path(place).open("rb") as file:
            right = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        if right:
            self._vouched.add(sha256)
        return right

    def _adopt(self, file: Nameless, sha256: str) -> None:
        """Name the file. One that lies there damaged is replaced; one that came first stays."""
        place = self._place(sha256)
        try:
            try:
                file.name(place)
            except FileNotFoundError:
                Path(place).parent.mkdir(parents=True, exist_ok=True)
                file.name(place)
        except FileExistsError:
            if not self._is_right(place, sha256):
                Path(place).unlink()
                file.name(place)
        self._vouched.add(sha256)


def _damaged(place: str, what: str) -> VaultError:
    hint = "the evidence was damaged after it was captured; run that step again"
    return VaultError(what, where=place, hint=hint)


def _copy_and_hash(first: bytes, source: Source, sink: Nameless) -> StoredObject:
    """Write while another thread hashes; both release the interpreter, so that they overlap."""
    digest = hashlib.sha256()
    chunks: queue.Queue[bytes | None] = queue.Queue(maxsize=4)

    def hash_all() -> None:
        while (chunk := chunks.get()) is not None:
            digest.update(chunk)

    hasher = threading.Thread(target=hash_all, name="golive-hash")
    hasher.start()
    size = 0
    chunk = first
    try:
        while chunk:
            chunks.put(chunk)
            sink.write(chunk)
            size += len(chunk)
            if size % _BEHIND < _CHUNK:
                sink.begin_writeback()
            chunk = source.read(_CHUNK) or b""
    finally:
        chunks.put(None)
        hasher.join()
    return StoredObject(digest.hexdigest(), size)
