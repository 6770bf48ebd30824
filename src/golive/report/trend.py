"""Many rehearsals: what each came to, and how what was measured has moved. A page of its own, or a
section of the report on one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from golive.evidence.day import Day
from golive.evidence.diff import Trend
from golive.kernel.text import clean
from golive.report import drawing, trend_chart
from golive.report.wording import VERDICTS, Badge

_WIDE, _HIGH, _EDGE = 160.0, 32.0, 4.0


@dataclass(frozen=True)
class _Row:
    day: Day
    badge: Badge
    here: bool


@dataclass(frozen=True)
class _Measure:
    name: str
    unit: str
    figures: Sequence[float | None]
    line: Markup


def render_trend(trend: Trend) -> bytes:
    """The page, as UTF-8: one file, no script. The same trend gives the same bytes."""
    html = _rendered(
        "trend.html",
        style=Markup(_text("style.css")),  # noqa: S704  (our own file, not anybody's words)
        count=len(trend.days),
        section=section(trend),
    )
    return (html.rstrip() + "\n").encode("utf-8", "replace")


def section(trend: Trend, *, level: int = 2, here: str = "") -> Markup:
    """Chart, tables and what was left out, with headings of `level`; `here` is the digest of the
    seal whose report it stands in."""
    rows = [
        _Row(day, VERDICTS.get(day.verdict, _UNKNOWN), bool(here) and day.digest == here)
        for day in trend.days
    ]
    times = [day.seconds for day in trend.days]
    measures = [_Measure("all drills together", "s", times, _line("all drills", "s", times))]
    measures += [
        _Measure(name, unit, values, _line(name, unit, values))
        for name, (unit, values) in trend.measures().items()
    ]
    bars = [trend_chart.Bar(number, row.day.seconds, row.badge, row.here)
            for number, row in enumerate(rows, start=1)]  # fmt: skip
    html = _rendered(
        "trend_section.html",
        level=level,
        rows=rows,
        measures=measures,
        unreadable=trend.unreadable,
        left_off=max(0, len(bars) - trend_chart.MOST),
        narrow=trend_chart.draw(bars, trend_chart.NARROW, "narrow"),
        wide=trend_chart.draw(bars, trend_chart.WIDE, "wide"),
    )
    return Markup(html)  # noqa: S704  (what our own template made, every word in it escaped)


_UNKNOWN = Badge("open", "…", "unknown")


def _line(name: str, unit: str, values: Sequence[float | None]) -> Markup:
    """A line from the first value to the last, with its words for who doesn't see it."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return Markup()
    low, high = min(value for _, value in known), max(value for _, value in known)
    across, up = _WIDE - 2 * _EDGE, _HIGH - 2 * _EDGE
    points = [
        (
            _EDGE + across * place / max(1, len(values) - 1),
            _HIGH - _EDGE - (up * (value - low) / (high - low) if high > low else up / 2),
        )
        for place, value in known
    ]
    label = f"{name}: from {known[0][1]:g} to {known[-1][1]:g} {unit}, {low:g} to {high:g} between"
    parts = [drawing.path(points, "trend"), drawing.dot(points[-1], 2.5, "spot")]
    return drawing.image(parts, _WIDE, _HIGH, label, "spark")


def _rendered(template: str, **values: Any) -> str:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda found: found if isinstance(found, Markup) else clean(found),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(_text(template)).render(**values)


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
