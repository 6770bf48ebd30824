"""How long there is to answer, by the law that applies. Clocks are data, never "30 days"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fixnado.compliance.errors import BadExtension
from fixnado.platform import calendar

_END_OF_DAY: Final = time(23, 59, 59)


@dataclass(frozen=True)
class Regime:
    """One law's clock. Either months or days are counted, from receipt."""

    code: str
    name: str
    source: str
    zone: str
    holidays: str
    months: int = 0
    days: int = 0
    longest_months: int = 0
    longest_days: int = 0
    confirm_working_days: int = 0
    """Working days until receipt must be confirmed, 0 where the law names none."""
    verification_starts: bool = False
    """Whether the clock runs from the identity document, where one had to be asked for."""

    def due(self, received: datetime) -> datetime:
        """The last moment to answer what was received then."""
        return self._last_moment(received, self.months, self.days)

    def longest(self, received: datetime) -> datetime:
        """The last moment after every extension that the law allows, from the original start."""
        return self._last_moment(received, self.longest_months, self.longest_days)

    def confirm_by(self, received: datetime) -> datetime | None:
        """The last moment to confirm receipt, None where the law names none."""
        if not self.confirm_working_days:
            return None
        day = self._day(received)
        return self._end(calendar.add_working(self.holidays, day, self.confirm_working_days))

    def extended(self, received: datetime, now: datetime, wanted: datetime) -> datetime:
        """`wanted`, when it is a lawful extension that is announced in time; else BadExtension."""
        if now > self.due(received):
            raise BadExtension("an extension must be told before the first due date has passed")
        if wanted <= self.due(received):
            raise BadExtension("it is not later than the first due date")
        if wanted > self.longest(received):
            limit = self.longest(received).date().isoformat()
            raise BadExtension(f"{self.name} allows {limit} at the latest")
        return wanted

    def _last_moment(self, received: datetime, months: int, days: int) -> datetime:
        day = self._day(received)
        if not months:
            return self._end(day + timedelta(days=days))
        return self._end(calendar.next_working(self.holidays, calendar.add_months(day, months)))

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def _end(self, day: date) -> datetime:
        return datetime.combine(day, _END_OF_DAY, ZoneInfo(self.zone)).astimezone(UTC)


def _gdpr(code: str, name: str, source: str, zone: str, holidays: str) -> Regime:
    return Regime(
        code,
        name,
        source,
        zone,
        holidays,
        months=1,
        longest_months=3,
        verification_starts=True,
    )


REGIMES: Final = {
    regime.code: regime
    for regime in (
        _gdpr("GB", "UK GDPR", "UK GDPR Art. 12(3)", "Europe/London", "GB"),
        _gdpr("IE", "GDPR", "Regulation (EU) 2016/679 Art. 12(3)", "Europe/Dublin", "IE"),
        _gdpr("DE", "GDPR", "Regulation (EU) 2016/679 Art. 12(3)", "Europe/Berlin", "DE"),
        Regime(
            "US-CA",
            "CCPA",
            "Cal. Code Regs. tit. 11 § 7021",
            "America/Los_Angeles",
            "US",
            days=45,
            longest_days=90,
            confirm_working_days=10,
        ),
    )
}
DEFAULT_REGION: Final = "GB"


def regime(region: str) -> Regime:
    """The law of `region`; the strictest known one, UK GDPR's, for any other."""
    return REGIMES.get(region, REGIMES[DEFAULT_REGION])
