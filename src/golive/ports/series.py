"""Metrics over time: a question that every back end understands, and the lines that answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from golive.kernel.fidelity import Fidelity

REQUESTS = "fixnado_http_requests_total"
LATENCY = "fixnado_http_request_duration_seconds"
READINESS = "fixnado_readiness_status"
SIDE = "instance"
"""The label that tells the sides apart. Whoever scrapes sets it, not the service."""


class Figure(StrEnum):
    """What is made of a metric's samples."""

    VALUE = "value"
    """A gauge as it is."""
    RATE = "rate"
    """A counter's increase per second; a counter that fell has begun anew."""
    QUANTILE = "quantile"
    """Of a histogram: linear between the bounds of the bucket that it falls into."""


class Combine(StrEnum):
    """How series become one where `by` doesn't tell them apart."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Query:
    """One question. `metric` is a Prometheus name, of a histogram without `_bucket`."""

    metric: str
    figure: Figure = Figure.VALUE
    by: tuple[str, ...] = ()
    """Labels that the lines are told apart by; series that agree in them are combined."""
    where: Mapping[str, str] = field(default_factory=dict)
    """Label to a regular expression that its whole value must match."""
    combine: Combine = Combine.SUM
    quantile: float = 0.95
    over: float = 5.0
    """Seconds that a rate or quantile looks back over."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line: the labels of `Query.by`, and (seconds of the epoch, value) in order of time.

    A moment without a value is not there.
    """

    labels: Mapping[str, str]
    points: Sequence[tuple[float, float]]


class MetricSeries(Protocol):
    """Where metrics are kept over time."""

    fidelity: Fidelity

    @property
    def source(self) -> str:
        """What it is and where, for people: `Prometheus at https://…`."""
        ...

    def query(self, metric: Query, start: datetime, end: datetime, step: float) -> Sequence[Series]:
        """The lines from `start` to `end` (aware), a point each `step` seconds at most.

        None of them where nothing was kept. PortError where the back end can't say, or says only
        a part: a part would pass for the whole.
        """
        ...
