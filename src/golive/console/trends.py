"""How the rehearsals of this state directory have come along, as `golive.evidence.diff.Trend` tells
it: verdicts, how real the evidence was, and what was measured in several of them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from golive.console.days import Day as Run
from golive.console.verdicts import verdict_badge
from golive.console.views import Badge
from golive.evidence.day import Day, read_day
from golive.evidence.diff import Trend
from golive.kernel.errors import GoliveError
from golive.kernel.times import parse_rfc3339

_LAST = 8
_MEASURES = 8


@dataclass(frozen=True)
class Sealed:
    """One rehearsal as a column."""

    run: str
    at: str
    badge: Badge
    practice: bool
    ready: str
    seconds: str
    evidence: str


@dataclass(frozen=True)
class Measure:
    name: str
    values: Sequence[str]
    """One a column; "–" where it wasn't measured."""
    word: str
    """How the last differs from the one before: colour never says it alone."""


@dataclass(frozen=True)
class Trends:
    days: Sequence[Sealed]
    measures: Sequence[Measure]


class _Read:
    """Sealed days don't change: each is read once."""

    def __init__(self) -> None:
        self._known: dict[Path, Day] = {}
        self._lock = threading.Lock()

    def day(self, release: Path) -> Day:
        with self._lock:
            if release not in self._known:
                self._known[release] = read_day(release)
            return self._known[release]


_READ = _Read()


def trends(runs: Sequence[Run]) -> Trends | None:
    """The last sealed rehearsals of `runs`, oldest first; None where fewer than two are sealed."""
    found: dict[str, tuple[str, Day]] = {}
    for run in runs:
        with run.reading() as board:
            place = str(board.verdict.get("vault", ""))
        if place:
            with suppress(GoliveError):
                day = _READ.day(Path(place))
                found[day.digest] = (run.name, day)
    ordered = sorted(found.values(), key=lambda one: one[1].sealed_at)[-_LAST:]
    if len(ordered) < 2:
        return None
    trend = Trend([day for _, day in ordered])
    measures = [_measure(name, *one) for name, one in trend.measures().items()]
    changed = [one for one in measures if one.word != "the same"] or measures
    return Trends([_sealed(*one) for one in ordered], changed[:_MEASURES])


def _sealed(run: str, day: Day) -> Sealed:
    counts: Mapping[str, int] = Counter(fidelity for _, fidelity in day.evidence.values())
    return Sealed(
        run=run,
        at=parse_rfc3339(day.sealed_at).strftime("%-d %b %H:%M"),
        badge=verdict_badge(day.verdict),
        practice=day.practice,
        ready=f"{day.machine_ready} of {day.machine_items}",
        seconds=f"{day.seconds:.1f} s",
        evidence=", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())),
    )


def _measure(name: str, unit: str, values: Sequence[float | None]) -> Measure:
    known = [one for one in values if one is not None]
    apart = known[-1] - known[-2]
    word = "the same" if apart == 0 else f"{apart:+.4g} {unit}"
    return Measure(name, ["–" if one is None else f"{one:.4g} {unit}" for one in values], word)
