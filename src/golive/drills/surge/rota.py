"""Who is there when, from a table, and the hours in which too few are. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from golive.drillkit.aliases import Alias

DAY_END = time(23, 59)
"""How a day's end is written: the last minute belongs to it."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Columns:
    """Positions, counted from 1."""

    start: int
    end: int
    person: int
    header_rows: int
    delimiter: str


@dataclass(frozen=True)
class Shift:
    start: datetime
    end: datetime
    person: str


@dataclass(frozen=True)
class Table:
    shifts: Sequence[Shift]
    unread: Sequence[str]
    """Lines that make no sense, by number and why."""


@dataclass(frozen=True)
class Gap:
    """Hours on end in which there are too few."""

    start: datetime
    end: datetime
    there: int
    """The fewest of them."""


def read(content: bytes, columns: Columns, zone: ZoneInfo) -> Table:
    """Moments without an offset are local in `zone`. A line that can't be read is never a shift."""
    shifts: list[Shift] = []
    unread: list[str] = []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Table((), ("the file is no UTF-8 text",))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=columns.delimiter, strict=True)
    number = 0
    try:
        for number, row in enumerate(rows, 1):
            if number <= columns.header_rows or not any(cell.strip() for cell in row):
                continue
            try:
                shifts.append(_shift(row, columns, zone))
            except ValueError as error:
                unread.append(f"line {number}: {error}")
    except csv.Error as error:
        unread.append(f"after line {number}: {error}")
    return Table(shifts, unread)


def _shift(row: Sequence[str], columns: Columns, zone: ZoneInfo) -> Shift:
    needed = max(columns.start, columns.end, columns.person)
    if len(row) < needed:
        raise ValueError(f"{len(row)} columns, {needed} are needed")
    cells = [row[one - 1].strip() for one in (columns.start, columns.end, columns.person)]
    start, end = (_moment(one, zone) for one in cells[:2])
    if not cells[2]:
        raise ValueError("nobody is named")
    if end <= start:
        raise ValueError("it ends before it begins")
    return Shift(start, end, cells[2])


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:  # its words could hold a person's name, where columns are mixed up
        raise ValueError("a moment such as 2024-05-30T07:00 is needed") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=zone).astimezone(UTC)


def gaps(
    shifts: Sequence[Shift],
    *,
    first: date,
    days: int,
    window: tuple[time, time],
    zone: ZoneInfo,
    agents: int,
) -> Sequence[Gap]:
    """Every hour of the days' windows in which fewer than `agents` different people are there, all
    hour long; hours on end are one gap. A day on which the clocks change has the hours it has."""
    found: list[Gap] = []
    for begin, end in slots(first, days, window, zone):
        there = _fewest(shifts, begin, end)
        if there >= agents:
            continue
        if found and found[-1].end == begin:
            last = found.pop()
            found.append(Gap(last.start, end, min(last.there, there)))
        else:
            found.append(Gap(begin, end, there))
    return found


def slots(
    first: date, days: int, window: tuple[time, time], zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """The hours that must be covered, in UTC; the last of a day may be shorter."""
    for number in range(days):
        day = first + timedelta(days=number)
        at = datetime.combine(day, window[0], zone).astimezone(UTC)
        if window[1] == DAY_END:
            until = datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC)
        else:
            until = datetime.combine(day, window[1], zone).astimezone(UTC)
        while at < until:
            yield at, min(at + _HOUR, until)
            at += _HOUR


def _fewest(shifts: Sequence[Shift], begin: datetime, end: datetime) -> int:
    """How many different people are there at the emptiest moment between the two."""
    inside = [one for one in shifts if one.start < end and one.end > begin]
    edges = {begin, *(one.start for one in inside), *(one.end for one in inside)}
    return min(
        len({one.person for one in inside if one.start <= at < one.end})
        for at in edges
        if begin <= at < end
    )


def under_aliases(table: Table, alias: Alias) -> str:
    """The shifts as CSV, in order, with pseudonyms for people."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("start", "end", "person"))
    ordered = sorted(table.shifts, key=lambda one: (one.start, one.end, one.person))
    for one in ordered:
        writer.writerow((one.start.isoformat(), one.end.isoformat(), alias(one.person)))
    return out.getvalue()
