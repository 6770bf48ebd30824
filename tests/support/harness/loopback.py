"""Sockets of this process reach loopback and nothing else.

An audit hook sees every connection whatever opened it (asyncio, httpx, boto3) and can't be taken
off again (PEP 578). What a C library opens by itself, such as libpq, is not seen.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from functools import cache

_EVENTS = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"})


class OffLoopback(RuntimeError):
    """A test reached for an address that isn't this machine's own."""


def allowed(host: object) -> bool:
    """Whether `host` is loopback by name or number."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event in _EVENTS:
        family, address = getattr(args[0], "family", None), args[1]
        internet = family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple)
        if internet and not allowed(address[0]):  # type: ignore[index]
            raise OffLoopback(f"{event} on {address!r}: tests stay on loopback")
    elif event == "socket.getaddrinfo" and not allowed(args[0]):
        if str(args[0]).endswith(".invalid"):  # never exists (RFC 6761 §6.4): no need to ask
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        raise OffLoopback(f"a look-up of {args[0]!r}: tests stay on loopback")


@cache
def enforce() -> None:
    """Begin to refuse; once for a process."""
    sys.addaudithook(_watch)
