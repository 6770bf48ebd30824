"""A file that has no name until it is whole, so that nobody ever meets half of it."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

_UNSUPPORTED = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL})
_SYNC_FILE_RANGE_WRITE = 2
_HAS_PROC = Path("/proc/self/fd").is_dir()
_LIBC = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
if _LIBC is not None:
    _LIBC.sync_file_range.argtypes = [
        ctypes.c_int,
        ctypes.c_longlong,
        ctypes.c_longlong,
        ctypes.c_uint,
    ]


class Nameless:
    """A new file of mode 0444 in the file system of `folder`.

    Linux makes it without a name (`O_TMPFILE`), which is cheap and leaves nothing behind when the
    process dies. Elsewhere it bears a name of its own in `incoming` until then.
    """

    def __init__(self, folder: str, incoming: str) -> None:
        self._incoming = incoming
        self._temporary: str | None = None
        try:
            self._fd = _open_nameless(folder)
        except FileNotFoundError:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._fd = _open_nameless(folder)
        if self._fd < 0:
            self._fd = self._open_named()

    def _open_named(self) -> int:
        Path(self._incoming).mkdir(parents=True, exist_ok=True)
        name = f"{os.getpid()}-{threading.get_ident()}-{os.urandom(8).hex()}"
        self._temporary = f"{self._incoming}/{name}"
        return os.open(self._temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)

    def write(self, data: bytes) -> None:
        """All of `data`: a plain write may take less, and says why only the next time."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    def begin_writeback(self) -> None:
        """Have the kernel begin to write what was given so far, so that the seal's sync has less to
        wait for. Linux only; elsewhere the sync does all of it."""
        if _LIBC is not None:
            _LIBC.sync_file_range(self._fd, 0, 0, _SYNC_FILE_RANGE_WRITE)

    def name(self, place: str) -> None:
        """Give it the name `place`. FileExistsError when something bears it, FileNotFoundError
        when there is no such folder."""
        try:
            if self._temporary is not None:
                os.link(self._temporary, place)
            else:
                # The descriptor makes Python call linkat(2), which follows the link in /proc.
                at = f"/proc/self/fd/{self._fd}"
                os.link(at, place, src_dir_fd=self._fd, follow_symlinks=True)
        except PermissionError:
            self._rename(place)

    def _rename(self, place: str) -> None:
        """Where there are no hard links."""
        if os.path.lexists(place):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), place)
        if self._temporary is None:
            nameless, self._fd = self._fd, self._open_named()
            os.lseek(nameless, 0, os.SEEK_SET)
            with os.fdopen(nameless, "rb") as source, os.fdopen(os.dup(self._fd), "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
        assert self._temporary is not None
        Path(self._temporary).rename(place)

    def close(self) -> None:
        """Let go; without a name it is gone."""
        os.close(self._fd)
        if self._temporary is not None:
            with suppress(OSError):
                Path(self._temporary).unlink()

    def __enter__(self) -> Nameless:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _open_nameless(folder: str) -> int:
    """A descriptor, or -1 where this system or file system can't. FileNotFoundError when there is
    no such folder."""
    if not sys.platform.startswith("linux") or not _HAS_PROC:
        return -1
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o444)
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return -1
        raise
