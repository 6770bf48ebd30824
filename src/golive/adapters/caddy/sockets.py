"""At which addresses of this machine a port is really listened on: by the kernel, not by what a
configuration says."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTENING = "0A"
_PATIENCE = 1.0


def bound(port: int, tables: Sequence[Path] = _TABLES) -> Sequence[str]:
    """The addresses; nothing where nobody listens. On Linux from the kernel's own table, elsewhere
    those of the loopback, this machine's names and its way out that take a connection."""
    if tables[0].exists():
        return sorted({one for table in tables for one in _listed(table, port)})
    return answering(port, [*("127.0.0.1", "::1"), *_own()])


def _listed(table: Path, port: int) -> Iterator[str]:
    try:
        lines = table.read_text("ascii").splitlines()[1:]
    except OSError:  # a kernel without IPv6 has no table of it
        return
    for line in lines:
        _, local, _, state, *_ = line.split()
        address, _, number = local.partition(":")
        if state == _LISTENING and int(number, 16) == port:
            yield _address(address)


def _address(text: str) -> str:
    """The kernel writes addresses as words of 32 bits in the machine's own order."""
    words = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    if len(packed) == 4:
        return str(IPv4Address(packed))
    address = IPv6Address(packed)
    return str(address.ipv4_mapped or address)


def answering(port: int, addresses: Sequence[str]) -> Sequence[str]:
    """Those of `addresses` at which a connection to `port` is taken."""
    found = []
    for address in dict.fromkeys(addresses):
        try:
            with socket.create_connection((address, port), timeout=_PATIENCE):
                found.append(address)
        except OSError:
            continue
    return sorted(found)


def _own() -> Sequence[str]:
    """This machine's addresses, as far as its name and its way out tell them."""
    found = []
    for family, anywhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as way_out:
                way_out.connect((anywhere, 9))  # chooses an address and sends nothing
                found.append(str(way_out.getsockname()[0]))
        except OSError:
            continue
    try:
        known = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
    except OSError:
        return found
    return [*found, *(str(one[4][0]) for one in known)]
