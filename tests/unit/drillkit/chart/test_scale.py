"""The arithmetic of charts, against properties that a reader of them relies on."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.drillkit.chart_scale import Span, flags, levels, moment, rows, spread, ticks

LONDON = ZoneInfo("Europe/London")
numbers = st.floats(-1e9, 1e9, allow_nan=False, allow_infinity=False)


@given(st.lists(numbers, max_size=20))
def test_levels_hold_every_value_and_rise_evenly(values: list[float]) -> None:
    found = levels(values)
    places = [at for at, _ in found]
    low, high = min([0.0, *values]), max(values, default=1.0)
    slack = (places[-1] - places[0]) * 1e-6
    assert places[0] <= low + slack and places[-1] >= high - slack
    assert 2 <= len(found) <= 12
    steps = [b - a for a, b in itertools.pairwise(places)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-6)
    assert len({text for _, text in found}) == len(found)


@settings(max_examples=60)
@given(st.floats(0.5, 200_000), st.floats(0, 2e9), st.booleans())
def test_ticks_are_inside_and_few(length: float, start: float, day: bool) -> None:
    span = Span(start, start + length)
    found = ticks(span, LONDON if day else None)
    assert all(span.start - 1e-6 <= at <= span.end + 1e-6 for at, _ in found)
    assert len(found) <= 12


def test_ticks_stand_on_the_zones_own_round_times() -> None:
    noon = datetime(2024, 5, 30, 12, 7, tzinfo=LONDON)
    span = Span(noon.timestamp(), noon.timestamp() + 3600)
    assert [text for _, text in ticks(span, LONDON)][:3] == ["12:10", "12:20", "12:30"]
    india = [text for _, text in ticks(span, ZoneInfo("Asia/Kolkata"))]
    assert india[0] == "16:40"


def test_a_moment_is_as_fine_as_the_span_needs() -> None:
    at = datetime(2024, 5, 30, 8, 0, 2, 340_000, tzinfo=UTC).timestamp()
    assert moment(at, Span(at, at + 60), LONDON) == "09:00:02.3"
    assert moment(at, Span(at, at + 600), LONDON) == "09:00:02"
    assert moment(12.34, Span(0, 60), None) == "12.3 s"


@given(st.lists(st.floats(-5, 65), max_size=40), st.integers(120, 1200))
def test_flags_name_every_event_inside_once_and_touch_nobody(
    times: list[float], width: int
) -> None:
    span = Span(0, 60)
    found = flags(times, span, width)
    inside = sorted(at for at in times if 0 <= at <= 60)
    assert [at for flag in found for at in flag.times] == inside
    numbered = []
    for flag in found:
        first, _, last = flag.text.partition("–")
        numbered += list(range(int(first), int(last or first) + 1))
    assert numbered == list(range(1, len(inside) + 1))
    for row in (0, 1):
        places = [flag.x for flag in found if flag.row == row]
        assert all(b - a >= 17 for a, b in itertools.pairwise(places))


@given(st.lists(st.floats(0, 300), min_size=1, max_size=12))
def test_names_keep_their_order_and_distance(wanted: list[float]) -> None:
    placed = spread(wanted, 16.0, 300.0)
    assert all(-1e-6 <= at <= 300 + 1e-6 for at in placed)
    ordered = sorted(placed)
    assert all(b - a >= 16 - 1e-6 for a, b in itertools.pairwise(ordered))
    pairs = [(w, p) for w, p in zip(wanted, placed, strict=True)]
    assert all(p1 <= p2 for w1, p1 in pairs for w2, p2 in pairs if w1 < w2)


def test_a_key_reads_downwards_and_loses_nothing() -> None:
    texts = [f"{n} · event" for n in range(7)]
    found = rows(texts, 400)
    assert sorted(text for row in found for _, text in row) == sorted(texts)
    assert [row[0][1] for row in found] == texts[: len(found)]
    assert rows([], 400) == []
