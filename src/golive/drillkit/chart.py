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
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from golive.drillkit import chart_scale
from golive.drillkit.chart_scale import Flag, Span

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float | None]
"""When (seconds) and how much. None is a gap: nothing was measured there."""

_INK, _FAINT, _RULE, _BAND = "#1f2328", "#57606a", "#d0d7de", "#eef1f4"
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#8a6d00", "#444444")
"""Okabe and Ito's, told apart by the colour-blind; their yellow is darkened for white paper."""
_DASHES: tuple[str | tuple[int, tuple[int, ...]], ...] = (
    "solid",
    (0, (6, 2)),
    (0, (2, 2)),
    (0, (7, 2, 2, 2)),
    (0, (10, 3)),
    (0, (4, 2, 1, 2, 1, 2)),
)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_PRINT: dict[str, Any] = {"family": "DejaVu Sans", "size": 8.5, "color": _INK}
"""matplotlib brings this face along, so every machine draws the same."""
_DPI = 100
_LEFT, _BETWEEN, _TITLE_PX, _KEY_ROW_PX = 74, 22, 58, 19
_ABOVE, _BELOW = 40, 44


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
        box = _Box(left, top, inner, max(each - _ABOVE - _BELOW, 40), right)
        _panel(figure, box, part, span, flags, axis)
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


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a panel's axes lie, in pixels from the top left; `right` is the room for its names."""

    left: int
    top: int
    width: int
    height: int
    right: int


def _figure(width_px: int, height_px: int) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_px / _DPI, height_px / _DPI), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=_DPI, metadata={"Software": None})
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
    figure.text(x, 1 - 12 / height, title, va="top", **_PRINT | {"size": 14, "weight": "bold"})
    figure.text(x, 1 - 37 / height, note, va="top", **_PRINT | {"size": 9, "color": _FAINT})


def _panel(
    figure: Figure, box: _Box, part: Panel, span: Span, flags: Sequence[Flag], axis: Axis
) -> None:
    width, height = (float(side) * _DPI for side in figure.get_size_inches())
    axes = figure.add_axes(
        (
            box.left / width,
            1 - (box.top + box.height) / height,
            box.width / width,
            box.height / height,
        )
    )
    values = [value for line in part.series for _, value in line.points if value is not None]
    values = [value for value in values if math.isfinite(value)]
    levels = chart_scale.levels([*values, *([] if part.limit is None else [part.limit])], part.most)
    _frame(axes, part, chart_scale.ticks(span, axis.zone, max(2, box.width // 84)), levels, axis)
    axes.set_xlim(span.start, span.end)
    for band in part.bands:
        _shade(axes, band, span)
    if part.limit is not None:
        _objective(axes, part.limit)
    _uprights(axes, flags, box)
    if not values:
        axes.text(
            0.5,
            0.5,
            "no data",
            transform=axes.transAxes,
            ha="center",
            va="center",
            **_PRINT | {"size": 15, "color": _FAINT},
            bbox={"facecolor": "white", "edgecolor": _RULE, "pad": 8},
        )
        return
    _lines(axes, part, box, levels)


def _frame(
    axes: Axes,
    part: Panel,
    ticks: Sequence[tuple[float, str]],
    levels: Sequence[tuple[float, str]],
    axis: Axis,
) -> None:
    axes.set_ylim(levels[0][0], levels[-1][0])
    axes.set_xticks([at for at, _ in ticks], [text for _, text in ticks])
    axes.set_yticks([at for at, _ in levels], [text for _, text in levels])
    axes.tick_params(length=3, color=_RULE, labelcolor=_FAINT, labelsize=8.5, width=0.8)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontfamily("DejaVu Sans")
    axes.grid(visible=True, axis="y", color=_RULE, linewidth=0.7, linestyle="-")
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_RULE)
    style = _PRINT | {"color": _FAINT}
    axes.set_xlabel(axis.label, labelpad=2, **style)
    axes.set_ylabel(part.y_label, labelpad=4, **style)
    if part.title:
        axes.annotate(
            part.title,
            (0, 1),
            xytext=(0, 15),
            xycoords="axes fraction",
            textcoords="offset points",
            **_PRINT | {"size": 10.5, "weight": "bold"},
        )


def _shade(axes: Axes, band: Band, span: Span) -> None:
    start, end = max(band.start, span.start), min(band.end, span.end)
    if end <= start:
        return
    axes.axvspan(start, end, facecolor=_BAND, edgecolor="none", zorder=0)
    axes.annotate(
        band.label,
        (start, 1),
        xytext=(3, -3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        va="top",
        **_PRINT | {"size": 8, "color": _FAINT},
    )


def _objective(axes: Axes, limit: float) -> None:
    axes.axhline(limit, color=_INK, linewidth=1, linestyle=(0, (1, 2)), zorder=1.5)
    axes.annotate(
        f"objective {limit:g}",
        (0, limit),
        xytext=(3, 2),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        **_PRINT | {"size": 8},
    )


def _uprights(axes: Axes, flags: Sequence[Flag], box: _Box) -> None:
    """The marks: an upright each, one numbered flag for those too close to each other."""
    for flag in flags:
        for at in flag.times:
            axes.axvline(at, color=_FAINT, linewidth=0.8, linestyle=(0, (3, 3)), zorder=1)
        axes.annotate(
            flag.text,
            (flag.x / box.width, 1),
            xytext=(0, 3),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            va="bottom",
            **_PRINT | {"size": 7.5, "weight": "bold", "color": "white"},
            bbox={"boxstyle": "round,pad=0.25", "facecolor": _INK, "edgecolor": "none"},
            annotation_clip=False,
        )


def _lines(axes: Axes, part: Panel, box: _Box, levels: Sequence[tuple[float, str]]) -> None:
    low, high = levels[0][0], levels[-1][0]
    ends: list[tuple[float, float]] = []
    drawn: list[tuple[int, Line]] = []
    for index, line in enumerate(part.series):
        finite = [(x, y) for x, y in line.points if y is not None and math.isfinite(y)]
        if not finite:
            continue
        xs = [x for x, _ in line.points]
        ys = [y if y is not None and math.isfinite(y) else math.nan for _, y in line.points]
        axes.plot(
            xs,
            ys,
            **_look(index),
            markevery=max(1, len(xs) // 9),
            drawstyle="steps-post" if line.step else "default",
            zorder=3,
        )
        ends.append(finite[-1])
        drawn.append((index, line))
    wanted = [box.height * (1 - (y - low) / (high - low)) for _, y in ends]
    for (index, line), end, y in zip(
        drawn, ends, chart_scale.spread(wanted, 16.0, float(box.height)), strict=True
    ):
        _name(axes, line.label, index, end, y, box)


def _look(index: int) -> dict[str, Any]:
    return {
        "color": _COLOURS[index % len(_COLOURS)],
        "linestyle": _DASHES[index % len(_DASHES)],
        "marker": _MARKERS[index % len(_MARKERS)],
        "markersize": 4.5,
        "linewidth": 1.7,
    }


def _name(
    axes: Axes, label: str, index: int, end: tuple[float, float], y: float, box: _Box
) -> None:
    """The line's name right of the axes, a sample before it, a thin leader from its last point."""
    from matplotlib.lines import Line2D

    level = 1 - y / box.height
    first, last = 1 + 14 / box.width, 1 + 42 / box.width
    axes.annotate(
        "",
        end,
        xytext=(first, level),
        xycoords="data",
        textcoords="axes fraction",
        arrowprops={"arrowstyle": "-", "color": _RULE, "lw": 0.8, "shrinkA": 0, "shrinkB": 0},
        annotation_clip=False,
    )
    middle = (first + last) / 2
    axes.add_line(
        Line2D(
            [first, middle, last],
            [level, level, level],
            transform=axes.transAxes,
            clip_on=False,
            markevery=[1],
            **_look(index),
        )
    )
    text = label if len(label) <= 34 else f"{label[:33]}…"
    axes.text(
        last + 5 / box.width,
        level,
        text,
        transform=axes.transAxes,
        va="center",
        **_PRINT,
    )


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
            figure.text((18 + x) / width, y, text, va="top", **_PRINT)
