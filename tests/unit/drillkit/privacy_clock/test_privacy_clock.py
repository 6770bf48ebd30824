"""The law's clock against calendars that are on paper."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drillkit.privacy_clock import bank_holidays, corresponding, due_date, easter


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2024-05-30T12:00:00+00:00", "2024-07-01"),  # 30 June is a Sunday
        ("2024-01-31T12:00:00+00:00", "2024-02-29"),
        ("2023-01-31T12:00:00+00:00", "2023-02-28"),
        ("2023-11-25T12:00:00+00:00", "2023-12-27"),  # Christmas Day and Boxing Day
        ("2024-02-29T12:00:00+00:00", "2024-04-02"),  # Good Friday to Easter Monday
        ("2024-06-30T23:30:00+00:00", "2024-08-01"),  # already July in London
    ],
)
def test_one_month_in_the_united_kingdom(received: str, due: str) -> None:
    assert due_date("GB", datetime.fromisoformat(received)) == date.fromisoformat(due)


def test_a_proclaimed_holiday_moves_it() -> None:
    received = datetime(2022, 8, 19, 12, tzinfo=UTC)
    assert due_date("GB", received) == date(2022, 9, 19)
    assert due_date("GB", received, [date(2022, 9, 19)]) == date(2022, 9, 20)


def test_california_counts_days_in_its_own_zone() -> None:
    assert due_date("US-CA", datetime(2024, 1, 1, 5, tzinfo=UTC)) == date(2024, 2, 14)


def test_an_unknown_law_is_not_guessed_at() -> None:
    assert due_date("XX", datetime(2024, 1, 1, tzinfo=UTC)) is None


def test_holidays_as_published() -> None:
    published = ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]
    assert bank_holidays(2026) == {date.fromisoformat(f"2026-{day}") for day in published}


def test_easter_as_in_the_tables() -> None:
    known = {1961: "04-02", 2000: "04-23", 2008: "03-23", 2011: "04-24", 2024: "03-31"}
    known |= {2025: "04-20", 2027: "03-28", 2038: "04-25", 2049: "04-18", 2076: "04-19"}
    for year, day in known.items():
        assert easter(year) == date.fromisoformat(f"{year}-{day}")


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 24))
def test_a_corresponding_date_is_in_the_right_month(day: date, months: int) -> None:
    found = corresponding(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found + timedelta(days=1)).day == 1
    assert found.day <= day.day
