"""`golive.ports.series.MetricSeries` over CloudWatch's GetMetricData."""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config

from golive.adapters.cloudwatch.plan import Wanted, of_load_balancer, of_namespace, period
from golive.kernel.errors import NotConfigured, PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.ports.series import Combine, Query, Series

_AT_ONCE = 500
"""Metrics in one GetMetricData request."""
_MOST_PAGES = 200
_COMBINE: Mapping[Combine, Callable[[Sequence[float]], float]] = {
    Combine.SUM: math.fsum,
    Combine.MIN: min,
    Combine.MAX: max,
}
_UNREACHABLE = (
    exceptions.HTTPClientError,
    exceptions.ConnectionError,
    exceptions.ConnectionClosedError,
)
_NOT_SET_UP = (
    exceptions.NoRegionError,
    exceptions.ProfileNotFound,
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
    exceptions.ConfigParseError,
    exceptions.ConfigNotFound,
)


class CloudWatchSeries:
    """`load_balancer` is the dimension's value (`app/name/id`), `target_groups` that of each side
    (`targetgroup/name/id`); `namespace` holds what the team publishes itself, under the metrics'
    own names, `side_dimension` being the side there. Credentials come from boto3's chain.
    `client` is a boto3 client of CloudWatch to use instead of one made from these."""

    def __init__(
        self,
        *,
        region: str | None,
        profile: str | None,
        endpoint: str | None = None,
        load_balancer: str = "",
        target_groups: Mapping[str, str] | None = None,
        namespace: str = "",
        side_dimension: str = "instance",
        fidelity: Fidelity = Fidelity.LIVE,
        timeout: float = 20.0,
        client: Any = None,
    ) -> None:
        self.fidelity = fidelity
        self._session = {"region_name": region, "profile_name": profile}
        self._endpoint, self._timeout = endpoint, timeout
        self._load_balancer, self._target_groups = load_balancer, dict(target_groups or {})
        self._namespace, self._side_dimension = namespace, side_dimension
        self._lock, self._made = threading.Lock(), client

    @property
    def source(self) -> str:
        return f"CloudWatch ({self._session['region_name'] or 'the default region'})"

    def query(self, metric: Query, start: datetime, end: datetime, step: float) -> Sequence[Series]:
        wanted = of_load_balancer(metric, self._load_balancer, self._target_groups)
        own = wanted is None
        if wanted is None:
            found = list(self._dimensions(metric.metric)) if self._namespace else []
            wanted = of_namespace(metric, self._namespace, found, self._side_dimension)
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
        members: dict[str, Any] = {"Namespace": self._namespace, "MetricName": metric}
        for _ in range(_MOST_PAGES):
            answer = self._call("list_metrics", **members)
            for one in answer.get("Metrics", []):
                yield {pair["Name"]: pair["Value"] for pair in one.get("Dimensions", [])}
            if not answer.get("NextToken"):
                return
            members["NextToken"] = answer["NextToken"]
        raise self._endless()

    def _data(
        self, batch: Sequence[Wanted], start: datetime, end: datetime, seconds: int
    ) -> Iterator[tuple[Wanted, Sequence[tuple[float, float]]]]:
        members: dict[str, Any] = {
            "MetricDataQueries": [_asked(n, one, seconds) for n, one in enumerate(batch)],
            "StartTime": start,
            "EndTime": end,
            "ScanBy": "TimestampAscending",
        }
        for _ in range(_MOST_PAGES):
            answer = self._call("get_metric_data", **members)
            for result in answer.get("MetricDataResults", []):
                self._demand(result)
                one = batch[int(str(result["Id"]).removeprefix("m"))]
                yield one, _points(one, result, seconds)
            token = answer.get("NextToken")
            if not token:
                return
            members["NextToken"] = token
        raise self._endless()

    def _demand(self, result: Mapping[str, Any]) -> None:
        """`PartialData` has its rest on the next page; anything else but `Complete` is an error."""
        status = result.get("StatusCode", "Complete")
        if status in ("Complete", "PartialData"):
            return
        said = "; ".join(str(one.get("Value", "")) for one in result.get("Messages", []))
        raise PortError(f"the data is not whole: {status} {said}".strip(), where=self.source)

    def _endless(self) -> PortError:
        return PortError(f"more than {_MOST_PAGES} pages of answers", where=self.source)

    def _call(self, operation: str, **members: Any) -> dict[str, Any]:
        where = f"{self.source} {operation}"
        try:
            answer: dict[str, Any] = getattr(self._client(), operation)(**members)
        except exceptions.ClientError as error:
            failure = error.response.get("Error", {})
            told = f"{failure.get('Code')}: {failure.get('Message')}"
            hint = "it needs cloudwatch:GetMetricData and cloudwatch:ListMetrics"
            raise PortError(told, where=where, hint=hint, answer=told) from error
        except _NOT_SET_UP as error:
            hint = "set `metrics.profile` or `metrics.region`, or sign in to AWS"
            raise NotConfigured(str(error), where=where, hint=hint) from error
        except _UNREACHABLE as error:
            raise Unreachable(str(error), where=where) from error
        except (exceptions.BotoCoreError, ValueError) as error:
            said = (str(error).splitlines() or [type(error).__name__])[0][:300]
            raise PortError(f"no answer of CloudWatch: {said}", where=where) from error
        return answer

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                retries = {"total_max_attempts": 3, "mode": "standard"}
                config = Config(
                    connect_timeout=self._timeout,
                    read_timeout=self._timeout,
                    retries=retries,  # type: ignore[arg-type]
                )
                session = boto3.Session(**self._session)  # type: ignore[arg-type]
                self._made = session.client(
                    "cloudwatch", endpoint_url=self._endpoint, config=config
                )
            return self._made


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


def _points(one: Wanted, result: Mapping[str, Any], seconds: int) -> Sequence[tuple[float, float]]:
    """A sum over a period becomes so many a second."""
    divisor = seconds if one.per_second else 1
    values = (float(value) / divisor for value in result.get("Values", []))
    capped = (value if one.most is None else min(value, one.most) for value in values)
    moments = (at.timestamp() for at in result.get("Timestamps", []))
    return list(zip(moments, capped, strict=False))
