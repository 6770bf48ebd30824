"""Whether processes are there, and until they are gone."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process with this number still does anything (a zombie doesn't)."""
    try:
        os.kill(pid, 0)
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text("utf-8")
    except (ProcessLookupError, FileNotFoundError):
        return False


def all_end(pids: Iterable[int], limit: float = 30.0) -> None:
    """AssertionError where one is still there after `limit` seconds."""
    left, began = list(pids), time.monotonic()
    while left:
        left = [pid for pid in left if alive(pid)]
        assert time.monotonic() - began < limit, f"still there: {left}"
        time.sleep(0.005)
