"""The words and marks in which a run is told, the same on every screen. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from golive.drillkit import values
from golive.kernel.json import Json, JsonObject
from golive.rehearsal.board import Board, BoardItem, BoardRow
from golive.rehearsal.forecast import moment

MARKS: Mapping[str, tuple[str, str]] = {
    "pending": ("○", "."),
    "running": ("▶", ">"),
    "waiting": ("◐", "?"),
    "passed": ("✔", "+"),
    "failed": ("✘", "x"),
    "refused": ("✘", "x"),
    "expired": ("✘", "x"),
    "aborted": ("■", "#"),
    "skipped": ("–", "-"),
    "open": ("◇", "o"),
}
"""What stands for a state, and what stands for it where the terminal has ASCII only."""


def clean(text: object) -> str:
    """`text` on one line without control characters: what others wrote can't steer a terminal."""
    flat = " ".join(str(text).split())
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in flat)


def listing(value: Json) -> Sequence[Json]:
    """`value` where it is a list, else nothing."""
    return value if isinstance(value, list | tuple) else ()


def shown(value: Json) -> str:
    """An expected or measured value for people."""
    return clean(values.shown(value))


def check_line(check: JsonObject) -> str:
    """`claim: measured 7.2 s, expected at most 5 s`; shorter where it is just as expected."""
    claim, verdict = clean(check["claim"]), check["verdict"]
    if verdict == "pass" and isinstance(check["measured"], bool):
        return claim
    unit = f" {clean(check['unit'])}" if check["unit"] else ""
    if verdict == "pass" and check["measured"] == check["expected"]:
        return f"{claim}: {shown(check['measured'])}{unit}"
    measured, expected = shown(check["measured"]), shown(check["expected"])
    text = f"{claim}: measured {measured}{unit}, expected {expected}{unit}"
    if verdict != "pass" and check["detail"]:
        text += f" ({clean(check['detail'])})"
    return text


def tally(board: Board, row: BoardRow) -> str:
    """What a row's checks and people amount to so far: `1 of 9 failed, 2 open`."""
    items = [board.items[name] for name in row.items if name in board.items]
    verdicts = [str(check["verdict"]) for item in items for check in item.checks]
    failed, unmeasured = verdicts.count("fail"), verdicts.count("inconclusive")
    broken = sum(item.state == "failed" and not _not_passed(item) for item in items)
    parts = []
    if failed:
        parts.append(f"{failed} of {len(verdicts)} failed")
    if broken:
        parts.append(f"{broken} broke off")
    if unmeasured:
        parts.append(f"{unmeasured} unmeasured")
    if verdicts and not parts:
        parts.append(f"{len(verdicts)} passed")
    for state in ("waiting", "open", "refused", "expired", "skipped"):
        count = sum(item.state == state for item in items)
        if count:
            parts.append(f"{count} {state}")
    return ", ".join(parts)


def _not_passed(item: BoardItem) -> bool:
    return any(check["verdict"] != "pass" for check in item.checks)


def zone(board: Board) -> tzinfo:
    """The playbook's own zone, or UTC where this machine doesn't know it."""
    try:
        return ZoneInfo(board.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def clock_time(text: str, where: tzinfo, *, seconds: bool = False) -> str:
    """`09:30` or `09:30:04` in the zone `where`; "" for ""."""
    at = moment(text)
    return at.astimezone(where).strftime("%H:%M:%S" if seconds else "%H:%M") if at else ""


def plan_of(row: BoardRow, where: tzinfo) -> str:
    start, end = clock_time(row.plan_start, where), clock_time(row.plan_end, where)
    return f"{start}–{end}" if end and end != start else start


def length(span: timedelta) -> str:
    """`0:42`, `12:05`, `1:02:03`."""
    seconds = max(0, round(span.total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def signed_minutes(span: timedelta) -> str:
    """`+12 min`, `-3 min`, `on time`."""
    minutes = round(span.total_seconds() / 60)
    return f"{minutes:+d} min" if minutes else "on time"


def elapsed(start: str, end: str, now: datetime) -> str:
    began = moment(start)
    return length((moment(end) or now) - began) if began else ""
