"""The live figures of a run, for who watches it from another process.

They are no part of the journal: the last ones replace those before in `live.json`. What a reader
finds there is whole, or absent.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from pathlib import Path

from golive.kernel.json import JsonObject

_APART = 0.2
"""Seconds between two writes at least: nobody reads faster."""


class LiveFigures:
    """A watcher of the journal that keeps the last progress event in a file."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock, self._written = path, threading.Lock(), 0.0

    def __call__(self, event: JsonObject) -> None:
        if event.get("event") != "progress":
            return
        with self._lock:
            now = time.monotonic()
            if now - self._written < _APART:
                return
            self._written = now
            temporary = self._path.with_suffix(".new")
            # A full disk costs the watchers their figures, never the run its way.
            with suppress(OSError):
                temporary.write_text(json.dumps(event, ensure_ascii=False))
                temporary.rename(self._path)


def read_figures(path: Path) -> JsonObject:
    """The last progress event; empty where there is none yet."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text())
        if isinstance(found, dict):
            return found
    return {}
