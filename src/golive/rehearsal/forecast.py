"""When the rest of the day will be, from how it went so far. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.kernel.times import parse_rfc3339
from golive.rehearsal.board import Board, BoardRow


@dataclass(frozen=True)
class Forecast:
    rows: Mapping[str, tuple[datetime, datetime]]
    """Expected start and end of every row that is not over, by id."""
    end: datetime
    late: timedelta
    """How far the end is from the planned one; negative when early."""


def forecast(board: Board, now: datetime) -> Forecast | None:
    """None where there is nothing to forecast from: rows that run back to back take what they take,
    and a plan without times says nothing. A running row takes what it was planned to take, or as
    long as it has; a row starts when it is planned to, or when the one before it is over."""
    rows = list(board.rows.values())
    if board.clock != "schedule" or not rows:
        return None
    expected: dict[str, tuple[datetime, datetime]] = {}
    free = now
    for row in rows:
        if row.ended:
            continue
        planned = moment(row.plan_start)
        if planned is None:
            return None
        length = _planned_length(row)
        started = moment(row.started)
        start = started or max(planned, free)
        end = max(start + length, now)
        expected[row.id] = (start, end)
        free = end
    planned_end = moment(rows[-1].plan_end) or moment(rows[-1].plan_start)
    end = free if expected else moment(rows[-1].ended) or now
    return Forecast(expected, end, end - planned_end) if planned_end else None


def moment(text: str) -> datetime | None:
    """The moment that a journal's time names; None for ""."""
    return parse_rfc3339(text) if text else None


def _planned_length(row: BoardRow) -> timedelta:
    start, end = moment(row.plan_start), moment(row.plan_end)
    return end - start if start and end else timedelta()
