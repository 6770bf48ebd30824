"""Charts for the vault: lines over time with the day's events marked, as PNG bytes.

The same figures give the same bytes: no date, no version and no setting of the machine gets in.
A line is told from another by its colour, its dashes **and** its marker, and is named where it
ends. An event is a numbered upright, its name in the key below; events too close to be told apart
share one flag. Where there is nothing to draw, the picture says so.

matplotlib is imported when something is drawn, and used without `pyplot`, which keeps figures in
global state.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from golive.drillkit import chart_scale
from golive.drillkit.chart_paint import Box, paint
from golive.drillkit.chart_parts import DPI, FAINT, PRINT, Axis, Band, Line, Mark, Panel, Point
from golive.drillkit.chart_scale import Flag, Span

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Axis", "Band", "Line", "Mark", "Panel", "Point", "line_chart", "panels", "sheet"]

_LEFT, _BETWEEN, _TITLE_PX, _KEY_ROW_PX = 74, 22, 58, 19
_ABOVE, _BELOW = 58, 44


def line_chart(
    title: str,
    series: Sequence[Line],
    marks: Sequence[Mark] = (),
    *,
    x_label: str = "seconds",
    y_label: str,
    width_px: int = 1200,
    height_px: int = 600,
    bands: Sequence[Band] = (),
    zone: tzinfo | None = None,
    note: str = "",
) -> bytes:
    """One picture of lines over time, as PNG bytes."""
    panel = Panel("", series, y_label, bands)
    return panels(
        title,
        [panel],
        marks,
        axis=Axis(x_label, zone),
        note=note,
        width_px=width_px,
        height_px=height_px,
    )


def panels(
    title: str,
    parts: Sequence[Panel],
    marks: Sequence[Mark] = (),
    *,
    axis: Axis | None = None,
    columns: int = 1,
    note: str = "",
    width_px: int = 1200,
    height_px: int | None = None,
) -> bytes:
    """Several pictures over the same time in `columns`, the marks through all of them.

    `note` is a line under the title: whence the figures, and how real. The height follows from the
    panels where none is given. Raises ValueError without a panel.
    """
    if not parts:
        raise ValueError("a chart needs a panel")
    axis = axis or Axis()
    span = _span(parts, marks, axis)
    width = (width_px - _BETWEEN) // columns
    right = _label_room(parts)
    inner = max(width - _LEFT - right, 80)
    flags = chart_scale.flags([mark.at for mark in marks], span, inner)
    key = _key(marks, flags, span, axis)
    key_rows = chart_scale.rows(key, width_px - 2 * _BETWEEN)
    foot = len(key_rows) * _KEY_ROW_PX + 14
    rows = math.ceil(len(parts) / columns)
    head = _TITLE_PX if title or note else 8
    height = height_px or head + foot + rows * (210 + _ABOVE + _BELOW)
    each = (height - head - foot) // rows
    figure = _figure(width_px, height)
    _headings(figure, title, note, width_px, height)
    for index, part in enumerate(parts):
        left = _LEFT + (index % columns) * (width + _BETWEEN // 2)
        top = head + (index // columns) * each + _ABOVE
        box = Box(left, top, inner, max(each - _ABOVE - _BELOW, 40), right)
        paint(figure, box, part, span, flags, axis)
    _draw_key(figure, key_rows, width_px, height, foot)
    return _png(figure)


def sheet(title: str, pictures: Sequence[bytes], *, columns: int = 2, note: str = "") -> bytes:
    """Pictures of one size (PNG) side by side under a title. ValueError where there is none, or
    one that can't be read."""
    from matplotlib.image import imread

    if not pictures:
        raise ValueError("a sheet needs a picture")
    try:
        images = [imread(io.BytesIO(one), format="png") for one in pictures]
    except (OSError, SyntaxError) as error:  # what the PNG reader raises
        raise ValueError("a picture can't be read") from error
    wide = max(image.shape[1] for image in images)
    high = max(image.shape[0] for image in images)
    width = columns * wide
    height = _TITLE_PX + math.ceil(len(images) / columns) * high
    figure = _figure(width, height)
    _headings(figure, title, note, width, height)
    for index, image in enumerate(images):
        row = index // columns
        figure.figimage(
            image, xo=wide * (index % columns), yo=height - _TITLE_PX - (row + 1) * high
        )
    return _png(figure)


def _figure(width_px: int, height_px: int) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_px / DPI, height_px / DPI), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    figure.clear()  # its parts refer to each other: without this they stay for a while
    return out.getvalue()


def _span(parts: Sequence[Panel], marks: Sequence[Mark], axis: Axis) -> Span:
    times = [at for part in parts for line in part.series for at, _ in line.points]
    times += [mark.at for mark in marks]
    start = min(times, default=0.0) if axis.start is None else axis.start
    end = max(times, default=start) if axis.end is None else axis.end
    return Span(start, end if end > start else start + 1.0)


def _label_room(parts: Sequence[Panel]) -> int:
    """Pixels right of the axes that the longest name of a line takes."""
    longest = max((len(line.label) for part in parts for line in part.series), default=0)
    return 58 + round(min(longest, 34) * chart_scale.LETTER)


def _headings(figure: Figure, title: str, note: str, width: int, height: int) -> None:
    x = 18 / width
    figure.text(x, 1 - 12 / height, title, va="top", **PRINT | {"size": 14, "weight": "bold"})
    figure.text(x, 1 - 37 / height, note, va="top", **PRINT | {"size": 9, "color": FAINT})


def _key(marks: Sequence[Mark], flags: Sequence[Flag], span: Span, axis: Axis) -> list[str]:
    """`1 09:31:02 BeforeInstall`, in time's order; only marks inside the span have a flag."""
    inside = sorted((m for m in marks if span.start <= m.at <= span.end), key=lambda m: m.at)
    count = sum(len(flag.times) for flag in flags)
    return [
        f"{number} · {chart_scale.moment(mark.at, span, axis.zone)} {mark.label}"
        for number, mark in enumerate(inside[:count], start=1)
    ]


def _draw_key(
    figure: Figure, rows: Sequence[Sequence[tuple[float, str]]], width: int, height: int, foot: int
) -> None:
    for index, row in enumerate(rows):
        y = (foot - 4 - index * _KEY_ROW_PX) / height
        for x, text in row:
            figure.text((18 + x) / width, y, text, va="top", **PRINT)
