"""Rehearsals side by side: how long each took, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from golive.report import drawing
from golive.report.wording import Badge

NARROW, WIDE = 340.0, 760.0
MOST = 40
"""Bars that fit; the newest are shown."""
_TOP, _HIGH, _FOOT = 22.0, 110.0, 20.0
_LETTERS = {NARROW: 12, WIDE: 30}
"""Bars under which each number has room."""


@dataclass(frozen=True)
class Bar:
    number: int
    seconds: float
    badge: Badge
    here: bool
    """Whether it is the rehearsal that the page is about."""


def draw(bars: Sequence[Bar], wide: float, kind: str) -> Markup:
    """One bar a rehearsal, as high as it took long, under the mark of its verdict."""
    shown = bars[-MOST:]
    longest = max((one.seconds for one in shown), default=0.0)
    told = ", ".join(f"{one.number}: {one.badge.word}, {one.seconds:.1f} s" for one in shown)
    label = f"Each rehearsal's verdict and time, oldest first: {told or 'none'}"
    parts = [drawing.line((0, _TOP + _HIGH), (wide, _TOP + _HIGH), "grid")]
    parts += _bars(shown, longest or 1.0, wide)
    return drawing.image(parts, wide, _TOP + _HIGH + _FOOT, label, kind)


def _bars(shown: Sequence[Bar], longest: float, wide: float) -> Iterator[Markup]:
    step = wide / max(len(shown), 4)
    every = -(-len(shown) // _LETTERS[wide])
    for place, one in enumerate(shown):
        high = max(2.0, _HIGH * one.seconds / longest)
        left, middle = step * place + step * 0.15, step * (place + 0.5)
        top = _TOP + _HIGH - high
        yield drawing.box((left, top), step * 0.7, high, f"day {one.badge.kind}")
        yield drawing.words((middle, top - 6), one.badge.mark, "tick", "middle")
        if one.here or place % every == 0:
            words = f"{one.number}" if not one.here else f"({one.number})"
            yield drawing.words((middle, _TOP + _HIGH + 15), words, "tick", "middle")
