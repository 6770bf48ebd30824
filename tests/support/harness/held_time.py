"""Time that passes by itself, and in which waiting takes none."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class HeldClock:
    """Real time, but waiting takes none."""

    def __init__(self) -> None:
        self._begin, self._slept = time.monotonic(), 0.0

    def now(self) -> datetime:
        return datetime(2024, 5, 30, 8, 30, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return time.monotonic() - self._begin + self._slept

    def sleep(self, seconds: float) -> None:
        self._slept += seconds


class QuickEvent(threading.Event):
    """An event whose waiting lets held time pass, and nothing else."""

    def __init__(self, clock: HeldClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.sleep(timeout or 0.0)
        return self.is_set()
