"""Misbehaviour on demand, so that a bad launch can be rehearsed. Health stays good under it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from itertools import count
from pathlib import Path
from typing import Final

SPARED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
SLOW_BY_S: Final = 0.8
CRASH_AT: Final = 200
CRASH_STATUS: Final = 70
LATE_AT: Final = 30.0
"""Percent of the traffic from which on `5xx-late` fails."""
_SHARE_FOR_S: Final = 0.05
_FAILS: Final = frozenset({2, 5, 8})
"""Of every ten requests, which ones fail under `5xx` and `5xx-late`."""


class Share:
    """The percentage of production traffic that `instance` has, by the balancer's own note (JSON,
    `{"weights": {instance: percentage}}`); 0 where there is none."""

    def __init__(self, file: Path | None, instance: str) -> None:
        self._file, self._instance = file, instance
        self._known, self._due = 0.0, 0.0

    def now(self) -> float:
        if self._file is not None and time.monotonic() >= self._due:
            self._due = time.monotonic() + _SHARE_FOR_S
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                self._known = float(json.loads(self._file.read_bytes())["weights"][self._instance])
        return self._known


class Fault:
    """One fault of an instance, or none."""

    def __init__(self, name: str | None, share: Share | None = None) -> None:
        self._name, self._share = name, share
        self._numbers = count(1)

    async def strikes(self, path: str) -> bool:
        """Whether this request must fail. May take its time, or end the process."""
        if self._name is None or path in SPARED:
            return False
        number = next(self._numbers)
        if self._name == "slow":
            await asyncio.sleep(SLOW_BY_S)
        if self._name == "crash" and number >= CRASH_AT:
            os._exit(CRASH_STATUS)
        if self._name == "5xx-late" and (self._share is None or self._share.now() < LATE_AT):
            return False
        return self._name in ("5xx", "5xx-late") and number % 10 in _FAILS
