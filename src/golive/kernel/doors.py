"""HTTP over a Unix socket, which the file system keeps closed to everybody else."""

from __future__ import annotations

import http.client
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from golive.kernel.errors import GoliveError

SCHEME = "unix://"
"""Before an absolute path, an address."""
_LONGEST = 100
"""Bytes of a path that fit into a socket's address everywhere: 108 on Linux, 104 on macOS."""


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """An address of the socket at `path` that is short enough, as long as the context lasts.
    OSError where its folder isn't there; GoliveError where the system has no short way to it."""
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    if sys.platform != "linux":
        raise GoliveError("the path is too long for a socket", where=str(path), hint="shorten it")
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class DoorConnection(http.client.HTTPConnection):
    """To the server that listens on the socket at `path`."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("127.0.0.1", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(self.timeout)
        try:
            with reachable(self._path) as address:
                made.connect(address)
        except BaseException:
            made.close()
            raise
        self.sock = made
