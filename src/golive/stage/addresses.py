"""Loopback ports: chosen free, kept, and never fought over."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping

from golive.kernel.errors import GoliveError

HOST = "127.0.0.1"

PREFERRED: Mapping[str, int] = {
    "production": 9440,
    "validation": 9443,
    "green": 9441,
    "blue": 9442,
    "codedeploy": 9444,
    "helpdesk": 9446,
}
_LOWEST, _HIGHEST = 20_000, 32_000
"""Below the range that systems take outgoing connections' ports from, so that a stage finds its
ports free again after a restart."""


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of the loopback now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def choose(kept: Mapping[str, int], *, insist: bool, prefer: bool = True) -> Mapping[str, int]:
    """A port for every name: the kept one if free, else the preferred, else any. Without `prefer`,
    any: whoever has just lost a race for the preferred ones doesn't run it again.

    With `insist`, the preferred ones and no others; GoliveError names one that is occupied.
    """
    chosen: dict[str, int] = {}
    for name in PREFERRED:
        if insist:
            chosen[name] = _insisted(name, PREFERRED[name])
            continue
        wishes = [kept[name]] if name in kept else []
        wishes += [PREFERRED[name]] if prefer else []
        taken = set(chosen.values())
        chosen[name] = next(
            (port for port in wishes if port not in taken and is_free(port)), 0
        ) or _any(taken)
    return chosen


def _insisted(name: str, port: int) -> int:
    if is_free(port):
        return port
    raise GoliveError(
        f"port {port} is occupied, and this playbook insists on it for {name}",
        where=f"{HOST}:{port}",
        hint=f"end what listens there (`ss -ltnp 'sport = :{port}'`), or don't insist on ports",
    )


def _any(taken: set[int]) -> int:
    for _ in range(1000):
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if port not in taken and is_free(port):
            return port
    raise GoliveError("no free port was found", where=f"{HOST}:{_LOWEST}-{_HIGHEST}")
