"""What the buyer is owed in time: acknowledged within a day, a word every two working days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from golive.drillkit.privacy_clock import bank_holidays
from golive.drills.refund.params import Ctx
from golive.kernel.times import parse_rfc3339
from golive.ports.refunds import RefundCase

_HOURS = 24
_WORKING_DAYS = 2
_SATURDAY = 5
_LONGEST = 40
"""Days between two moments beyond which nobody counts on."""
_OURS = "the rehearsal took it itself: this shows that the clock is kept, not how quick people are"


def judge_clock(ctx: Ctx, taken: RefundCase | None, updated: RefundCase | None) -> None:
    """From the case's own moments; what it doesn't say could not be measured."""
    opened_at = _moment(taken.opened_at if taken else "")
    promised = _hours(opened_at, _moment(taken.acknowledge_by if taken else ""))
    ctx.at_most(
        "acknowledgement_promise_hours",
        f"the case names a moment within {_HOURS} h by which it is acknowledged",
        _HOURS,
        promised,
        unit="h",
    )
    given = _hours(opened_at, _moment(taken.acknowledged_at if taken else ""))
    ctx.at_most(
        "acknowledgement_hours",
        f"the case was acknowledged within {_HOURS} h of being opened",
        _HOURS,
        given,
        unit="h",
        detail=_OURS,
    )
    case = updated or taken
    last = _moment(case.notes[-1].at if case and case.notes else "")
    due = _moment(case.next_update_due if case else "")
    ctx.at_most(
        "update_working_days",
        f"the next word to the buyer is due within {_WORKING_DAYS} working days of the last",
        _WORKING_DAYS,
        working_days(ctx, last, due) if last and due else None,
        unit="working days",
        detail=f"last {case.notes[-1].at}, next {case.next_update_due}" if last and case else "",
    )


def working_days(ctx: Ctx, start: datetime, end: datetime) -> int | None:
    """Working days after the day of `start`, up to and with the day of `end`, where the rehearsal
    is. None where `end` comes first: nobody was that quick."""
    zone = ZoneInfo(ctx.rehearsal.timezone)
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    if end < start:
        return None
    last = min(last, day + timedelta(days=_LONGEST))
    count = 0
    while day < last:
        day += timedelta(days=1)
        count += _works(day, ctx.params.holidays)
    return count


def _works(day: date, closed: tuple[date, ...]) -> bool:
    return not (day.weekday() >= _SATURDAY or day in closed or day in bank_holidays(day.year))


def _hours(start: datetime | None, end: datetime | None) -> float | None:
    """None where one isn't known, or where `end` comes first."""
    if start is None or end is None or end < start:
        return None
    return round((end - start).total_seconds() / 3600, 3)


def _moment(text: str) -> datetime | None:
    try:
        return parse_rfc3339(text)
    except ValueError:
        return None
