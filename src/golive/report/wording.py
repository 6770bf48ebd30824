"""Words and marks of the report. What others wrote reaches the page only through `clean`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import PurePath

from markupsafe import Markup, escape

from golive.drillkit.records import CheckVerdict, Outcome
from golive.kernel.fidelity import Fidelity
from golive.kernel.text import clean
from golive.kernel.times import parse_rfc3339


@dataclass(frozen=True)
class Badge:
    """A state. Its colour only repeats what mark and word say."""

    kind: str
    """`good`, `bad`, `open` or `plain`."""
    mark: str
    word: str


OUTCOMES: Mapping[Outcome, Badge] = {
    Outcome.PASSED: Badge("good", "✔", "passed"),
    Outcome.FAILED: Badge("bad", "✘", "failed"),
    Outcome.REFUSED: Badge("bad", "✘", "refused"),
    Outcome.EXPIRED: Badge("bad", "✘", "not approved in time"),
    Outcome.ABORTED: Badge("bad", "■", "called off"),
    Outcome.SKIPPED: Badge("open", "–", "skipped"),
    Outcome.OPEN: Badge("open", "◇", "open"),
}
NOT_RUN = Badge("open", "○", "not run")

CHECKS: Mapping[CheckVerdict, Badge] = {
    CheckVerdict.PASS: Badge("good", "✔", "pass"),
    CheckVerdict.FAIL: Badge("bad", "✘", "fail"),
    CheckVerdict.INCONCLUSIVE: Badge("open", "?", "not measured"),
}

_RISKS: Mapping[str, str] = {
    "exercised": "good",
    "mitigation failed": "bad",
    "partly exercised": "open",
    "not exercised": "open",
}
"""Kinds of badge by the register's states; any other is `plain`."""
_RISK_MARKS = {"good": "✔", "bad": "✘", "open": "◇", "plain": "○"}


def risk_badge(state: str) -> Badge:
    kind = _RISKS.get(state, "plain")
    return Badge(kind, _RISK_MARKS[kind], state)


VERDICTS: Mapping[str, Badge] = {
    "ready": Badge("good", "✔", "Ready"),
    "not-ready": Badge("bad", "✘", "Not ready"),
    "incomplete": Badge("open", "◇", "Incomplete"),
}

FIDELITIES: Mapping[Fidelity, tuple[str, str]] = {
    Fidelity.LIVE: ("Live", "the real outside system"),
    Fidelity.LOCAL: ("Local", "a real component, on the machine that rehearsed"),
    Fidelity.SIMULATED: ("Simulated", "a stand-in answered"),
    Fidelity.MANUAL: ("Manual", "a person's upload or word"),
}


def marked(text: str) -> Markup:
    """`text` with what stands between backticks as code."""
    parts = clean(text).split("`")
    if len(parts) % 2 == 0:
        return escape(clean(text))
    shown = (
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )
    return Markup().join(shown)


def file_name(path: str) -> str:
    """The last part of a path: folders of one machine mean nothing to readers on another."""
    return PurePath(path).name or path


def many(count: int, one: str, more: str = "") -> str:
    """`1 check`, `2 checks`."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def size(count: int) -> str:
    """Bytes for people: `812 bytes`, `18.7 kB` (a thousand bytes)."""
    if count < 1000:
        return many(count, "byte")
    return f"{count / 1e3:.1f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def moment(text: str) -> datetime | None:
    """The moment that an RFC 3339 text names; None for anything else."""
    try:
        return parse_rfc3339(text)
    except ValueError:
        return None


def clock(at: datetime | None, where: tzinfo, *, seconds: bool = False) -> str:
    """`09:30` or `09:30:04` in the zone `where`; a dash for no moment."""
    return at.astimezone(where).strftime("%H:%M:%S" if seconds else "%H:%M") if at else "–"


def day(at: datetime | None, where: tzinfo) -> str:
    """`30 May 2024`."""
    if at is None:
        return "–"
    there = at.astimezone(where)
    return f"{there.day} {_MONTHS[there.month - 1]} {there.year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def length(span: timedelta) -> str:
    """`0.93 s`, `42 s`, `12 min`, `1 h 05 min`."""
    seconds = span.total_seconds()
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
