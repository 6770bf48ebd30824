"""Content-addressed bytes: each lies once, under its SHA-256, and never changes."""

from __future__ import annotations

import hashlib
import io
import os
import queue
import re
import stat
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from golive.evidence.durable import VaultError, explained

Content = bytes | str | Path | BinaryIO

_CHUNK = 1 << 20
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredObject:
    """`sha256` is lower-case hexadecimal, `size` is in bytes."""

    sha256: str
    size: int


class ObjectStore:
    """`<root>/objects/sha256/ab/<62 hex>`, mode 0444, written once.

    Any number of threads and processes may put at once: each writes a temporary file of its own
    and renames it, and whoever comes second finds the first one's. Durability is the seal's.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / "objects" / "sha256"
        self._vouched: set[str] = set()
        """Objects whose bytes this process has written or read in full."""

    def path(self, sha256: str) -> Path:
        """Where the object lies or would lie. ValueError when `sha256` isn't one."""
        if _HEX.fullmatch(sha256) is None:
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self._folder / sha256[:2] / sha256[2:]

    def open(self, sha256: str) -> BinaryIO:
        """The object's bytes; VaultError when it isn't there."""
        path = self.path(sha256)
        with explained("an object of the vault can't be read", path):
            return path.open("rb")

    def put(self, content: Content) -> StoredObject:
        """Keep `content` (text as UTF-8), read once in constant memory. VaultError when it can't
        be written; then nothing of it stays."""
        with explained("evidence can't be written", self._folder):
            if isinstance(content, str):
                content = content.encode("utf-8")
            if isinstance(content, bytes):
                return self._put_whole(content)
            if isinstance(content, Path):
                with content.open("rb") as source:
                    return self._put_stream(source)
            return self._put_stream(content)

    def ensure(self, sha256: str, size: int) -> Path:
        """The object's path, once its bytes are known to be right. What an earlier process left is
        read again, since a power cut may have emptied it. VaultError when it is not as said."""
        path = self.path(sha256)
        with explained("an object of the vault can't be read", path):
            found = path.lstat()
            if not stat.S_ISREG(found.st_mode) or found.st_size != size:
                raise VaultError(
                    f"the object should be a file of {size} bytes and isn't",
                    where=str(path),
                    hint="the evidence was damaged after it was captured; run that step again",
                )
            if sha256 not in self._vouched and not self._is_right(path, sha256):
                raise VaultError(
                    "the object's bytes don't match its name",
                    where=str(path),
                    hint="the evidence was damaged after it was captured; run that step again",
                )
        return path

    def _put_whole(self, data: bytes) -> StoredObject:
        stored = StoredObject(hashlib.sha256(data).hexdigest(), len(data))
        if not self._has(stored):
            temporary = self._temporary()
            with _written(temporary) as file:
                file.write(data)
            self._adopt(temporary, stored)
        return stored

    def _put_stream(self, source: BinaryIO) -> StoredObject:
        first = source.read(_CHUNK)
        if len(first) < _CHUNK:
            rest = source.read(_CHUNK)
            if not rest:
                return self._put_whole(first)
            first += rest
        temporary = self._temporary()
        with _written(temporary) as file:
            stored = _copy_and_hash(first, source, file)
        if self._has(stored):
            temporary.unlink()
        else:
            self._adopt(temporary, stored)
        return stored

    def _has(self, stored: StoredObject) -> bool:
        path = self.path(stored.sha256)
        if stored.sha256 in self._vouched:
            return path.exists()
        return path.exists() and self._is_right(path, stored.sha256)

    def _is_right(self, path: Path, sha256: str) -> bool:
        with path.open("rb") as file:
            right = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        if right:
            self._vouched.add(sha256)
        return right

    def _temporary(self) -> Path:
        folder = self._folder.parent / "incoming"
        name = f"{os.getpid()}-{threading.get_ident()}-{os.urandom(8).hex()}"
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def _adopt(self, temporary: Path, stored: StoredObject) -> None:
        final = self.path(stored.sha256)
        try:
            temporary.rename(final)
        except FileNotFoundError:
            final.parent.mkdir(parents=True, exist_ok=True)
            temporary.rename(final)
        self._vouched.add(stored.sha256)


class _written:  # noqa: N801  (reads as a verb: `with _written(path) as file`)
    """A new file of mode 0444 that is removed again when its writing fails."""

    def __init__(self, path: Path) -> None:
        self._path = path
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
        self._file = io.FileIO(fd, "wb")

    def __enter__(self) -> _Whole:
        return _Whole(self._file)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if kind is not None:
            with suppress(OSError):
                self._path.unlink()


class _Whole:
    """Writes all of what it is given: a raw file may take less and a full disk only says so at the
    next call."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]


def _copy_and_hash(first: bytes, source: BinaryIO, sink: _Whole) -> StoredObject:
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
            chunk = source.read(_CHUNK)
    finally:
        chunks.put(None)
        hasher.join()
    return StoredObject(digest.hexdigest(), size)
