"""How long there is to answer a person's request, reckoned apart from the system under rehearsal.

UK GDPR Art. 12(3): one month from receipt, to the corresponding calendar date, or the month's last
day where there is none; to the next working day when that is a weekend or a public holiday (ICO,
"Time limits for responding to data protection rights requests"). CCPA: 45 calendar days (Cal. Code
Regs. tit. 11 § 7021).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class Regime:
    """One law's clock: months to a corresponding date, or days."""

    name: str
    zone: str
    months: int = 0
    days: int = 0


REGIMES = {
    "GB": Regime("UK GDPR Art. 12(3)", "Europe/London", months=1),
    "US-CA": Regime("CCPA, Cal. Code Regs. tit. 11 § 7021", "America/Los_Angeles", days=45),
}
"""Regions whose clock is known here. Another is `could not be measured`, never guessed at."""


def due_date(region: str, received: datetime, closed: Collection[date] = ()) -> date | None:
    """The last day to answer, in the region's own calendar; None for a region that isn't known.
    `closed` are further public holidays, as proclaimed for a single year."""
    regime = REGIMES.get(region)
    if regime is None:
        return None
    day = received.astimezone(ZoneInfo(regime.zone)).date()
    if not regime.months:
        return day + timedelta(days=regime.days)
    return _working(corresponding(day, regime.months), closed)


def local_date(region: str, moment: datetime) -> date | None:
    """The day of `moment` in the region's own zone."""
    regime = REGIMES.get(region)
    return moment.astimezone(ZoneInfo(regime.zone)).date() if regime else None


def corresponding(day: date, months: int) -> date:
    """The same day so many months on, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - _DAY).day))


def _working(day: date, closed: Collection[date]) -> date:
    while day.weekday() >= _SATURDAY or day in closed or day in bank_holidays(day.year):
        day += _DAY
    return day


def bank_holidays(year: int) -> frozenset[date]:
    """England and Wales by rule (Banking and Financial Dealings Act 1971 Sch. 1)."""
    sunday = easter(year)
    days = {sunday - 2 * _DAY, sunday + _DAY, _monday(year, 5), _last_monday(year, 5)}
    days.add(_last_monday(year, 8))
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while fixed.weekday() >= _SATURDAY or fixed in days:
            fixed += _DAY
        days.add(fixed)
    return frozenset(days)


def easter(year: int) -> date:
    """Easter Sunday, Gregorian (the anonymous algorithm as Gauss's successors simplified it)."""
    golden, century = year % 19, year // 100
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = epact - (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    offset = moon - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))


def _monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=-first.weekday() % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year, month + 1, 1) - _DAY
    return last - timedelta(days=last.weekday())
