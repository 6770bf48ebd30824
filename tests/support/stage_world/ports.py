"""Ports that nobody else has at this moment."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence


def free_ports(names: Sequence[str]) -> Mapping[str, int]:
    """A different free port of the loopback for each name."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    try:
        return {name: one.getsockname()[1] for name, one in zip(names, sockets, strict=True)}
    finally:
        for one in sockets:
            one.close()
