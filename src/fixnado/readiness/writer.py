"""`runtime/readiness.json`: whole at every moment, rewritten on every change.

Changes that come while the file is being written are written together next; none is dropped, the
last state wins, and a stop writes what is still to be written before it returns.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from threading import Event, Thread

from fixnado.readiness.board import Board
from fixnado.readiness.model import Snapshot

_log = logging.getLogger("fixnado.readiness")
RETRY_S = 0.1
"""A disk that refuses is asked again this soon, for as long as the instance lives."""
HEARTBEAT_S = 5.0
"""The file is renewed this often without any change, so that an old one means a dead instance."""


def write_whole(path: Path, snapshot: Snapshot) -> None:
    """Write, sync, rename: a reader sees the old file or the new one, after a power cut too."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    payload = json.dumps(snapshot.as_json(), indent=2).encode() + b"\n"
    with temporary.open("wb") as file:
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


class SnapshotWriter:
    """Keeps `path` equal to `board`. With `frozen` it writes once and never again (a fault)."""

    def __init__(self, board: Board, path: Path, *, frozen: bool = False) -> None:
        self._board = board
        self._path = path
        self._frozen = frozen
        self._stop = Event()
        self._thread = Thread(target=self._run, name="readiness-writer", daemon=True)

    def start(self) -> None:
        """Write the file once, so that it is there before anybody asks, and keep it from here."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._path, self._board.snapshot())
        self._thread.start()

    def stop(self) -> None:
        """Mark everything as stopping, write that, and end."""
        self._stop.set()
        self._board.stop()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        written = 0
        while not self._frozen:
            snapshot = self._board.wait_beyond(written, HEARTBEAT_S)
            try:
                write_whole(self._path, snapshot)
            except OSError as error:
                _log.error("readiness can't be kept in %s: %s", self._path, error.strerror)
                if self._stop.wait(RETRY_S):
                    return
                continue
            written = snapshot.sequence
            if self._stop.is_set() and self._board.snapshot().sequence == written:
                return
