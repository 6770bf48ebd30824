"""Many rehearsals on one page: what each came to, and how what was measured has moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from golive.evidence.day import Day
from golive.evidence.diff import Trend
from golive.kernel.text import clean
from golive.report import drawing

_WIDE, _HIGH, _EDGE = 160.0, 32.0, 4.0
_BADGES = {"ready": ("good", "✔"), "not-ready": ("bad", "✘")}


@dataclass(frozen=True)
class _Row:
    day: Day
    kind: str
    mark: str


@dataclass(frozen=True)
class _Measure:
    name: str
    unit: str
    values: Sequence[float | None]
    line: Markup


def render_trend(trend: Trend) -> bytes:
    """The page, as UTF-8: one file, no script. The same trend gives the same bytes."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda found: found if isinstance(found, Markup) else clean(found),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    rows = [_Row(day, *_BADGES.get(day.verdict, ("open", "…"))) for day in trend.days]
    times = [day.seconds for day in trend.days]
    measures = [_Measure("all drills together", "s", times, _line("all drills", "s", times))]
    measures += [
        _Measure(name, unit, values, _line(name, unit, values))
        for name, (unit, values) in trend.measures().items()
    ]
    html = environment.from_string(_text("trend.html")).render(
        style=Markup(_text("style.css")),  # noqa: S704  (our own file, not anybody's words)
        rows=rows,
        measures=measures,
        unreadable=trend.unreadable,
    )
    return (html.rstrip() + "\n").encode("utf-8", "replace")


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
    parts = [drawing.path(points, "trend"), drawing.dot(points[-1], 2.5, "trend-end")]
    return drawing.image(parts, _WIDE, _HIGH, label, "spark")


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
