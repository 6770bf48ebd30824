"""How fast people reacted: times to acknowledge, mitigate and resolve, with what they leave out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from fixnado.incidents.model.incident import Facts, Incident, Severity, Status

DEFINITIONS: Final = {
    "trigger": "triggeredAt: when the trouble began, as the reporter states it, or else when the "
    "incident was opened",
    "mtta": "mean of (first acknowledgement by a person - trigger) over the incidents that a "
    "person has acknowledged; an acknowledgement by a program is not one",
    "mttr": "R is resolved: mean of (last resolution - trigger) over the incidents that are "
    "resolved now",
    "mttm": "mean of (first mitigation - trigger) over the incidents that were ever mitigated",
    "reopening": "a reopened incident counts as unresolved until it is resolved again; its time "
    "to resolve then runs from the trigger to that last resolution, the quiet time included; its "
    "first acknowledgement and first mitigation stay what they were",
    "acknowledged": "a person has acknowledged it",
    "unacknowledged": "resolved, and no person ever acknowledged it",
    "censored": "not resolved and not acknowledged by a person yet: its time to acknowledge is "
    "longer than it is old, and is in no mean",
    "percentiles": "median: the middle value, or the mean of the two middle ones; p90: the "
    "smallest value that at least 90 % of the values don't exceed (nearest rank)",
}


@dataclass(frozen=True)
class Case:
    """An incident with what its events say."""

    incident: Incident
    facts: Facts

    @property
    def to_acknowledge(self) -> timedelta | None:
        at = self.facts.acknowledged_at
        return None if at is None else at - self.incident.triggered_at

    @property
    def to_mitigate(self) -> timedelta | None:
        at = self.facts.mitigated_at
        return None if at is None else at - self.incident.triggered_at

    @property
    def to_resolve(self) -> timedelta | None:
        at = self.facts.resolved_at
        return None if at is None else at - self.incident.triggered_at


@dataclass(frozen=True)
class Spread:
    """Mean, median and 90th percentile of some times, in seconds; None without any."""

    count: int
    mean_seconds: float | None
    median_seconds: float | None
    p90_seconds: float | None


@dataclass(frozen=True)
class Counts:
    """`acknowledged + unacknowledged + censored = total = resolved + unresolved`."""

    total: int
    acknowledged: int
    unacknowledged: int
    censored: int
    acknowledged_by_program_alone: int
    mitigated: int
    resolved: int
    unresolved: int
    reopened: int
    escalated: int


@dataclass(frozen=True)
class Figures:
    counts: Counts
    mtta: Spread
    mttr: Spread
    mttm: Spread


@dataclass(frozen=True)
class Ledger:
    generated_at: datetime
    overall: Figures
    by_severity: dict[Severity, Figures]
    cases: tuple[Case, ...]


def ledger(cases: Sequence[Case], now: datetime) -> Ledger:
    """The figures of `cases`, overall and by severity."""
    severities = sorted({case.incident.severity for case in cases})
    return Ledger(
        generated_at=now,
        overall=figures(cases),
        by_severity={
            severity: figures([case for case in cases if case.incident.severity is severity])
            for severity in severities
        },
        cases=tuple(cases),
    )


def figures(cases: Sequence[Case]) -> Figures:
    return Figures(
        counts=_counts(cases),
        mtta=spread(case.to_acknowledge for case in cases),
        mttr=spread(case.to_resolve for case in cases),
        mttm=spread(case.to_mitigate for case in cases),
    )


def _counts(cases: Sequence[Case]) -> Counts:
    silent = [case for case in cases if case.facts.acknowledged_at is None]
    resolved = [case for case in cases if case.incident.status is Status.RESOLVED]
    return Counts(
        total=len(cases),
        acknowledged=len(cases) - len(silent),
        unacknowledged=sum(case.incident.status is Status.RESOLVED for case in silent),
        censored=sum(case.incident.status is not Status.RESOLVED for case in silent),
        acknowledged_by_program_alone=sum(case.facts.automated_at is not None for case in silent),
        mitigated=sum(case.facts.mitigated_at is not None for case in cases),
        resolved=len(resolved),
        unresolved=len(cases) - len(resolved),
        reopened=sum(case.facts.reopenings > 0 for case in cases),
        escalated=sum(case.facts.escalations > 0 for case in cases),
    )


def spread(times: Iterable[timedelta | None]) -> Spread:
    """Of those that are known. Exact until the last step: microseconds are whole numbers."""
    found = sorted(time // timedelta(microseconds=1) for time in times if time is not None)
    if not found:
        return Spread(0, None, None, None)
    count, half = len(found), len(found) // 2
    middle = Fraction(found[half]) if count % 2 else Fraction(found[half - 1] + found[half], 2)
    ninetieth = Fraction(found[math.ceil(Fraction(9 * count, 10)) - 1])
    return Spread(
        count, _seconds(Fraction(sum(found), count)), _seconds(middle), _seconds(ninetieth)
    )


def _seconds(microseconds: Fraction) -> float:
    """To the millisecond."""
    return round(float(microseconds / 1_000_000), 3)
