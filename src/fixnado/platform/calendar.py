"""Public holidays and working days, by rule, for the places where the marketplace works.

England and Wales: Banking and Financial Dealings Act 1971, Schedule 1, and the proclamations that
moved or added days. Ireland and Germany: the days that hold nationwide. The United States: 5 U.S.C.
6103. Computed for any year, so that no list runs out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)

_PROCLAIMED: Final = {
    2020: ({date(2020, 5, 4)}, {date(2020, 5, 8)}),
    2022: ({date(2022, 5, 30)}, {date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19)}),
    2023: (set[date](), {date(2023, 5, 8)}),
}
"""England and Wales: what was taken away and what was added in single years."""


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """The `number`-th `weekday` (Monday is 0) of a month; -1 is the last."""
    if number > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - _DAY
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def _substituted(days: tuple[date, ...]) -> set[date]:
    """Each day, or the next one that is free when it falls on a weekend."""
    found: set[date] = set()
    for day in days:
        moved = day
        while moved.weekday() >= _SATURDAY or moved in found:
            moved += _DAY
        found.add(moved)
    return found


def _england_and_wales(year: int) -> set[date]:
    sunday = easter(year)
    days = {
        *_substituted((date(year, 1, 1),)),
        sunday - 2 * _DAY,
        sunday + _DAY,
        nth(year, 5, 0, 1),
        nth(year, 5, 0, -1),
        nth(year, 8, 0, -1),
        *_substituted((date(year, 12, 25), date(year, 12, 26))),
    }
    removed, added = _PROCLAIMED.get(year, (set(), set()))
    return (days - removed) | added


def _ireland(year: int) -> set[date]:
    brigid = date(year, 2, 1)
    return {
        date(year, 1, 1),
        brigid if brigid.weekday() == 4 else nth(year, 2, 0, 1),
        date(year, 3, 17),
        easter(year) + _DAY,
        nth(year, 5, 0, 1),
        nth(year, 6, 0, 1),
        nth(year, 8, 0, 1),
        nth(year, 10, 0, -1),
        date(year, 12, 25),
        date(year, 12, 26),
    }


def _germany(year: int) -> set[date]:
    sunday = easter(year)
    return {
        date(year, 1, 1),
        sunday - 2 * _DAY,
        sunday + _DAY,
        date(year, 5, 1),
        sunday + 39 * _DAY,
        sunday + 50 * _DAY,
        date(year, 10, 3),
        date(year, 12, 25),
        date(year, 12, 26),
    }


def _united_states(year: int) -> set[date]:
    fixed = (date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11))
    observed = {_observed(day) for day in (*fixed, date(year, 12, 25), date(year + 1, 1, 1))}
    return {
        *(day for day in observed if day.year == year),
        nth(year, 1, 0, 3),
        nth(year, 2, 0, 3),
        nth(year, 5, 0, -1),
        nth(year, 9, 0, 1),
        nth(year, 10, 0, 2),
        nth(year, 11, 3, 4),
    }


def _observed(day: date) -> date:
    """Saturday's holiday is kept on Friday, Sunday's on Monday."""
    return {5: day - _DAY, 6: day + _DAY}.get(day.weekday(), day)


_HOLIDAYS: Final[dict[str, Callable[[int], set[date]]]] = {
    "GB": _england_and_wales,
    "IE": _ireland,
    "DE": _germany,
    "US": _united_states,
}


@lru_cache(maxsize=256)
def holidays(place: str, year: int) -> frozenset[date]:
    """The public holidays of `place` in `year`."""
    return frozenset(_HOLIDAYS[place](year))


def working(place: str, day: date) -> bool:
    return day.weekday() < _SATURDAY and day not in holidays(place, day.year)


def next_working(place: str, day: date) -> date:
    """`day` itself, or the first working day after it."""
    while not working(place, day):
        day += _DAY
    return day


def add_working(place: str, day: date, days: int) -> date:
    """The `days`-th working day after `day`."""
    while days:
        day = next_working(place, day + _DAY)
        days -= 1
    return day


def add_months(day: date, months: int) -> date:
    """The corresponding date, or the month's last day where there is none."""
    count = day.month - 1 + months
    year, month = day.year + count // 12, count % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - _DAY).day
    return date(year, month, min(day.day, last))
