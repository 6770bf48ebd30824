"""The forecast follows the day: late rows push later ones, slack takes lateness up again."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

import cli_day as day
from golive.rehearsal.board import Board, fold
from golive.rehearsal.forecast import forecast

START = datetime.fromisoformat("2024-05-30T08:00:00+00:00")


def _board(plan: list[tuple[int, int]], clock: str = "schedule") -> Board:
    """Rows planned from and to so many minutes after START."""
    rows = []
    for number, (start, end) in enumerate(plan, 1):
        times = [(START + timedelta(minutes=one)).strftime("%H:%M") for one in (start, end)]
        rows.append(day.row(number, "row", "Lead", "-".join(times), []))
    return fold([day.started(clock=clock, rows=rows)])


def _at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def test_a_late_row_pushes_the_next_until_slack_takes_it_up() -> None:
    board = _board([(0, 30), (30, 60), (120, 150)])
    board.rows["row-1"].started = "2024-05-30T08:12:00Z"
    ahead = forecast(board, _at(15))
    assert ahead is not None
    assert ahead.rows["row-1"] == (_at(12), _at(42))
    assert ahead.rows["row-2"] == (_at(42), _at(72))
    assert ahead.rows["row-3"] == (_at(120), _at(150))
    assert ahead.late == timedelta()


def test_a_row_that_overruns_ends_now_at_the_earliest() -> None:
    board = _board([(0, 30), (30, 60)])
    board.rows["row-1"].started = "2024-05-30T08:00:00Z"
    ahead = forecast(board, _at(50))
    assert ahead is not None
    assert ahead.rows["row-2"] == (_at(50), _at(80))
    assert ahead.late == timedelta(minutes=20)


def test_nothing_is_forecast_without_a_schedule_or_without_times() -> None:
    assert forecast(_board([(0, 30)], clock="now"), _at(5)) is None
    timeless = fold([day.started(clock="schedule", rows=[day.row(1, "row", "Lead", "", [])])])
    assert forecast(timeless, _at(5)) is None
    assert forecast(Board(clock="schedule"), _at(5)) is None


def test_a_day_that_is_over_ended_when_it_did() -> None:
    board = _board([(0, 30)])
    board.rows["row-1"].started = "2024-05-30T08:00:00Z"
    board.rows["row-1"].ended = "2024-05-30T08:37:00Z"
    ahead = forecast(board, _at(600))
    assert ahead is not None
    assert (ahead.end, dict(ahead.rows)) == (_at(37), {})
    assert ahead.late == timedelta(minutes=7)


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=8),
    gaps=st.lists(st.integers(0, 60), min_size=8, max_size=8),
    now=st.integers(-60, 600),
)
def test_no_row_overlaps_the_next_or_starts_before_its_plan(
    lengths: list[int], gaps: list[int], now: int
) -> None:
    plan, free = [], 0
    for length, gap in zip(lengths, gaps, strict=False):
        plan.append((free + gap, free + gap + length))
        free += gap + length
    ahead = forecast(_board(plan), _at(now))
    assert ahead is not None
    expected = list(ahead.rows.values())
    for (start, end), (planned, _), length in zip(expected, plan, lengths, strict=True):
        assert start >= max(_at(planned), _at(now))
        assert end - start >= timedelta(minutes=length)
    for (_, end), (start, _) in pairwise(expected):
        assert end <= start
    assert ahead.end == expected[-1][1]
