"""Elastic Load Balancing's answers as the port's records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from golive.adapters.aws.answers import side_of
from golive.kernel.errors import PortError

Wire = Mapping[str, Any]
_ROUNDING = 0.01
ROUTED = ("HTTP", "HTTPS")
"""Protocols whose listeners have rules besides the default action."""


@dataclass(frozen=True)
class Routes:
    """What a deployment group says of its load balancer."""

    production: Sequence[str]
    """Listeners, by ARN."""
    validation: Sequence[str]
    groups: Mapping[str, str]
    """Name of a target group → the side."""


def routes(group: Wire, sides: Mapping[str, str]) -> Routes:
    """Of DeploymentGroupInfo. PortError where it has no two target groups, one for each side."""
    pairs = group.get("loadBalancerInfo", {}).get("targetGroupPairInfoList", [])
    if len(pairs) != 1:
        raise PortError(
            f"the deployment group names {len(pairs)} pairs of target groups instead of one",
            where="CodeDeploy",
        )
    names = [str(one.get("name", "")) for one in pairs[0].get("targetGroups", [])]
    groups = {name: side_of(name, sides) for name in names}
    if sorted(groups.values()) != sorted(sides):
        raise PortError(
            f"the group's target groups {', '.join(names) or 'none'} are not told apart as "
            f"{' and '.join(sorted(sides))}",
            where="CodeDeploy",
            hint="name each side's `target_group` under [sides] in the target file",
        )
    return Routes(
        production=_listeners(pairs[0], "prodTrafficRoute"),
        validation=_listeners(pairs[0], "testTrafficRoute"),
        groups=groups,
    )


def _listeners(pair: Wire, route: str) -> Sequence[str]:
    return [str(one) for one in pair.get(route, {}).get("listenerArns", [])]


def shares(actions: Iterable[Wire], groups: Mapping[str, str]) -> Mapping[str, float] | None:
    """Percentage by side of what a rule's actions forward; None where they name neither side's
    target group. What goes to a third one, or nowhere for want of any weight, is missing from 100.
    """
    weights = _weights(actions)
    if not any(name_of(arn) in groups for arn in weights):
        return None
    total = sum(weights.values()) or 1.0
    found = dict.fromkeys(groups.values(), 0.0)
    for arn, weight in weights.items():
        if name_of(arn) in groups:
            found[groups[name_of(arn)]] += 100.0 * weight / total
    return found


def _weights(actions: Iterable[Wire]) -> Mapping[str, float]:
    """Weight by target group's ARN. One group alone may stand without a weight."""
    found: dict[str, float] = {}
    for action in actions:
        if action.get("Type") != "forward":
            continue
        listed = action.get("ForwardConfig", {}).get("TargetGroups") or [
            {"TargetGroupArn": action.get("TargetGroupArn", "")}
        ]
        for one in listed:
            weight = one.get("Weight")
            found[str(one.get("TargetGroupArn", ""))] = 1.0 if weight is None else float(weight)
    return found


def name_of(arn: str) -> str:
    """Of `arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID`."""
    parts = arn.split("/")
    return parts[1] if len(parts) > 2 else arn


def agreed(found: Sequence[Mapping[str, float]], listener: str) -> Mapping[str, float] | None:
    """The one answer that all of a listener's rules give; None where they differ. PortError where
    there is no rule, or where it keeps a part of the traffic from both sides."""
    if not found:
        raise PortError(
            "the production listener sends requests to neither side's target group",
            where=listener,
            hint="is it the deployment group's own listener, and are `target_group`s right?",
        )
    short = [one for one in found if abs(sum(one.values()) - 100.0) > _ROUNDING]
    if short:
        raise PortError(
            "the production listener doesn't share all of its traffic out to both sides",
            where=listener,
            hint="a third target group takes some, or none has any weight",
            answer=str(dict(short[0])),
        )
    return found[0] if all(one == found[0] for one in found) else None


def highest(found: Iterable[Mapping[str, float]]) -> Mapping[str, float]:
    """For each side its highest share; sides that get nothing are left out."""
    most: dict[str, float] = {}
    for one in found:
        for side, share in one.items():
            if share > most.get(side, 0.0):
                most[side] = share
    return most
