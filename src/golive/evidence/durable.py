"""Files that are either there in full or not there at all."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from golive.kernel.errors import GoliveError


class VaultError(GoliveError):
    """The vault can't be written, or isn't as it should be. What was sealed before is untouched."""


_WHY = {
    errno.ENOSPC: ("the disk is full", "free some space, then run it again"),
    errno.EDQUOT: ("the disk quota is used up", "free some space, then run it again"),
    errno.EFBIG: ("the file would pass the size limit", "raise `ulimit -f`, then run it again"),
    errno.EROFS: ("the file system is read-only", "choose another folder with --vault-root"),
    errno.EACCES: ("permission denied", "give yourself write permission, or choose another folder"),
    errno.EPERM: ("permission denied", "give yourself write permission, or choose another folder"),
}


@contextmanager
def explained(what: str, where: Path) -> Iterator[None]:
    """Turn an OSError into one VaultError: what was being done, where, and what to do."""
    try:
        yield
    except OSError as error:
        why, hint = _WHY.get(error.errno or 0, (os.strerror(error.errno or 0), ""))
        raise VaultError(f"{what}: {why}", where=str(error.filename or where), hint=hint) from error


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Create `path` with `data`; FileExistsError when it is there. Not durable by itself."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(fd, "wb") as file:
        file.write(data)


def write_durably(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put `data` at `path` by a synced temporary file and a rename, then sync the folder. The
    caller holds a lock: see `write_whole`."""
    write_whole(path, data, mode, sync=True)
    sync_folder(path.parent)


def write_whole(path: Path, data: bytes, mode: int = 0o644, *, sync: bool = False) -> None:
    """Put `data` at `path` by a temporary file and a rename: nobody sees half of it.

    The temporary file is `temporary_name(path)`: the caller holds the lock that keeps others away,
    and what a dead process left under that name is replaced.
    """
    temporary = path.with_name(temporary_name(path.name))
    temporary.unlink(missing_ok=True)
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        temporary.rename(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def temporary_name(name: str) -> str:
    """What `name` is called while it is being written."""
    return f".{name}.tmp"


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_filesystem(folder: Path) -> None:
    """Everything written so far on the file system of `folder` is on disk when this returns.

    `syncfs(2)` on Linux; elsewhere `sync(2)`, which asks for all file systems and, by POSIX, may
    return before they are written.
    """
    if not sys.platform.startswith("linux"):
        os.sync()
        return
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _LIBC.syncfs(fd) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(fd)


_LIBC = ctypes.CDLL(None, use_errno=True)
