"""Exposition for Prometheus, text format 0.0.4. No label ever names a person."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from fixnado.readiness.board import Board

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class _Readiness(Collector):
    """Reads the board when it is scraped, so that metric and file can't disagree for long."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(
            "fixnado_readiness_status",
            "1 ready, 0.75 degraded, 0.5 initialising, 0.25 stopping, 0 error",
            labels=["component"],
        )
        for name, component in self._board.snapshot().components.items():
            family.add_metric([name], component.effective.status.gauge)
        yield family


class Metrics:
    """Requests by route, method and status; latency by route; readiness by component; what
    `figures` collects; processor time and memory, where the system tells them (Linux)."""

    def __init__(
        self, board: Board, *, instance: str, version: str, figures: Collector | None = None
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self._registry.register(_Readiness(board))
        if figures is not None:
            self._registry.register(figures)
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "fixnado_http_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._latency = Histogram(
            "fixnado_http_request_duration_seconds",
            "Time until the answer was complete",
            ["method", "route"],
            registry=self._registry,
            buckets=_BUCKETS,
        )
        info = GaugeMetricFamily(
            "fixnado_build_info", "This instance", labels=["instance", "version"]
        )
        info.add_metric([instance, version], 1)
        self._registry.register(_Fixed(info))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._latency.labels(method, route).observe(seconds)

    def exposition(self) -> bytes:
        return generate_latest(self._registry)


class _Fixed(Collector):
    def __init__(self, metric: Metric) -> None:
        self._metric = metric

    def collect(self) -> Iterable[Metric]:
        yield self._metric
