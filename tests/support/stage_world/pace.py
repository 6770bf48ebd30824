"""Time limits that are fair to a machine which has other things to do."""

from __future__ import annotations

import subprocess
import sys
import time

_WORK = "import asyncio, fastapi, sqlalchemy, uvicorn"
_QUIET = 0.6
"""Seconds that `_WORK` takes on two idle cores."""


def fair(seconds: float) -> float:
    """`seconds`, or more where starting a Python now takes longer than on an idle machine."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", _WORK], check=True)
    return seconds * max(1.0, (time.monotonic() - began) / _QUIET)
