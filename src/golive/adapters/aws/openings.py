"""Which rules of security groups let the world in. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from golive.kernel.errors import PortError
from golive.kernel.networks import worldwide

Wire = Mapping[str, Any]


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
    """Of rules that `fits`. `lists` holds the networks of every prefix list that they name.
    PortError for a source that is no network."""
    networks, told = [], []
    for rule in rules:
        sources = [str(rule[name]) for name in ("CidrIpv4", "CidrIpv6") if rule.get(name)]
        prefix_list = str(rule.get("PrefixListId", ""))
        networks += [*sources, *lists.get(prefix_list, ())]
        group = rule.get("ReferencedGroupInfo", {}).get("GroupId")
        shown = [*sources, *filter(None, [prefix_list, group and f"members of {group}"])]
        told += [f"{rule.get('GroupId', '')}: {one}" for one in shown]
    try:
        return Openings(worldwide(networks), sorted(set(told)))
    except ValueError as error:
        raise PortError(f"a rule's source is no network: {error}", where="EC2") from error
