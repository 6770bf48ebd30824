"""When each row begins and ends: as planned, and as now forecast. Pure.

Moments are aware, in the playbook's zone. Lengths are taken between moments in UTC: two clock
times on either side of a change of the clocks are an hour nearer or farther than they look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from golive.kernel.times import aware
from golive.playbook.model import Activity, Moment, Playbook
from golive.playbook.times import zone


@dataclass(frozen=True)
class Slot:
    """A row's place in time. None where the playbook gives no time, no day or no cutover."""

    activity: Activity
    start: datetime | None
    end: datetime | None
    """The row's own end, or the next later start; for a last row without an end, None."""


@dataclass(frozen=True)
class Actual:
    """What has happened of a row so far."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class Forecast:
    """When a row is now expected to begin and end (or when it did)."""

    activity: Activity
    start: datetime | None
    end: datetime | None
    late: timedelta | None
    """How much later than planned it begins; negative when early."""


def plan(playbook: Playbook, *, t0: datetime | None = None) -> tuple[Slot, ...]:
    """A slot for each row, in document order. `t0` is the cutover, for relative times."""
    if t0 is not None:
        aware(t0)
    there = zone(playbook.timezone) or UTC
    starts = [_moment(one.start, playbook, there, t0) for one in playbook.activities]
    ends = [_moment(one.end, playbook, there, t0) for one in playbook.activities]
    return tuple(
        Slot(activity, start, end or later)
        for activity, start, end, later in zip(
            playbook.activities, starts, ends, _later(starts), strict=True
        )
    )


def overlaps(slots: Sequence[Slot]) -> tuple[tuple[Slot, Slot], ...]:
    """Pairs of rows that share time; each row is paired with the first it overlaps.

    Rows that begin together, and rows whose range reaches into a later row, overlap.
    """
    timed = [slot for slot in slots if slot.start is not None]
    timed.sort(key=lambda slot: (slot.start or _EPOCH).astimezone(UTC))
    found: list[tuple[Slot, Slot]] = []
    longest: Slot | None = None
    for slot in timed:
        if longest and (_utc(slot.start) < _reach(longest) or slot.start == longest.start):
            found.append((longest, slot))
        if longest is None or _reach(slot) >= _reach(longest):
            longest = slot
    return tuple(found)


def forecast(
    slots: Sequence[Slot],
    actual: Mapping[str, Actual],
    now: datetime,
    *,
    back_to_back: bool = False,
) -> tuple[Forecast, ...]:
    """What is expected, given what has happened (by row id) until `now`.

    Rows run in order: one begins when the one before it has ended, and not before its planned
    start unless `back_to_back`. A row takes as long as planned; one that is over its time is
    expected to end now. A row without a planned length takes none.
    """
    aware(now)
    free = now
    told: list[Forecast] = []
    for slot in slots:
        done = actual.get(slot.activity.id)
        if done is not None:
            start = aware(done.start)
            end = done.end or max(start.astimezone(UTC) + _length(slot), now.astimezone(UTC))
        else:
            start = free if back_to_back or slot.start is None else _latest(free, slot.start)
            end = start.astimezone(UTC) + _length(slot)
        free = _latest(free, end)
        late = None if slot.start is None else _utc(start) - _utc(slot.start)
        place = slot.start.tzinfo if slot.start else now.tzinfo
        told.append(Forecast(slot.activity, start.astimezone(place), end.astimezone(place), late))
    return tuple(told)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _utc(moment: datetime | None) -> datetime:
    return (moment or _EPOCH).astimezone(UTC)


def _reach(slot: Slot) -> datetime:
    return max(_utc(slot.start), _utc(slot.end))


def _latest(one: datetime, other: datetime) -> datetime:
    return one if _utc(one) >= _utc(other) else other


def _length(slot: Slot) -> timedelta:
    if slot.start is None or slot.end is None:
        return timedelta()
    return max(_utc(slot.end) - _utc(slot.start), timedelta())


def _moment(
    moment: Moment | None, playbook: Playbook, there: tzinfo, t0: datetime | None
) -> datetime | None:
    if moment is None:
        return None
    if moment.relative:
        return (t0.astimezone(UTC) + moment.offset).astimezone(there) if t0 else None
    if playbook.day is None:
        return None
    wall = datetime.combine(playbook.day, time()) + moment.offset
    # Through UTC and back: an hour that the clocks skip becomes the moment they show instead.
    return wall.replace(tzinfo=there).astimezone(UTC).astimezone(there)


def _later(starts: Sequence[datetime | None]) -> Sequence[datetime | None]:
    """For each row the nearest start after it in the document that is later than its own."""
    later: list[datetime | None] = [None] * len(starts)
    stack: list[datetime] = []
    for index in range(len(starts) - 1, -1, -1):
        start = starts[index]
        if start is None:
            continue
        while stack and _utc(stack[-1]) <= _utc(start):
            stack.pop()
        later[index] = stack[-1] if stack else None
        stack.append(start)
    return later
