"""Metrics as one instance exposes them (Prometheus text exposition 0.0.4)."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
from prometheus_client.parser import text_string_to_metric_families

from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.ports.metrics import MetricSample

_LARGEST = 20_000_000


class Scrape:
    """`golive.ports.metrics.Metrics` over `GET url`."""

    def __init__(self, url: str, fidelity: Fidelity, timeout: float = 10.0) -> None:
        self.url = url
        self.fidelity = fidelity
        self._timeout = timeout

    def scrape(self) -> tuple[bytes, Sequence[MetricSample]]:
        """The exposition's bytes and its samples. PortError when it isn't an exposition: HTML, a
        missing final line break, two types for one name."""
        data = self._fetch()
        try:
            return data, _samples(data.decode("utf-8"))
        except ValueError as error:  # UnicodeDecodeError is one
            raise PortError(
                f"the answer is no metrics exposition: {error}",
                where=self.url,
                answer=data[:2000].decode("utf-8", "replace"),
            ) from error

    def _fetch(self) -> bytes:
        try:
            answer = httpx.get(self.url, timeout=self._timeout, trust_env=False)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(
                f"no metrics: {str(error) or type(error).__name__}", where=self.url
            ) from error
        if answer.status_code != 200:
            raise PortError(
                f"metrics answered {answer.status_code}",
                where=self.url,
                answer=answer.text[:2000],
            )
        if len(answer.content) > _LARGEST:
            raise PortError("the exposition is larger than 20 MB", where=self.url)
        return answer.content


def _samples(text: str) -> Sequence[MetricSample]:
    if not text.endswith("\n"):
        raise ValueError("it does not end in a line break")
    return [
        MetricSample(sample.name, float(sample.value), dict(sample.labels))
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]
