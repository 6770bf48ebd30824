"""Content-addressed bytes: each lies once, under its SHA-256, and never changes."""

from __future__ import annotations

import hashlib
import os
import queue
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """A place to write an object of any size to, in constant memory; `keep` puts it in the
        store. VaultError when it can't be written; then nothing of it stays."""
        with explained("evidence can't be written", Path(self._folder)):
            sink = Incoming(self)
            try:
                yield sink
            finally:
                sink.close()

    def nameless(self) -> Nameless:
        """A new file of the store that nobody sees yet."""
        return Nameless(self._folder, self._incoming)

    def adopt(self, file: Nameless, stored: StoredObject) -> None:
        """Name a whole file, unless those bytes lie there already."""
        if not self._has(stored.sha256):
            self._adopt(file, stored.sha256)

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
        with self.incoming() as sink:
            chunk = first
            while chunk:
                sink.write(chunk)
                chunk = source.read(_CHUNK) or b""
            return sink.keep()

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


class Incoming:
    """Bytes on their way into the store: written while another thread hashes them; both release
    the interpreter, so that they overlap. What is small waits in memory. Gone where it isn't kept.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._held = bytearray()
        self._flow: _Flow | None = None

    def write(self, data: bytes, /) -> int:
        """Take all of `data`. VaultError when it can't be written."""
        if self._flow is None:
            self._held += data
            if len(self._held) <= _CHUNK:
                return len(data)
            self._flow, data = _Flow(self._store.nameless()), bytes(self._held)
            self._held.clear()
            self._flow.take(data)
            return len(data)
        self._flow.take(bytes(data))
        return len(data)

    def keep(self) -> StoredObject:
        """Give it its name in the store."""
        if self._flow is None:
            return self._store.put(bytes(self._held))
        stored = self._flow.ended()
        self._store.adopt(self._flow.file, stored)
        return stored

    def close(self) -> None:
        """Let go; what was not kept is gone."""
        if self._flow is not None:
            self._flow.close()


class _Flow:
    """One file being written and hashed."""

    def __init__(self, file: Nameless) -> None:
        self.file = file
        self._digest = hashlib.sha256()
        self._chunks: queue.Queue[bytes | None] = queue.Queue(maxsize=4)
        self._size = 0
        self._hasher = threading.Thread(target=self._hash_all, name="golive-hash", daemon=True)
        self._hasher.start()

    def take(self, chunk: bytes) -> None:
        self._chunks.put(chunk)
        self.file.write(chunk)
        before, self._size = self._size, self._size + len(chunk)
        if before // _BEHIND != self._size // _BEHIND:
            self.file.begin_writeback()

    def ended(self) -> StoredObject:
        self._stop()
        return StoredObject(self._digest.hexdigest(), self._size)

    def close(self) -> None:
        self._stop()
        self.file.close()

    def _stop(self) -> None:
        if self._hasher.is_alive():
            self._chunks.put(None)
            self._hasher.join()

    def _hash_all(self) -> None:
        while (chunk := self._chunks.get()) is not None:
            self._digest.update(chunk)
