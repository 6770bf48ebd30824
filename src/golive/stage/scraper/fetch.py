"""One side's exposition, over a connection that is kept open."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Mapping

from golive.stage.addresses import HOST

_PATIENCE = 2.0
"""Seconds. A machine that is busy is not down; a side that is, refuses at once."""
_LARGEST = 5_000_000


class Side:
    """`name` answers on `port` of the loopback, or doesn't."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self._port = port
        self._connection: http.client.HTTPConnection | None = None

    def scrape(self) -> Mapping[str, float] | None:
        """Every sample's name with labels, as exposed, to its value; None: no such answer."""
        for fresh in (False, True):
            if fresh or self._connection is None:
                self._renew()
            try:
                return self._ask()
            except (OSError, http.client.HTTPException, ValueError):
                self._close()
        return None

    def _ask(self) -> Mapping[str, float]:
        assert self._connection is not None
        self._connection.request("GET", "/metrics")
        answer = self._connection.getresponse()
        data = answer.read(_LARGEST)
        if answer.status != http.client.OK or not data.endswith(b"\n"):
            raise ValueError("no exposition")
        return samples(data.decode("utf-8"))

    def _renew(self) -> None:
        self._close()
        self._connection = http.client.HTTPConnection(HOST, self._port, timeout=_PATIENCE)

    def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.close()
            self._connection = None


def samples(text: str) -> Mapping[str, float]:
    """By the cheapest means: a sample's line ends in its value, after its last space. Fixnado's
    exposition has no timestamps. ValueError where a value is no number."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            found[name] = float(value)
    return found
