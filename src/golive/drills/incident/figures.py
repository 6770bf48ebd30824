"""MTTA and MTTR from what happened, by brute force, and how the marketplace's figures differ. Pure.

Nothing is taken over from the marketplace but the events themselves: when something happened, and
whether a person did it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339
from golive.ports.incidents import Incident

DEFINITIONS: Mapping[str, str] = {
    "mtta": "mean of (first acknowledgement by a person - trigger), over the incidents that a "
    "person has acknowledged; what a program acknowledges is nobody's reaction",
    "mttr": "R is resolved: mean of (last resolution - trigger), over the incidents that are "
    "resolved now",
    "reopening": "a reopened incident is unresolved until it is resolved again, and its time to "
    "resolve then runs from the trigger to that last resolution",
    "acknowledged": "a person acknowledged it",
    "unacknowledged": "resolved, and no person ever acknowledged it",
    "censored": "neither resolved nor acknowledged by a person yet: its time to acknowledge is "
    "longer than it is old, and is in no mean",
    "median": "the middle value, or the mean of the two middle ones",
    "p90": "the smallest value that at least 90 % of the values don't exceed (nearest rank)",
}
TOLERANCE_SECONDS = 0.002
"""Moments come in milliseconds; each figure may be rounded at both ends."""


@dataclass(frozen=True)
class Lived:
    """What happened to one incident, in seconds from its trigger."""

    acknowledged: Fraction | None
    resolved: Fraction | None


@dataclass(frozen=True)
class Spread:
    """None without any value."""

    count: int
    mean: float | None
    median: float | None
    p90: float | None

    def to_json(self) -> JsonObject:
        return {
            "count": self.count,
            "meanSeconds": self.mean,
            "medianSeconds": self.median,
            "p90Seconds": self.p90,
        }


@dataclass(frozen=True)
class Figures:
    """`acknowledged + unacknowledged + censored = total`."""

    total: int
    acknowledged: int
    unacknowledged: int
    censored: int
    resolved: int
    mtta: Spread
    mttr: Spread

    def counts(self) -> JsonObject:
        return {
            "total": self.total,
            "acknowledged": self.acknowledged,
            "unacknowledged": self.unacknowledged,
            "censored": self.censored,
            "resolved": self.resolved,
        }


def lived(case: Incident) -> Lived | None:
    """None where the marketplace doesn't say what happened, or when, or has it happen before the
    trigger."""
    if case.events is None:
        return None
    try:
        trigger = parse_rfc3339(case.triggered_at)
        at = [(one, parse_rfc3339(one.at)) for one in case.events]
    except ValueError:
        return None
    by_people = [moment for one, moment in at if one.kind == "acknowledged" and not one.automated]
    ends = [(one.kind, moment) for one, moment in at if one.kind in ("resolved", "reopened")]
    over = ends[-1][1] if ends and ends[-1][0] == "resolved" else None
    if any(moment < trigger for moment in (*by_people[:1], over or trigger)):
        return None
    return Lived(
        _since(trigger, by_people[0]) if by_people else None,
        _since(trigger, over) if over is not None else None,
    )


def figures(cases: Sequence[Lived]) -> Figures:
    acknowledged = [one.acknowledged for one in cases if one.acknowledged is not None]
    resolved = [one.resolved for one in cases if one.resolved is not None]
    silent = [one for one in cases if one.acknowledged is None]
    return Figures(
        total=len(cases),
        acknowledged=len(acknowledged),
        unacknowledged=sum(one.resolved is not None for one in silent),
        censored=sum(one.resolved is None for one in silent),
        resolved=len(resolved),
        mtta=spread(acknowledged),
        mttr=spread(resolved),
    )


def spread(values: Sequence[Fraction]) -> Spread:
    """Exact until the last step."""
    if not values:
        return Spread(0, None, None, None)
    ranked, count = sorted(values), len(values)
    middle = (ranked[(count - 1) // 2] + ranked[count // 2]) / 2
    p90 = ranked[math.ceil(Fraction(9 * count, 10)) - 1]
    return Spread(count, _told(sum(ranked, Fraction()) / count), _told(middle), _told(p90))


def differences(ours: Figures, said: JsonObject) -> Sequence[str]:
    """Where the marketplace's own figures are others, or not stated."""
    found = list(_counted(ours, said.get("counts")))
    for name, mine in (("mtta", ours.mtta), ("mttr", ours.mttr)):
        found += _spread_apart(name, mine, said.get(name))
    return found


def _counted(ours: Figures, said: Json) -> Iterator[str]:
    theirs: JsonObject = said if isinstance(said, Mapping) else {}
    for name, mine in ours.counts().items():
        if name not in theirs:
            yield f"counts.{name} is not stated"
        elif theirs[name] != mine:
            yield f"counts.{name}: {theirs[name]} for {mine}"


def _spread_apart(name: str, ours: Spread, said: Json) -> Iterator[str]:
    theirs: JsonObject = said if isinstance(said, Mapping) else {}
    for field, mine in ours.to_json().items():
        if field not in theirs:
            yield f"{name}.{field} is not stated"
        elif not _same(mine, theirs[field]):
            yield f"{name}.{field}: {theirs[field]} for {mine}"


def _same(mine: Json, theirs: Json) -> bool:
    numbers = [
        float(one) for one in (mine, theirs)
        if isinstance(one, int | float) and not isinstance(one, bool)
    ]  # fmt: skip
    if len(numbers) < 2:
        return mine is None and theirs is None
    return abs(numbers[0] - numbers[1]) <= TOLERANCE_SECONDS


def _since(trigger: datetime, moment: datetime) -> Fraction:
    gone = moment - trigger
    return Fraction(gone.days * 86_400 + gone.seconds) + Fraction(gone.microseconds, 1_000_000)


def _told(seconds: Fraction) -> float:
    return round(float(seconds), 3)
