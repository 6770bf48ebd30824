"""What templates may call to put a value into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo

from golive.kernel.json import JsonObject
from golive.kernel.times import parse_rfc3339
from golive.playbook.people import Roster
from golive.rehearsal.wording import check_line, clock_time, shown


def size(count: int) -> str:
    """`312 bytes`, `4.1 kB`, `12.0 MB`."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def at(text: str, where: tzinfo) -> str:
    """A journal's time as a clock shows it."""
    return clock_time(text, where, seconds=True)


def when(seconds: float, where: tzinfo = UTC) -> str:
    """`30 May, 09:14 BST`, of seconds since the epoch."""
    return datetime.fromtimestamp(seconds, where).strftime("%-d %B, %H:%M %Z")


def long_day(text: str) -> str:
    """`24 December 2026`, of a moment in RFC 3339: its day in UTC."""
    return parse_rfc3339(text).astimezone(UTC).strftime("%-d %B %Y")


def left(text: str, now: datetime) -> str:
    """`8 min left`, of a journal's time to come."""
    minutes = int((parse_rfc3339(text) - now).total_seconds() // 60)
    return f"{minutes} min left" if minutes > 0 else "less than a minute left"


def time_of(moment: datetime, where: tzinfo) -> str:
    """`09:44:02 BST`."""
    return moment.astimezone(where).strftime("%H:%M:%S %Z")


def groups(digest: str) -> str:
    """A digest in groups of eight: what people compare aloud."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


def many(count: int, one: str, several: str = "") -> str:
    """`1 item`, `2 items`."""
    return f"{count} {one if count == 1 else several or one + 's'}"


def check_kind(check: JsonObject) -> str:
    return {"pass": "good", "fail": "bad"}.get(str(check["verdict"]), "turn")


def without(headline: str, verdict: str) -> str:
    """A headline without the verdict that it begins with, where a badge says that already."""
    return headline.removeprefix(verdict.replace("-", " ").upper()).strip()


def names_of(idents: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """People's names, by their ids."""
    return [names.get(one, one) for one in idents]


def in_role(said: JsonObject, roster: Roster) -> str:
    """`QA Lead`, of an act; `QA Lead, as deputy for Asha Menon` where somebody else holds it."""
    role, person = str(said["role"]), roster.person(str(said["person"]))
    holders = [one.name for one in roster.holders(role)]
    if person is None or not holders or person.name in holders:
        return role
    return f"{role}, as deputy for {', '.join(holders)}"


FILTERS: Mapping[str, Callable[..., object]] = {
    "size": size,
    "at": at,
    "when": when,
    "left": left,
    "time_of": time_of,
    "groups": groups,
    "many": many,
    "shown": shown,
    "check_line": check_line,
    "check_kind": check_kind,
    "names_of": names_of,
    "in_role": in_role,
    "without": without,
    "day": long_day,
}
