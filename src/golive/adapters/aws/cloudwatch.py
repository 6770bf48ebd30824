"""`golive.ports.series.MetricSeries` over CloudWatch's GetMetricData."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from golive.adapters.aws.access import Access
from golive.adapters.aws.client import Client
from golive.adapters.aws.metrics import Wanted, of_load_balancer, of_namespace, period
from golive.kernel.errors import PortError
from golive.ports.series import Combine, Query, Series
from golive.ports.target import CloudWatchConfig

_AT_ONCE = 500
"""Metrics in one GetMetricData request."""
_COMBINE: Mapping[Combine, Callable[[Sequence[float]], float]] = {
    Combine.SUM: math.fsum,
    Combine.MIN: min,
    Combine.MAX: max,
}


class CloudWatchSeries:
    """`client` makes the client of a service."""

    def __init__(
        self,
        config: CloudWatchConfig,
        *,
        timeout: float = 20.0,
        client: Callable[[Access, float, str], Client] = Client,
    ) -> None:
        self.fidelity = config.fidelity
        self._config = config
        self._cloudwatch = client(Access.of(config), timeout, "cloudwatch")

    @property
    def source(self) -> str:
        return f"CloudWatch ({self._config.region or 'the default region'})"

    def query(self, metric: Query, start: datetime, end: datetime, step: float) -> Sequence[Series]:
        config = self._config
        wanted = of_load_balancer(metric, config.load_balancer, config.target_groups)
        own = wanted is None
        if wanted is None:
            found = list(self._dimensions(metric.metric)) if config.namespace else []
            wanted = of_namespace(metric, config.namespace, found, config.side_dimension)
        seconds = period(step, start, datetime.now(UTC), own=own)
        groups: dict[tuple[tuple[str, str], ...], dict[float, list[float]]] = {}
        for first in range(0, len(wanted), _AT_ONCE):
            batch = wanted[first : first + _AT_ONCE]
            for one, points in self._data(batch, start, end, seconds):
                group = groups.setdefault(tuple(one.labels.items()), defaultdict(list))
                for at, value in points:
                    group[at].append(value)
        combine = _COMBINE[metric.combine]
        return [
            Series(dict(key), [(at, combine(group[at])) for at in sorted(group)])
            for key, group in sorted(groups.items())
            if group
        ]

    def _dimensions(self, metric: str) -> Iterator[Mapping[str, str]]:
        members = {"Namespace": self._config.namespace, "MetricName": metric}
        for answer in self._cloudwatch.pages("list_metrics", **members):
            for one in answer.get("Metrics", []):
                yield {pair["Name"]: pair["Value"] for pair in one.get("Dimensions", [])}

    def _data(
        self, batch: Sequence[Wanted], start: datetime, end: datetime, seconds: int
    ) -> Iterator[tuple[Wanted, Sequence[tuple[float, float]]]]:
        members: dict[str, Any] = {
            "MetricDataQueries": [_asked(n, one, seconds) for n, one in enumerate(batch)],
            "StartTime": start,
            "EndTime": end,
            "ScanBy": "TimestampAscending",
        }
        for answer in self._cloudwatch.pages("get_metric_data", **members):
            for result in answer.get("MetricDataResults", []):
                self._demand(result)
                one = batch[int(str(result["Id"]).removeprefix("m"))]
                yield one, _points(one, result, seconds, datetime.now(UTC).timestamp())

    def _demand(self, result: Mapping[str, Any]) -> None:
        """`PartialData` has its rest on the next page; anything else but `Complete` is an error."""
        status = result.get("StatusCode", "Complete")
        if status in ("Complete", "PartialData"):
            return
        said = "; ".join(str(one.get("Value", "")) for one in result.get("Messages", []))
        raise PortError(f"the data is not whole: {status} {said}".strip(), where=self.source)


def _asked(number: int, one: Wanted, seconds: int) -> Mapping[str, Any]:
    return {
        "Id": f"m{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": one.namespace,
                "MetricName": one.metric,
                "Dimensions": [
                    {"Name": name, "Value": value} for name, value in one.dimensions.items()
                ],
            },
            "Period": seconds,
            "Stat": one.statistic,
        },
        "ReturnData": True,
    }


def _points(
    one: Wanted, result: Mapping[str, Any], seconds: int, now: float
) -> Sequence[tuple[float, float]]:
    """A sum over a period becomes so many a second. Of a period that isn't over yet the sum is only
    a part, which would pass for fewer: it is left out."""
    divisor = seconds if one.per_second else 1
    values = (float(value) / divisor for value in result.get("Values", []))
    capped = (value if one.most is None else min(value, one.most) for value in values)
    moments = (at.timestamp() for at in result.get("Timestamps", []))
    pairs = zip(moments, capped, strict=False)
    return [(at, value) for at, value in pairs if not one.per_second or at + seconds <= now]
