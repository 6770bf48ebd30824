"""The arithmetic of a chart: scales, ticks, flags and names that don't lie on each other. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

LETTER = 6.4
"""About how many pixels a letter of a chart's small print takes."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_FLAG_PX, _FLAG_ROWS, _APART_PX = 18.0, 2, 7.0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of seconds, `end` after `start`."""

    start: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Flag:
    """A number, or a run of them, over the uprights of events: `x` in pixels from the left, in the
    lower row (0) or the upper one."""

    x: float
    text: str
    times: tuple[float, ...]
    row: int = 0


def levels(values: Sequence[float], most: float | None = None) -> list[tuple[float, str]]:
    """Three to eight round levels that hold all values, from nought where none is below it."""
    low = min(0.0, min(values, default=0.0))
    high = most if most is not None else max(values, default=1.0)
    if high <= low:
        high = low + 1.0
    if most is None:
        high += (high - low) * 0.04
    step = _round_step((high - low) / 5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    digits += step * 10**digits % 1 > 1e-9
    return [(n * step, f"{n * step:,.{digits}f}") for n in range(first, last + 1)]


def _round_step(rough: float) -> float:
    """1, 2, 2.5 or 5 times a power of ten, at least `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= rough * (1 - 1e-9))


def ticks(span: Span, zone: tzinfo | None, most: int = 10) -> list[tuple[float, str]]:
    """Round moments, about `most` of them; of the day where there is a zone, else seconds."""
    if zone is None and span.length < most:
        step = _round_step(span.length / most)
    else:
        step = next((float(s) for s in _STEPS if span.length / s <= most), span.length / most)
    if zone is None:
        first, digits = math.ceil(span.start / step - 1e-9), max(0, -math.floor(math.log10(step)))
        count = math.floor((span.end - first * step) / step + 1e-9)
        found = [(first + n) * step for n in range(count + 1)]
        return [(at, f"{at:,.{digits}f}") for at in found]
    shape = "%H:%M" if step >= 60 else "%H:%M:%S"
    return [(at, datetime.fromtimestamp(at, zone).strftime(shape)) for at in _day(span, step, zone)]


def _day(span: Span, step: float, zone: tzinfo) -> list[float]:
    """Moments on round times of the zone's own day."""
    begin = datetime.fromtimestamp(span.start, zone)
    offset = (begin.utcoffset() or timedelta()).total_seconds()
    first = math.ceil((span.start + offset) / step - 1e-9) * step - offset
    count = math.floor((span.end - first) / step + 1e-9)
    return [first + n * step for n in range(count + 1)]


def moment(at: float, span: Span, zone: tzinfo | None) -> str:
    """A moment for the key: `09:31:02`, or `12.3 s`, as fine as the span needs."""
    if zone is None:
        return f"{at:,.1f} s" if span.length < 600 else f"{at:,.0f} s"
    when = datetime.fromtimestamp(at, zone)
    if span.length < 120:
        return f"{when:%H:%M:%S}.{when.microsecond // 100_000}"
    return f"{when:%H:%M:%S}"


def flags(times: Sequence[float], span: Span, width_px: float) -> list[Flag]:
    """Numbered flags in two rows for the events inside the span. Events that can't be told apart
    share one (`3–5`), and so do those for whose flags there is no room."""
    inside = sorted(at for at in times if span.start <= at <= span.end)
    places = [(at - span.start) / span.length * width_px for at in inside]
    groups: list[list[int]] = []
    for index, place in enumerate(places):
        if groups and place - places[groups[-1][-1]] < _APART_PX:
            groups[-1].append(index)
        else:
            groups.append([index])
    rows = _in_rows(groups, places)
    while None in rows:
        lost = rows.index(None)
        groups[lost - 1] += groups.pop(lost)
        rows = _in_rows(groups, places)
    return [
        Flag(_middle(group, places), _numbers(group), tuple(inside[i] for i in group), row or 0)
        for group, row in zip(groups, rows, strict=True)
    ]


def _in_rows(groups: Sequence[list[int]], places: Sequence[float]) -> list[int | None]:
    """The lowest row in which each flag touches no other; None where there is none."""
    taken = [-math.inf] * _FLAG_ROWS
    rows: list[int | None] = []
    for group in groups:
        half, middle = _flag_width(group) / 2, _middle(group, places)
        row = next((n for n, end in enumerate(taken) if middle - half >= end), None)
        rows.append(row)
        if row is not None:
            taken[row] = middle + half
    return rows


def _flag_width(group: list[int]) -> float:
    return _FLAG_PX + LETTER * (len(_numbers(group)) - 1)


def _middle(group: list[int], places: Sequence[float]) -> float:
    return (places[group[0]] + places[group[-1]]) / 2


def _numbers(group: list[int]) -> str:
    first, last = group[0] + 1, group[-1] + 1
    return str(first) if first == last else f"{first}–{last}"


def spread(wanted: Sequence[float], gap: float, height: float) -> list[float]:
    """Places as near as can be to the wanted ones, in their order, `gap` apart and inside
    `height` where there is room; evenly where there is not."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    if gap * max(len(order) - 1, 0) > height:
        gap = height / (len(order) - 1)
    placed: list[float] = []
    for index in order:
        at = min(max(wanted[index], 0.0), height)
        placed.append(max(at, placed[-1] + gap) if placed else at)
    limit = height
    for rank in reversed(range(len(placed))):
        placed[rank] = min(placed[rank], limit)
        limit = placed[rank] - gap
    result = [0.0] * len(order)
    for rank, index in enumerate(order):
        result[index] = placed[rank]
    return result


def rows(texts: Sequence[str], width_px: float) -> list[list[tuple[float, str]]]:
    """Texts in as many equal columns as fit, read downwards: rows of (pixels from left, text)."""
    if not texts:
        return []
    widest = max(len(text) for text in texts) * LETTER + 26
    columns = max(1, min(len(texts), int(width_px // widest)))
    high = math.ceil(len(texts) / columns)
    return [
        [(column * widest, texts[at]) for column, at in enumerate(range(row, len(texts), high))]
        for row in range(high)
    ]
