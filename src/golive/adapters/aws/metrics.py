"""What a `Query` is in CloudWatch's terms. Pure.

Of traffic CloudWatch knows what the load balancer saw: by target group, never by route. Latency is
`TargetResponseTime`, and a target's errors are `HTTPCode_Target_5XX_Count`: the load balancer's own
are another metric. Whatever else the service exposes is there only where somebody publishes it, in
a namespace of the team's own; histograms are not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.ports.series import LATENCY, REQUESTS, SIDE, Combine, Figure, Query

ELB = "AWS/ApplicationELB"
_COUNTS = {None: "RequestCount", "5..": "HTTPCode_Target_5XX_Count"}
_COUNTS |= {f"{digit}..": f"HTTPCode_Target_{digit}XX_Count" for digit in "234"}
_GAUGES = {Combine.MIN: "Minimum", Combine.MAX: "Maximum", Combine.SUM: "Average"}


@dataclass(frozen=True)
class Wanted:
    """One metric to get. `per_second`: what comes back is a sum over the period."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str
    labels: Mapping[str, str]
    per_second: bool = False
    most: float | None = None
    """The highest value that counts: a number of healthy hosts says up or not."""


def of_load_balancer(
    query: Query, load_balancer: str, target_groups: Mapping[str, str]
) -> Sequence[Wanted] | None:
    """None where the question isn't about traffic; nothing where the load balancer can't say."""
    status = query.where.get("status")
    if query.metric == REQUESTS and query.figure is Figure.RATE:
        metric, statistic, per_second = _COUNTS.get(status, ""), "Sum", True
    elif query.metric == LATENCY and query.figure is Figure.QUANTILE:
        metric = "" if status else "TargetResponseTime"
        statistic, per_second = f"p{query.quantile * 100:g}", False
    elif query.metric == "up":
        metric, statistic, per_second = "HealthyHostCount", "Minimum", False
    else:
        return None
    unknown = (set(query.by) - {SIDE}) | (set(query.where) - {SIDE, "status"})
    if not metric or unknown or not load_balancer:
        return ()
    most = 1.0 if query.metric == "up" else None
    everywhere = {"LoadBalancer": load_balancer}
    if SIDE not in query.by and SIDE not in query.where and query.metric != "up":
        return (Wanted(ELB, metric, everywhere, statistic, {}, per_second),)
    sides = query.where.get(SIDE, ".*")
    return [
        Wanted(
            ELB, metric, {"TargetGroup": group, **everywhere}, statistic, labels, per_second, most
        )
        for side, group in target_groups.items()
        if re.fullmatch(sides, side)
        for labels in [{SIDE: side} if SIDE in query.by else {}]
    ]


def of_namespace(
    query: Query, namespace: str, found: Sequence[Mapping[str, str]], side_dimension: str
) -> Sequence[Wanted]:
    """For the dimensions under which the namespace holds the metric."""
    if query.figure is Figure.QUANTILE:
        return ()
    statistic = "Sum" if query.figure is Figure.RATE else _GAUGES[query.combine]
    wanted = []
    for dimensions in found:
        labels = {SIDE if key == side_dimension else key: text for key, text in dimensions.items()}
        if all(re.fullmatch(text, labels.get(key, "")) for key, text in query.where.items()):
            by = {name: labels.get(name, "") for name in query.by}
            per_second = query.figure is Figure.RATE
            wanted.append(Wanted(namespace, query.metric, dimensions, statistic, by, per_second))
    return wanted


def period(step: float, start: datetime, now: datetime, *, own: bool) -> int:
    """Seconds: the load balancer reports once a minute; a team's own metrics may be finer, for the
    three hours that CloudWatch keeps them so. Five-minute points are what is left after 15 days."""
    if now - start > timedelta(days=15):
        return max(300, -(-int(step) // 300) * 300)
    if own and now - start < timedelta(hours=3) and step < 60:
        return next(one for one in (1, 5, 10, 30, 60) if one >= step)
    return max(60, -(-int(step) // 60) * 60)
