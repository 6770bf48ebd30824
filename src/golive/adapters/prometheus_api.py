"""Metrics over time from a server that speaks Prometheus' HTTP API (`/api/v1/query_range`)."""

from __future__ import annotations

import json
import math
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from golive.kernel.bounded import bounded
from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.ports.promql import promql
from golive.ports.series import SIDE, Query, Series

_LARGEST = 50_000_000


class PrometheusSeries:
    """`golive.ports.series.MetricSeries`. `token` gives the bearer token, if one is needed;
    `side_label` is what that server calls the label `instance`."""

    def __init__(
        self,
        url: str,
        fidelity: Fidelity,
        *,
        token: Callable[[], str] | None = None,
        side_label: str = SIDE,
        ca: Path | None = None,
        timeout: float = 30.0,
    ) -> None:
        self.fidelity = fidelity
        self._url = url.rstrip("/")
        self._token, self._side_label = token, side_label
        self._ca, self._timeout = ca, timeout

    @property
    def source(self) -> str:
        return f"Prometheus at {self._url}"

    def query(self, metric: Query, start: datetime, end: datetime, step: float) -> Sequence[Series]:
        """See the port. Warnings are errors: they mean that a store behind it did not answer."""
        asked = promql(metric, side_label=self._side_label)
        answer = self._ask(
            {
                "query": asked,
                "start": f"{start.timestamp():.3f}",
                "end": f"{end.timestamp():.3f}",
                "step": f"{step:g}",
            }
        )
        if answer.get("warnings"):
            said = "; ".join(map(str, answer["warnings"]))
            raise PortError(
                f"the answer may be a part: {said}", where=self.source, answer=said[:2000]
            )
        try:
            return list(self._series(answer["data"], metric))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise PortError(
                "the answer is none of Prometheus'",
                where=self.source,
                answer=json.dumps(answer)[:2000],
            ) from error

    def _series(self, data: Mapping[str, Any], metric: Query) -> Iterator[Series]:
        if data["resultType"] != "matrix":
            raise ValueError(data["resultType"])
        for one in data["result"]:
            labels = {
                name: str(one["metric"].get(self._side_label if name == SIDE else name, ""))
                for name in metric.by
            }
            values = ((float(at), float(text)) for at, text in one["values"])
            points = [(at, value) for at, value in values if math.isfinite(value)]
            if points:  # a quantile of nothing is NaN
                yield Series(labels, points)

    def _ask(self, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        headers = {"Accept": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token()}"
        try:
            with (
                httpx.Client(
                    verify=_tls(self._ca), timeout=self._timeout, trust_env=False, headers=headers
                ) as client,
                client.stream(
                    "GET", f"{self._url}/api/v1/query_range", params=parameters
                ) as answer,
            ):
                deadline = time.monotonic() + self._timeout
                data = bounded(answer.iter_bytes(), _LARGEST, deadline, self.source)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Unreachable(
                f"no metrics: {str(error) or type(error).__name__}",
                where=self.source,
                hint="is `metrics.url` in the target file right?",
            ) from error
        return self._understood(answer, data)

    def _understood(self, answer: httpx.Response, data: bytes) -> Mapping[str, Any]:
        try:
            said: Any = json.loads(data)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, Mapping) and said.get("status") == "success" and answer.is_success:
            return said
        told = data[:2000].decode(errors="replace")
        if isinstance(said, Mapping) and said.get("status") == "error":
            raise PortError(
                f"the query failed: {said.get('errorType')}: {said.get('error')}",
                where=self.source,
                answer=told,
            )
        hints = {401: "check `metrics.token`", 403: "check `metrics.token`"}
        raise PortError(
            f"no answer of Prometheus' but {answer.status_code}",
            where=self.source,
            hint=hints.get(answer.status_code, "is `metrics.url` Prometheus itself?"),
            answer=told,
        )


def _tls(ca: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca) if ca else None)
