"""Looking at a folder that an enemy may have laid out.

Only names that were met by walking are ever opened, never a name that a manifest holds; links are
reported and not followed; anything that isn't a regular file is reported and not read.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from golive.evidence.verify.model import Notes

plain = re.compile(r"[A-Za-z0-9_,+=@()#~/.-]+").fullmatch
"""Whether a path met on disk needs no closer look at its spelling."""

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_SMALL = 256 * 1024
_CHUNK = 1 << 20
_HOLLOW = 1 << 30
"""A file this long with next to nothing on disk is a hole: reading it would take hours."""

_SHA256 = hashlib.sha256


@dataclass(frozen=True)
class Tree:
    """Regular files by path relative to `root`, with what tells one file on disk from another: its
    inode and, since file systems number theirs alike, its device."""

    root: str
    files: Mapping[str, int]
    empty: Sequence[str] = ()
    """Folders with nothing in them, which no list can tell of."""

    def under(self, folder: str) -> Tree:
        """The part of it in `folder`."""
        cut = len(folder) + 1
        inside = {
            path[cut:]: inode
            for path, inode in self.files.items()
            if path.startswith(folder) and path[len(folder)] == "/"
        }
        return Tree(f"{self.root}/{folder}", inside, self.empty_under(folder))

    def empty_under(self, folder: str) -> Sequence[str]:
        """The empty folders in `folder`, relative to it."""
        cut = len(folder) + 1
        return [path[cut:] for path in self.empty if path.startswith(f"{folder}/")]


def walk(
    root: str,
    notes: Notes,
    *,
    ignore: frozenset[str] = frozenset(),
    skip: frozenset[str] = frozenset(),
) -> Tree:
    """Every regular file below `root`; whatever else lies there becomes a finding.

    `ignore` names files, and `skip` folders, relative to `root`, that are passed over. A link or
    anything else under such a name is not.
    """
    files: dict[str, int] = {}
    folders, empty = [""], []
    while folders:
        folder = folders.pop()
        place = f"{root}/{folder}" if folder else root
        try:
            device = Path(place).stat(follow_symlinks=not folder).st_dev << 64
            with os.scandir(place) as entries:
                bare = True
                for entry in entries:
                    bare = False
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_symlink():
                        notes.find(path, "link", "a symbolic link: it may lead anywhere")
                    elif entry.is_file(follow_symlinks=False):
                        if path not in ignore:
                            files[path] = device | entry.inode()
                    elif entry.is_dir(follow_symlinks=False):
                        if path not in skip:
                            folders.append(path)
                    else:
                        notes.find(path, "special", "neither a file nor a folder")
                if bare:
                    empty.append(folder)
        except OSError as error:
            notes.find(folder or ".", "unreadable", os.strerror(error.errno or 0))
    return Tree(root, files, empty)


def read_small(tree: Tree, path: str, limit: int) -> bytes:
    """The bytes of a file of at most `limit`. OSError, or ValueError when it is larger."""
    fd = os.open(f"{tree.root}/{path}", _FLAGS)
    try:
        size = os.fstat(fd).st_size
        if size > limit:
            raise ValueError(f"{size} bytes; nothing of this kind is over {limit}")
        chunks = []
        while chunk := os.read(fd, size + 1):
            chunks.append(chunk)
        return b"".join(chunks)
    finally:
        os.close(fd)


def digest(path: str, size: int) -> str:
    """SHA-256 of the file at `path`, expected to hold `size` bytes.

    OSError when it can't be read; ValueError when its length is another (then it isn't read).
    """
    fd = os.open(path, _FLAGS)
    try:
        if size <= _SMALL:
            data = os.read(fd, size + 1)
            if len(data) == size:
                return _SHA256(data).hexdigest()
        found = os.fstat(fd)
        if found.st_size != size:
            raise ValueError(f"{found.st_size} bytes, sealed as {size}")
        if size > _HOLLOW and found.st_blocks * 512 < size >> 6:
            raise ValueError(f"{size} bytes long, but almost nothing of it is on the disk")
        return _digest_large(fd, size)
    finally:
        os.close(fd)


def digest_any(path: str) -> tuple[str, int]:
    """SHA-256 and length of a file whose length nobody recorded. Raises as `digest` does."""
    size = os.lstat(path).st_size
    return digest(path, size), size


def _digest_large(fd: int, size: int) -> str:
    hasher = _SHA256()
    buffer = bytearray(min(_CHUNK, size))
    view = memoryview(buffer)
    left = size
    while left > 0:
        count = os.readv(fd, [view])
        if count == 0:
            raise ValueError(f"ends {left} bytes early")
        hasher.update(view[:count])
        left -= count
    return hasher.hexdigest()
