"""Which rules of security groups let the world in. Pure.

Addresses are put together first: 0.0.0.0/1 and 128.0.0.0/1 are the world as much as 0.0.0.0/0 is,
and so is 2000::/3, in which every public IPv6 address lies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any

Wire = Mapping[str, Any]
_WIDE_4, _WIDE_6 = 8, 16
"""A network with a shorter prefix is the world: no organisation has one."""


@dataclass(frozen=True)
class Openings:
    """`world`: networks that are as good as everybody; `to`: every source, in words."""

    world: Sequence[str]
    to: Sequence[str]


def fits(rule: Wire, port: int, protocol: str) -> bool:
    """Whether an inbound rule of DescribeSecurityGroupRules covers `port` (`tcp` or `udp`)."""
    if rule.get("IsEgress"):
        return False
    if rule.get("IpProtocol") == "-1":
        return True
    numbers = {"tcp": "6", "udp": "17"}
    first, last = rule.get("FromPort", -1), rule.get("ToPort", -1)
    same = rule.get("IpProtocol") in (protocol, numbers[protocol])
    return same and (first == -1 or first <= port <= last)


def openings(rules: Sequence[Wire], lists: Mapping[str, Sequence[str]]) -> Openings:
    """Of rules that `fits`. `lists` holds the networks of every prefix list that they name."""
    networks, told = [], []
    for rule in rules:
        sources = [str(rule[name]) for name in ("CidrIpv4", "CidrIpv6") if rule.get(name)]
        prefix_list = str(rule.get("PrefixListId", ""))
        networks += [*sources, *lists.get(prefix_list, ())]
        group = rule.get("ReferencedGroupInfo", {}).get("GroupId")
        shown = [*sources, *filter(None, [prefix_list, group and f"members of {group}"])]
        told += [f"{rule.get('GroupId', '')}: {one}" for one in shown]
    return Openings([str(one) for one in _wide(networks)], sorted(set(told)))


def _wide(sources: Sequence[str]) -> Sequence[IPv4Network | IPv6Network]:
    parsed = [ip_network(one, strict=False) for one in sources]
    fours = collapse_addresses(one for one in parsed if isinstance(one, IPv4Network))
    sixes = collapse_addresses(one for one in parsed if isinstance(one, IPv6Network))
    return [
        *(one for one in fours if one.prefixlen < _WIDE_4),
        *(one for one in sixes if one.prefixlen < _WIDE_6),
    ]
