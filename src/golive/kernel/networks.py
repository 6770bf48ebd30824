"""Which networks are as good as everybody, and which addresses are this machine alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_address, ip_network
from urllib.parse import urlsplit

_WIDE_4, _WIDE_6 = 8, 16
"""A network with a shorter prefix is the world: no organisation has one."""


def worldwide(sources: Iterable[str]) -> Sequence[str]:
    """Those of `sources` (CIDR blocks), put together, that are the world: 0.0.0.0/1 and 128.0.0.0/1
    are it as much as 0.0.0.0/0 is, and so is 2000::/3, in which every public IPv6 address lies.
    ValueError for what is no network."""
    parsed = [ip_network(one, strict=False) for one in sources]
    fours = collapse_addresses(one for one in parsed if isinstance(one, IPv4Network))
    sixes = collapse_addresses(one for one in parsed if isinstance(one, IPv6Network))
    return [
        *(str(one) for one in fours if one.prefixlen < _WIDE_4),
        *(str(one) for one in sixes if one.prefixlen < _WIDE_6),
    ]


def is_loopback(host: str) -> bool:
    """Whether what is sent to `host` stays on this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def overheard(url: str) -> bool:
    """Whether somebody on the way could read what is sent to `url`."""
    parts = urlsplit(url)
    return parts.scheme != "https" and not is_loopback(parts.hostname or "")
