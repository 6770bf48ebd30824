"""Clocks of each law against dates that were worked out by hand, and against simple invariants."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixnado.compliance.errors import BadExtension
from fixnado.compliance.model.clock import REGIMES, Regime, regime
from fixnado.platform import calendar

moments = st.integers(0, 30 * 365 * 24 * 60).map(
    lambda minutes: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
regimes = st.sampled_from(sorted(REGIMES.values(), key=lambda one: one.code))


def _noon(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)


def _day(law: Regime, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(law.zone)).date()


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2024-05-30", "2024-07-01"),  # 30 June is a Sunday
        ("2024-01-31", "2024-02-29"),  # no 31 February, and 2024 is a leap year
        ("2023-01-31", "2023-02-28"),
        ("2024-02-29", "2024-04-02"),  # 29 March is Good Friday, then Easter Monday
        ("2023-11-25", "2023-12-27"),  # Christmas and Boxing Day
        ("2021-11-25", "2021-12-29"),  # both on the weekend, substitutes on 27 and 28
        ("2022-08-19", "2022-09-20"),  # the funeral of Elizabeth II
        ("2024-12-31", "2025-01-31"),
    ],
)
def test_one_month_under_uk_gdpr(received: str, due: str) -> None:
    law = regime("GB")
    assert _day(law, law.due(_noon(received))) == date.fromisoformat(due)


def test_the_day_of_receipt_is_the_day_where_the_law_applies() -> None:
    late = datetime(2024, 6, 3, 23, 30, tzinfo=UTC)  # already the 4th in London
    law = regime("GB")
    assert _day(law, law.due(late)) == date(2024, 7, 4)
    assert law.due(late) == datetime(2024, 7, 4, 22, 59, 59, tzinfo=UTC)


def test_ccpa_counts_45_calendar_days_and_confirms_in_ten_working_days() -> None:
    law = regime("US-CA")
    received = _noon("2024-06-24")
    assert _day(law, law.due(received)) == date(2024, 8, 8)
    assert _day(law, law.longest(received)) == date(2024, 9, 22)  # a Sunday counts
    confirm = law.confirm_by(received)
    assert confirm is not None
    assert _day(law, confirm) == date(2024, 7, 9)  # 4 July is none of the ten
    assert regime("GB").confirm_by(received) is None


def test_an_unknown_region_gets_the_law_of_the_marketplace() -> None:
    assert regime("FR") is regime("GB")


def test_extensions_stay_within_the_law_and_are_told_in_time() -> None:
    law = regime("GB")
    received = _noon("2024-05-30")
    soon = received + timedelta(days=5)
    limit = law.longest(received)
    assert _day(law, limit) == date(2024, 8, 30)
    assert law.extended(received, soon, limit) == limit
    for now, wanted in (
        (soon, limit + timedelta(seconds=1)),
        (soon, law.due(received)),
        (law.due(received) + timedelta(seconds=1), limit),
    ):
        with pytest.raises(BadExtension):
            law.extended(received, now, wanted)


@given(regimes, moments)
def test_a_due_date_is_later_than_receipt_and_earlier_than_the_longest(
    law: Regime, received: datetime
) -> None:
    due, longest = law.due(received), law.longest(received)
    assert received + timedelta(days=27) < due < longest
    assert due < received + timedelta(days=60)
    if law.months:
        assert calendar.working(law.holidays, _day(law, due))


@given(moments, moments)
def test_who_asks_later_is_due_no_earlier(one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    for law in REGIMES.values():
        assert law.due(earlier) <= law.due(later)


@pytest.mark.parametrize(
    ("year", "sunday"),
    [
        (1961, date(1961, 4, 2)),
        (2000, date(2000, 4, 23)),
        (2008, date(2008, 3, 23)),
        (2019, date(2019, 4, 21)),
        (2024, date(2024, 3, 31)),
        (2025, date(2025, 4, 20)),
        (2026, date(2026, 4, 5)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_easter(year: int, sunday: date) -> None:
    assert calendar.easter(year) == sunday


def test_published_holidays_of_a_year() -> None:
    def days(place: str, year: int) -> list[str]:
        return [f"{day:%m-%d}" for day in sorted(calendar.holidays(place, year))]

    # as the governments list them
    assert days("GB", 2026) == [
        *("01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"),
    ]
    assert days("GB", 2022) == [
        *("01-03", "04-15", "04-18", "05-02", "06-02", "06-03", "08-29", "09-19", "12-26"),
        "12-27",
    ]
    assert days("US", 2022) == [
        *("01-17", "02-21", "05-30", "06-20", "07-04", "09-05", "10-10", "11-11", "11-24"),
        "12-26",
    ]
    assert days("US", 2021)[-1] == "12-31"  # New Year's Day 2022 is a Saturday
    assert days("IE", 2024) == [
        *("01-01", "02-05", "03-17", "04-01", "05-06", "06-03", "08-05", "10-28", "12-25"),
        "12-26",
    ]
    assert days("DE", 2024) == [
        *("01-01", "03-29", "04-01", "05-01", "05-09", "05-20", "10-03", "12-25", "12-26"),
    ]
