"""Misbehaviour on demand, so that a bad launch can be rehearsed. Health stays good under it."""

from __future__ import annotations

import asyncio
import os
from itertools import count
from typing import Final

SPARED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
SLOW_BY_S: Final = 0.8
CRASH_AT: Final = 200
CRASH_STATUS: Final = 70
_FAILS: Final = frozenset({2, 5, 8})
"""Of every ten requests, which ones fail under `5xx`."""


class Fault:
    """One fault of an instance, or none."""

    def __init__(self, name: str | None) -> None:
        self._name = name
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
        return self._name == "5xx" and number % 10 in _FAILS
