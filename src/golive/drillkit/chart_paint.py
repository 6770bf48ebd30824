"""Paints one panel: its frame, its events, its lines and their names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from golive.drillkit import chart_scale
from golive.drillkit.chart_parts import (
    COLOURS,
    DASHES,
    DPI,
    FAINT,
    INK,
    MARKERS,
    PRINT,
    RULE,
    SHADE,
    Axis,
    Band,
    Line,
    Panel,
)
from golive.drillkit.chart_scale import Flag, Span

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Box:
    """Where a panel's axes lie, in pixels from the top left; `right` is the room for its names."""

    left: int
    top: int
    width: int
    height: int
    right: int


def paint(
    figure: Figure, box: Box, part: Panel, span: Span, flags: Sequence[Flag], axis: Axis
) -> None:
    width, height = (float(side) * DPI for side in figure.get_size_inches())
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
            **PRINT | {"size": 15, "color": FAINT},
            bbox={"facecolor": "white", "edgecolor": RULE, "pad": 8},
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
    axes.tick_params(length=3, color=RULE, labelcolor=FAINT, labelsize=8.5, width=0.8)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontfamily("DejaVu Sans")
    axes.grid(visible=True, axis="y", color=RULE, linewidth=0.7, linestyle="-")
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    style = PRINT | {"color": FAINT}
    axes.set_xlabel(axis.label, labelpad=2, **style)
    axes.set_ylabel(part.y_label, labelpad=4, **style)
    if part.title:
        axes.annotate(
            part.title,
            (0, 1),
            xytext=(0, 28),
            xycoords="axes fraction",
            textcoords="offset points",
            **PRINT | {"size": 10.5, "weight": "bold"},
        )


def _shade(axes: Axes, band: Band, span: Span) -> None:
    start, end = max(band.start, span.start), min(band.end, span.end)
    if end <= start:
        return
    axes.axvspan(start, end, facecolor=SHADE, edgecolor="none", zorder=0)
    axes.annotate(
        band.label,
        (start, 1),
        xytext=(3, -3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        va="top",
        **PRINT | {"size": 8, "color": FAINT},
    )


def _objective(axes: Axes, limit: float) -> None:
    axes.axhline(limit, color=INK, linewidth=1, linestyle=(0, (1, 2)), zorder=1.5)
    axes.annotate(
        f"objective {limit:g}",
        (0, limit),
        xytext=(3, 2),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        **PRINT | {"size": 8},
    )


def _uprights(axes: Axes, flags: Sequence[Flag], box: Box) -> None:
    """The marks: an upright each, one numbered flag for those too close to each other."""
    for flag in flags:
        for at in flag.times:
            axes.axvline(at, color=FAINT, linewidth=0.8, linestyle=(0, (3, 3)), zorder=1)
        axes.annotate(
            flag.text,
            (flag.x / box.width, 1),
            xytext=(0, 3 + 12 * flag.row),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            va="bottom",
            **PRINT | {"size": 7.5, "weight": "bold", "color": "white"},
            bbox={"boxstyle": "round,pad=0.25", "facecolor": INK, "edgecolor": "none"},
            annotation_clip=False,
        )


def _lines(axes: Axes, part: Panel, box: Box, levels: Sequence[tuple[float, str]]) -> None:
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
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": DASHES[index % len(DASHES)],
        "marker": MARKERS[index % len(MARKERS)],
        "markersize": 4.5,
        "linewidth": 1.7,
    }


def _name(axes: Axes, label: str, index: int, end: tuple[float, float], y: float, box: Box) -> None:
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
        arrowprops={"arrowstyle": "-", "color": RULE, "lw": 0.8, "shrinkA": 0, "shrinkB": 0},
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
        **PRINT,
    )
