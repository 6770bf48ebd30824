"""SVG by hand: numbers are rounded, texts escaped, colours are the page's own (by class)."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from golive.kernel.text import clean

Point = tuple[float, float]


def number(value: float) -> str:
    """At most one digit after the point, the same on every machine."""
    return f"{value:.1f}".removesuffix(".0")


def line(start: Point, end: Point, kind: str) -> Markup:
    x1, y1, x2, y2 = map(number, (*start, *end))
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, x1, y1, x2, y2)


def path(points: Sequence[Point], kind: str) -> Markup:
    """An open line through `points`; nothing without two of them."""
    if len(points) < 2:
        return Markup()
    steps = " L".join(f"{number(x)} {number(y)}" for x, y in points)
    return Markup('<path class="{}" d="M{}"/>').format(kind, steps)


def area(points: Sequence[Point], kind: str) -> Markup:
    steps = " L".join(f"{number(x)} {number(y)}" for x, y in points)
    return Markup('<path class="{}" d="M{} Z"/>').format(kind, steps) if points else Markup()


def box(corner: Point, wide: float, high: float, kind: str) -> Markup:
    x, y, width, height = map(number, (*corner, max(wide, 0.0), max(high, 0.0)))
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, x, y, width, height
    )


def dot(at: Point, radius: float, kind: str) -> Markup:
    x, y, r = map(number, (*at, radius))
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(kind, x, y, r)


def words(at: Point, text: object, kind: str = "", anchor: str = "start") -> Markup:
    x, y = map(number, at)
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, clean(text)
    )


def image(parts: Sequence[Markup], wide: float, high: float, label: str, kind: str) -> Markup:
    """The whole picture; `label` is what it shows, in a sentence."""
    return Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        kind, number(wide), number(high), clean(label), Markup().join(parts)
    )
