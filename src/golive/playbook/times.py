"""Times as playbooks write them: clock times, ranges, offsets from the cutover, durations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from golive.playbook.model import Moment

_UNIT = r"(?:days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|[dhms])"
_DURATION = rf"(?:\d{{1,4}}(?:\.\d{{1,3}})?\s?{_UNIT}\s?){{1,4}}"


def _one(n: int) -> str:
    """A moment, its groups numbered `n`."""
    minutes = rf"[:.h](?P<m{n}>\d\d)(?::(?P<s{n}>\d\d))?"
    half = rf"\s?(?P<p{n}>[ap]\.?m\.?)?"
    clock = rf"(?P<h{n}>\d{{1,2}})(?:{minutes})?{half}(?:\s?\+(?P<d{n}>\d{{1,2}}))?"
    relative = rf"T\s?(?:0|(?P<sign{n}>[-+−–])\s?(?P<off{n}>{_DURATION}))"
    return f"(?:{relative}|{clock})"


_CELL = re.compile(
    _one(1)
    + rf"(?P<range>\s*(?:–|—|-|→|to|until|till)\s*{_one(2)})?"
    + r"\s*(?P<zone>[A-Z]{2,5}|UTC\s?[-+−]\s?\d{1,2}(?::\d\d)?)?"
)
_PIECE = re.compile(r"(\d+(?:\.\d+)?)\s?([a-z])")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_OFFSET = re.compile(r"(?:UTC|GMT)\s?([-+−])\s?(\d{1,2})(?::?(\d\d))?")
_GENERIC = {
    "ET": ("EST", "EDT"),
    "CT": ("CST", "CDT"),
    "MT": ("MST", "MDT"),
    "PT": ("PST", "PDT"),
    "Z": ("UTC", "GMT"),
    "UTC": ("UTC", "GMT"),
    "GMT": ("GMT", "UTC"),
}
_USUAL = {
    "BST": "Europe/London",
    "GMT": "Europe/London",
    "CET": "Europe/Berlin",
    "CEST": "Europe/Berlin",
    "ET": "America/New_York",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "PT": "America/Los_Angeles",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "UTC": "UTC",
}


@dataclass(frozen=True)
class When:
    """A time cell: one moment, or a range; and the zone it names, if it does."""

    start: Moment
    end: Moment | None = None
    zone: str = ""


def duration(text: str) -> timedelta | None:
    """`20m`, `1h30m`, `90s`, `2 hours`; None when it isn't one."""
    said = text.strip().lower()
    if not re.fullmatch(_DURATION, said):
        return None
    pieces = _PIECE.findall(said)
    return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in pieces))


@lru_cache(maxsize=4096)
def when(text: str) -> When | None:
    """`09:30`, `09:30–10:45`, `02:00+1`, `T-60m`, `T0`, `T+1h – T+2h`; None when it isn't one."""
    match = _CELL.fullmatch(text.strip())
    if not match:
        return None
    start = _moment(match, 1)
    end = _moment(match, 2) if match["range"] else None
    if start is None or (match["range"] and end is None):
        return None
    return When(start, end, match["zone"] or "")


def _moment(match: re.Match[str], n: int) -> Moment | None:
    if match[f"off{n}"]:
        length = duration(match[f"off{n}"]) or timedelta()
        return Moment(length if match[f"sign{n}"] == "+" else -length, relative=True)
    if match[f"h{n}"] is None:
        return Moment(timedelta(), relative=True)
    return _clock(match, n)


def _clock(match: re.Match[str], n: int) -> Moment | None:
    hour, minute = int(match[f"h{n}"]), int(match[f"m{n}"] or 0)
    half = (match[f"p{n}"] or "").replace(".", "").lower()
    if match[f"m{n}"] is None and not half:
        return None
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    second = int(match[f"s{n}"] or 0)
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and minute + second > 0):
        return None
    days = int(match[f"d{n}"] or 0)
    return Moment(timedelta(days=days, hours=hour, minutes=minute, seconds=second))


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo | None:
    """The zone of the IANA name `name`; None where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def header_zone(header: str) -> str:
    """The zone in a column's header, `Time (BST)`: "" where it names none."""
    match = re.search(r"\(\s*([A-Z]{1,5}|(?:UTC|GMT)\s?[-+−]\s?\d{1,2}(?::?\d\d)?)\s*\)", header)
    return match[1] if match else ""


def usual_zone(label: str) -> str:
    """A zone that people usually mean by `label`, to suggest; "" where none comes to mind."""
    return _USUAL.get(label, "")


def zone_fits(label: str, name: str, day: date | None) -> str:
    """ "" where `label` is what the zone `name` is called on `day`, or else what it is called.

    Without a day, winter's and summer's names both fit. An offset (`UTC+1`) is compared as such.
    """
    there = zone(name)
    if there is None:
        return ""
    days = [day] if day else [date(2024, 1, 15), date(2024, 7, 15)]
    moments = [datetime(one.year, one.month, one.day, 12, tzinfo=there) for one in days]
    offset = _OFFSET.fullmatch(label)
    if offset:
        sign = 1 if offset[1] == "+" else -1
        wanted = sign * timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        fits = any(moment.utcoffset() == wanted for moment in moments)
    else:
        names = _GENERIC.get(label, (label,))
        fits = any(moment.tzname() in names for moment in moments)
    return "" if fits else " or ".join(dict.fromkeys(str(one.tzname()) for one in moments))


def exists(wall: datetime) -> bool:
    """Whether the clocks of its zone ever show `wall` (they skip an hour in spring)."""
    back = wall.astimezone(UTC).astimezone(wall.tzinfo)
    return back.replace(tzinfo=None) == wall.replace(tzinfo=None)
