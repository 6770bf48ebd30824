"""The three dashboards. Grafana's JSON and the drawn pictures both come from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from golive.ports.series import LATENCY, READINESS, REQUESTS, SIDE, Combine, Figure, Query

_HUB = {"route": "/v1/timeline-hub"}
_COMMERCE = {"route": "/v1/(commerce/snapshot|orders.*|rentals.*|refunds.*)"}


@dataclass(frozen=True)
class Unit:
    """`axis` in words, `grafana` by its id there; values are multiplied by `factor` to be drawn."""

    axis: str
    grafana: str
    factor: float = 1.0


RATE = Unit("requests a second", "reqps")
LENGTH = Unit("milliseconds", "s", 1000.0)
SHARE = Unit("share of one processor", "percentunit")
MEMORY = Unit("megabytes", "bytes", 1e-6)


@dataclass(frozen=True)
class BoardPanel:
    """`legend` names a line by its labels: `{instance}`."""

    key: str
    title: str
    unit: Unit
    query: Query
    legend: str
    step: bool = False
    """A value that holds until the next: no slope is drawn between."""
    most: float | None = None


@dataclass(frozen=True)
class Board:
    uid: str
    title: str
    panels: Sequence[BoardPanel]


def _p95(key: str, title: str, *by: str, where: dict[str, str] | None = None) -> BoardPanel:
    query = Query(LATENCY, Figure.QUANTILE, by, where or {}, quantile=0.95)
    return BoardPanel(key, title, LENGTH, query, " ".join(f"{{{one}}}" for one in by))


def _rate(key: str, title: str, *by: str, where: dict[str, str] | None = None) -> BoardPanel:
    query = Query(REQUESTS, Figure.RATE, by, where or {})
    return BoardPanel(key, title, RATE, query, " ".join(f"{{{one}}}" for one in by))


def _count(key: str, title: str, metric: str, by: str, things: str) -> BoardPanel:
    """Both sides share one database and count the same: the higher of the two is as good."""
    query = Query(metric, Figure.VALUE, (by,), combine=Combine.MAX)
    return BoardPanel(key, title, Unit(things, "short"), query, f"{{{by}}}", step=True)


TIMELINE_HUB = Board(
    "timeline-hub",
    "Timeline hub",
    (
        _rate("requests", "Requests, by side", SIDE, where=_HUB),
        _p95("latency", "95th percentile of the answer time, by side", SIDE, where=_HUB),
        _rate("answers", "Answers, by status and side", "status", SIDE, where=_HUB),
        _count("items", "What the hub draws on", "fixnado_timeline_items", "source", "items"),
    ),
)
COMMERCE = Board(
    "commerce",
    "Commerce",
    (
        _rate("requests", "Requests, by route", "route", where=_COMMERCE),
        _p95("latency", "95th percentile of the answer time, by route", "route", where=_COMMERCE),
        _count("orders", "Orders, by status", "fixnado_orders", "status", "orders"),
        _count("rentals", "Rentals, by status", "fixnado_rentals", "status", "rentals"),
        _count("refunds", "Refund cases, by status", "fixnado_refund_cases", "status", "cases"),
        _rate("answers", "Answers, by status and side", "status", SIDE, where=_COMMERCE),
    ),
)
INFRASTRUCTURE = Board(
    "infrastructure",
    "Infrastructure",
    (
        _rate("traffic", "Who answers: requests, by side", SIDE),
        _p95("latency", "95th percentile of the answer time, by side", SIDE),
        _rate("answers", "Answers, by status and side", "status", SIDE),
        BoardPanel(
            "readiness",
            "Readiness: the worst component of a side",
            Unit("0 error · 0.5 initialising · 1 ready", "short"),
            Query(READINESS, by=(SIDE,), combine=Combine.MIN),
            "{instance}",
            step=True,
            most=1.0,
        ),
        BoardPanel(
            "processor",
            "Processor time, by side",
            SHARE,
            Query("process_cpu_seconds_total", Figure.RATE, (SIDE,)),
            "{instance}",
        ),
        BoardPanel(
            "memory",
            "Memory, by side",
            MEMORY,
            Query("process_resident_memory_bytes", by=(SIDE,), combine=Combine.MAX),
            "{instance}",
        ),
        BoardPanel(
            "up",
            "Answers its scrapes: 1, or 0",
            Unit("1 up · 0 down", "short"),
            Query("up", by=(SIDE,), combine=Combine.MIN),
            "{instance}",
            step=True,
            most=1.0,
        ),
    ),
)
BOARDS = (TIMELINE_HUB, COMMERCE, INFRASTRUCTURE)
