"""Charts as pictures: the same bytes, nothing of the machine, every line told from every other."""

from __future__ import annotations

import io
import itertools
import math
import struct
import subprocess
import sys
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from matplotlib.image import imread

from golive.drillkit import chart
from golive.drillkit.chart_parts import COLOURS, DASHES, MARKERS

LINES = [
    chart.Line("blue", [(t, 100.0 - t) for t in range(60)], step=True),
    chart.Line("green", [(t, None if 20 < t < 30 else float(t)) for t in range(60)]),
]
MARKS = [chart.Mark(5, "AllowTraffic"), chart.Mark(5.1, "10 %"), chart.Mark(40, "abort")]


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def drawn() -> bytes:
    return chart.line_chart("Cutover", LINES, MARKS, y_label="requests a second", note="local")


def test_the_same_figures_are_the_same_bytes_of_the_size_asked_for() -> None:
    first = drawn()
    assert first == drawn()
    header = dict(chunks(first))[b"IHDR"]
    assert struct.unpack(">II", header[:8]) == (1200, 600)
    assert {kind for kind, _ in chunks(first)} <= {b"IHDR", b"pHYs", b"IDAT", b"IEND"}


def test_other_figures_are_another_picture() -> None:
    other = [chart.Line("blue", [(t, 50.0) for t in range(60)]), LINES[1]]
    assert chart.line_chart("Cutover", other, MARKS, y_label="requests a second") != drawn()


def test_no_global_state_is_touched() -> None:
    code = (
        "import sys; from golive.drillkit import chart; assert 'matplotlib' not in sys.modules;"
        "chart.line_chart('t', [chart.Line('a', [(0, 1.0), (1, 2.0)])], y_label='n');"
        "assert 'matplotlib' in sys.modules; assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_lines_differ_in_more_than_their_colour() -> None:
    looks = [
        (DASHES[n % len(DASHES)], MARKERS[n % len(MARKERS)], COLOURS[n % len(COLOURS)])
        for n in range(24)
    ]
    assert len({(dash, marker) for dash, marker, _ in looks}) == len(looks)
    assert all(a[2] != b[2] for a, b in itertools.pairwise(looks))


@pytest.mark.parametrize(
    "points",
    [
        [],
        [(0.0, None)],
        [(0.0, math.nan), (1.0, math.inf)],
        [(3.0, 1.0)],
        [(0.0, -5.0), (1.0, 1e12)],
        [(0.0, 0.0), (1.0, 0.0)],
    ],
)
def test_whatever_the_points_there_is_a_picture(points: list[chart.Point]) -> None:
    data = chart.line_chart("t", [chart.Line("a" * 60, points)], y_label="n")
    assert imread(io.BytesIO(data), format="png").shape[:2] == (600, 1200)


def test_panels_share_the_time_of_day_in_columns() -> None:
    start = 1_717_056_000.0
    moved = [
        chart.Line(one.label, [(start + t, y) for t, y in one.points], one.step) for one in LINES
    ]
    part = chart.Panel("Requests", moved, "requests a second", limit=80.0)
    empty = chart.Panel("Nothing", [], "share", bands=[chart.Band(start, start + 9, "both")])
    axis = chart.Axis("time of day", ZoneInfo("Europe/London"), start, start + 60)
    marks = [chart.Mark(start + one.at, one.label) for one in MARKS]
    data = chart.panels("Hub", [part, empty, part], marks, axis=axis, columns=2, width_px=900)
    assert imread(io.BytesIO(data), format="png").shape[1] == 900
    with pytest.raises(ValueError, match="panel"):
        chart.panels("Hub", [])


def test_a_sheet_lays_pictures_out_and_changes_none() -> None:
    one = chart.line_chart("a", LINES, y_label="n", width_px=300, height_px=200)
    sheet = imread(io.BytesIO(chart.sheet("All", [one, one, one])), format="png")
    assert sheet.shape[:2] == (58 + 400, 600)
    corner = imread(io.BytesIO(one), format="png")
    assert abs(sheet[58:258, :300, :3] - corner[:, :, :3]).max() < 0.01
    with pytest.raises(ValueError, match="can't be read"):
        chart.sheet("All", [b"<html>login</html>"])
