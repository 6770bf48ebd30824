"""Metrics as one instance exposes them (Prometheus text exposition 0.0.4)."""

from __future__ import annotations

import ssl
import time
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
        # Made once: building one reads every authority that the machine trusts.
        self._tls = ssl.create_default_context()

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
        deadline, data = time.monotonic() + self._timeout, bytearray()
        try:
            with (
                httpx.Client(verify=self._tls, timeout=self._timeout, trust_env=False) as client,
                client.stream("GET", self.url) as answer,
            ):
                for chunk in answer.iter_bytes():
                    data += chunk
                    if len(data) > _LARGEST:
                        raise PortError("the exposition is larger than 20 MB", where=self.url)
                    if time.monotonic() > deadline:
                        raise Unreachable("the exposition had not ended in time", where=self.url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(
                f"no metrics: {str(error) or type(error).__name__}", where=self.url
            ) from error
        if answer.status_code != 200:
            raise PortError(
                f"metrics answered {answer.status_code}",
                where=self.url,
                answer=data[:2000].decode("utf-8", "replace"),
            )
        return bytes(data)


def _samples(text: str) -> Sequence[MetricSample]:
    if not text.endswith("\n"):
        raise ValueError("it does not end in a line break")
    return [
        MetricSample(sample.name, float(sample.value), dict(sample.labels))
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]
