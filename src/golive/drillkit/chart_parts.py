"""What a chart is made of, and how it looks: see `golive.drillkit.chart`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

Point = tuple[float, float | None]
"""When (seconds) and how much. None is a gap: nothing was measured there."""

INK, FAINT, RULE, SHADE = "#1f2328", "#57606a", "#d0d7de", "#eef1f4"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#8a6d00", "#444444")
"""Okabe and Ito's, told apart by the colour-blind; their yellow is darkened for white paper."""
DASHES: tuple[str | tuple[int, tuple[int, ...]], ...] = (
    "solid",
    (0, (6, 2)),
    (0, (2, 2)),
    (0, (7, 2, 2, 2)),
    (0, (10, 3)),
    (0, (4, 2, 1, 2, 1, 2)),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
PRINT: dict[str, Any] = {"family": "DejaVu Sans", "size": 8.5, "color": INK}
"""matplotlib brings this face along, so every machine draws the same."""
DPI = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name and its points, earliest first. `step`: the value holds to the next."""

    label: str
    points: Sequence[Point]
    step: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """An event at one moment, in the same seconds as the points."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time that is shaded, such as the hour that traffic was on both sides."""

    start: float
    end: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One of several pictures over the same time. `most` fixes the top of its scale; `limit` draws
    a level that is an objective."""

    title: str
    series: Sequence[Line]
    y_label: str
    bands: Sequence[Band] = ()
    most: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """The time axis. Without `zone`, seconds as they are; with it the points are seconds of the
    epoch and the axis shows that zone's time of day. `start` and `end` (seconds) fix its ends."""

    label: str = "seconds"
    zone: tzinfo | None = None
    start: float | None = None
    end: float | None = None
