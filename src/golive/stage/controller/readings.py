"""An instance's metrics at this moment, for the alarms."""

from __future__ import annotations

import time
from urllib.request import ProxyHandler, build_opener

from golive.stage.addresses import HOST
from golive.stage.controller import alarms

_TIMEOUT = 2.0
_direct = build_opener(ProxyHandler({}))  # whatever proxy the environment names is not for us


def take(port: int) -> alarms.Reading:
    """OSError or ValueError where the instance gives none."""
    with _direct.open(f"http://{HOST}:{port}/metrics", timeout=_TIMEOUT) as answer:
        return alarms.read(answer.read().decode(), time.monotonic())
