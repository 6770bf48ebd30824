"""Plan, overlaps and forecast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.playbook.model import Playbook
from golive.playbook.parse import parse
from golive.playbook.schedule import Actual, forecast, overlaps, plan

LONDON = ZoneInfo("Europe/London")


def book(*times: str, day: str = "2024-05-30", zone: str = "Europe/London") -> Playbook:
    rows = "".join(f"|{time}|row {index}|Ops|\n" for index, time in enumerate(times))
    front = f"---\ngolive: 1\ndate: {day}\ntimezone: {zone}\n---\n"
    text = f"{front}# A\n|Time|Activity|Owner|\n|-|-|-|\n"
    playbook = parse((text + rows).encode(), "a.md").playbook
    assert playbook is not None
    return playbook


def at(hour: int, minute: int = 0, day: int = 30) -> datetime:
    return datetime(2024, 5, day, hour, minute, tzinfo=LONDON)


def test_a_row_lasts_until_the_next_later_start() -> None:
    slots = plan(book("09:00", "14:30", "14:30–15:00", "16:00"))
    assert [(slot.start, slot.end) for slot in slots] == [
        (at(9), at(14, 30)),
        (at(14, 30), at(16)),
        (at(14, 30), at(15)),
        (at(16), None),
    ]
    assert str(slots[0].start) == "2024-05-30 09:00:00+01:00"


def test_the_next_day_and_no_time_at_all() -> None:
    slots = plan(book("22:00–02:00+1", "later", "03:00+1"))
    assert [(slot.start, slot.end) for slot in slots] == [
        (at(22), at(2, day=31)),
        (None, None),
        (at(3, day=31), None),
    ]


def test_offsets_need_the_cutover() -> None:
    relative = book("T-60m", "T0–T+1h")
    assert [slot.start for slot in plan(relative)] == [None, None]
    t0 = datetime(2024, 5, 30, 12, tzinfo=UTC)
    slots = plan(relative, t0=t0)
    assert [slot.start for slot in slots] == [t0 - timedelta(hours=1), t0]
    assert slots[1].end == t0 + timedelta(hours=1)
    assert str(slots[0].start) == "2024-05-30 12:00:00+01:00"
    with pytest.raises(ValueError, match="time zone"):
        plan(relative, t0=datetime(2024, 5, 30))  # noqa: DTZ001


def test_without_a_day_there_are_no_moments() -> None:
    playbook = parse(b"# A\n|Time|Activity|\n|-|-|\n|09:00|a|\n", "a.md").playbook
    assert playbook is not None
    assert [(slot.start, slot.end) for slot in plan(playbook)] == [(None, None)]


def test_when_clocks_go_forward_an_hour_is_missing() -> None:
    slots = plan(book("00:30", "01:30", "02:30", day="2024-03-31"))
    starts = [slot.start for slot in slots]
    assert [str(start) for start in starts] == [
        "2024-03-31 00:30:00+00:00",
        "2024-03-31 02:30:00+01:00",
        "2024-03-31 02:30:00+01:00",
    ]
    told = forecast(slots, {}, datetime(2024, 3, 31, 0, 30, tzinfo=UTC))
    assert told[0].end == datetime(2024, 3, 31, 1, 30, tzinfo=UTC), "an hour, not two"


def test_overlaps() -> None:
    slots = plan(book("09:00–12:00", "10:00–10:30", "11:00", "13:00", "13:00"))
    pairs = [(a.activity.id, b.activity.id) for a, b in overlaps(slots)]
    assert pairs == [("row-1", "row-2"), ("row-1", "row-3"), ("row-4", "row-5")]
    assert overlaps(plan(book("09:00", "10:00", "11:00"))) == ()


def test_the_forecast_carries_lateness_on() -> None:
    slots = plan(book("09:00–09:30", "09:30–10:00", "12:00–13:00"))
    told = forecast(slots, {"row-1": Actual(at(9, 10), at(9, 50))}, at(9, 50))
    assert [(one.start, one.end) for one in told] == [
        (at(9, 10), at(9, 50)),
        (at(9, 50), at(10, 20)),
        (at(12), at(13)),
    ]
    assert [one.late for one in told] == [
        timedelta(minutes=10),
        timedelta(minutes=20),
        timedelta(),
    ]


def test_a_row_over_its_time_ends_now() -> None:
    slots = plan(book("09:00–09:30", "09:30–10:00"))
    told = forecast(slots, {"row-1": Actual(at(9))}, at(9, 45))
    assert (told[0].end, told[1].start) == (at(9, 45), at(9, 45))


def test_back_to_back_does_not_wait() -> None:
    slots = plan(book("09:00–09:30", "12:00–13:00"))
    told = forecast(slots, {}, at(8), back_to_back=True)
    assert [(one.start, one.end) for one in told] == [(at(8), at(8, 30)), (at(8, 30), at(9, 30))]
    assert told[0].late == -timedelta(hours=1)


@given(st.lists(st.integers(0, 23 * 60 + 59), min_size=1, max_size=8), st.integers(0, 1440))
def test_rows_never_overlap_in_a_forecast(minutes: list[int], now: int) -> None:
    slots = plan(book(*(f"{one // 60:02d}:{one % 60:02d}" for one in sorted(minutes))))
    told = forecast(slots, {}, at(0) + timedelta(minutes=now))
    for before, after in pairwise(told):
        assert before.end is not None and after.start is not None
        assert before.start is not None and before.start <= before.end <= after.start
