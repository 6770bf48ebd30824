"""Hours without people, against a model that looks at every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drills.surge.rota import DAY_END, Columns, Shift, gaps, read, slots

LONDON = ZoneInfo("Europe/London")
COLUMNS = Columns(1, 2, 3, 1, ",")
FIRST = date(2024, 5, 30)
MIDNIGHT = datetime(2024, 5, 29, 23, tzinfo=UTC)

SHIFTS = st.lists(
    st.builds(
        lambda start, length, person: Shift(
            MIDNIGHT + timedelta(minutes=15 * start),
            MIDNIGHT + timedelta(minutes=15 * (start + length)),
            person,
        ),
        st.integers(0, 2 * 96),
        st.integers(1, 60),
        st.sampled_from("ABC"),
    ),
    max_size=8,
)


@given(SHIFTS, st.integers(1, 3), st.integers(0, 12), st.integers(13, 24))
def test_the_gaps_are_those_of_a_minute_by_minute_look(
    shifts: list[Shift], agents: int, begin: int, end: int
) -> None:
    window = (time(begin), DAY_END if end == 24 else time(end))
    found = gaps(shifts, first=FIRST, days=2, window=window, zone=LONDON, agents=agents)
    lost = {
        one.start + timedelta(hours=hour)
        for one in found
        for hour in range(int((one.end - one.start) / timedelta(hours=1)))
    }
    for start, stop in slots(FIRST, 2, window, LONDON):
        minutes = [
            start + timedelta(minutes=n) for n in range(int((stop - start).total_seconds() // 60))
        ]
        fewest = min(
            len({one.person for one in shifts if one.start <= at < one.end}) for at in minutes
        )
        assert (start in lost) == (fewest < agents)
    for left, right in pairwise(found):
        assert left.end < right.start, "hours on end are one gap"


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 5, 30), 24)],
)
def test_a_day_has_the_hours_that_it_has(day: date, hours: int) -> None:
    assert len(list(slots(day, 1, (time(0), DAY_END), LONDON))) == hours


def test_moments_with_an_offset_are_what_they_say() -> None:
    content = (
        b"\xef\xbb\xbfstart,end,person\n"
        b"2024-05-30T07:00,2024-05-30T08:00,A\n"
        b"\n"
        b"2024-05-30T07:00+00:00,2024-05-30T08:00Z,B\n"
    )
    table = read(content, COLUMNS, LONDON)
    assert table.unread == []
    assert [one.start.hour for one in table.shifts] == [6, 7]


@pytest.mark.parametrize(
    "line",
    [
        "2024-05-30T08:00,2024-05-30T07:00,A",
        "2024-05-30T07:00,2024-05-30T07:00,A",
        "2024-05-30T07:00,2024-05-30T08:00,",
        "2024-05-30T07:00,2024-05-30T08:00",
        "tomorrow,2024-05-30T08:00,A",
        "2024-02-30T07:00,2024-05-30T08:00,A",
    ],
)
def test_a_line_that_makes_no_sense_is_no_shift(line: str) -> None:
    table = read(f"h\n{line}\n".encode(), COLUMNS, LONDON)
    assert table.shifts == []
    assert len(table.unread) == 1
    assert table.unread[0].startswith("line 2: ")
