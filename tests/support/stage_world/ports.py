"""Ports that nobody else has at this moment."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from golive.stage.addresses import is_free

_ASKED = range(10_000, 20_000)
"""Below what systems give to outgoing connections, one of which could have it before the server
does, and below what stages draw."""


def free_ports(names: Sequence[str]) -> Mapping[str, int]:
    """A different free port of the loopback for each name."""
    found: list[int] = []
    while len(found) < len(names):
        port = secrets.choice(_ASKED)
        if port not in found and is_free(port):
            found.append(port)
    return dict(zip(names, found, strict=True))
