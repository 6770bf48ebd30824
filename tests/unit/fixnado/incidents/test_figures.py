"""MTTA and MTTR against a brute-force model that replays every incident second by second."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixnado.incidents.model.figures import DEFINITIONS, Case, Spread, figures, ledger, spread
from fixnado.incidents.model.incident import (
    Event,
    Incident,
    Kind,
    Severity,
    Status,
    facts,
    follow,
)
from fixnado.platform.errors import FixnadoError

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [Kind.ACKNOWLEDGED, Kind.MITIGATED, Kind.RESOLVED, Kind.REOPENED, Kind.ESCALATED]
        ),
        st.booleans(),
        st.integers(0, 9),
    ),
    max_size=10,
)
LIVES = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Severity), STEPS), max_size=12)
Life = tuple[int, Severity, list[tuple[Kind, bool, int]]]


def live(number: int, life: Life) -> tuple[Case, list[Event]]:
    """The incident as the real state machine makes it; moves that it refuses are left out."""
    late, severity, steps = life
    triggered = START + timedelta(seconds=number)
    moment, status = triggered + timedelta(seconds=late), Status.OPEN
    happened = [Event("i", 1, Kind.OPENED, "p", moment)]
    for kind, program, pause in steps:
        automated = program and kind is Kind.ACKNOWLEDGED
        moment += timedelta(seconds=pause)
        try:
            status = follow(status, kind, happened, automated=automated)
        except FixnadoError:
            continue
        happened.append(Event("i", len(happened) + 1, kind, "p", moment, "", automated))
    incident = Incident(
        str(number), f"INC-{number}", severity, "t", "", False, status, triggered, "p", moment
    )
    return Case(incident, facts(happened)), happened


@dataclass
class Watched:
    """What somebody with a stopwatch would write down: every second looked at, one by one."""

    acknowledged: int | None = None
    mitigated: int | None = None
    resolved: int | None = None

    @classmethod
    def watch(cls, case: Case, happened: list[Event]) -> Watched:
        seen = cls()
        last = max(one.at for one in happened)
        second, moment = 0, case.incident.triggered_at
        while moment <= last:
            for one in (each for each in happened if each.at == moment):
                seen._see(one, second)
            second, moment = second + 1, moment + timedelta(seconds=1)
        return seen

    def _see(self, one: Event, second: int) -> None:
        if one.kind is Kind.ACKNOWLEDGED and not one.automated and self.acknowledged is None:
            self.acknowledged = second
        if one.kind is Kind.MITIGATED and self.mitigated is None:
            self.mitigated = second
        if one.kind is Kind.RESOLVED:
            self.resolved = second
        if one.kind is Kind.REOPENED:
            self.resolved = None


def brute(values: list[int]) -> Spread:
    """By definition: every value that is there is tried as the ninetieth percentile."""
    if not values:
        return Spread(0, None, None, None)
    ninetieth = min(
        one for one in values if 10 * sum(each <= one for each in values) >= 9 * len(values)
    )
    mean, median = sum(values) / len(values), statistics.median(values)
    return Spread(len(values), round(mean, 3), round(float(median), 3), float(ninetieth))


@given(LIVES)
def test_the_figures_are_what_a_stopwatch_says(lives: list[Life]) -> None:
    pairs = [live(number, life) for number, life in enumerate(lives)]
    cases = [case for case, _ in pairs]
    seen = [Watched.watch(case, happened) for case, happened in pairs]
    found = figures(cases)
    assert found.mtta == brute([one.acknowledged for one in seen if one.acknowledged is not None])
    assert found.mttr == brute([one.resolved for one in seen if one.resolved is not None])
    assert found.mttm == brute([one.mitigated for one in seen if one.mitigated is not None])
    counts = found.counts
    resolved = [one for one in seen if one.resolved is not None]
    assert counts.total == len(lives)
    assert counts.resolved == len(resolved)
    assert counts.acknowledged == sum(one.acknowledged is not None for one in seen)
    assert counts.unacknowledged == sum(one.acknowledged is None for one in resolved)
    assert counts.acknowledged + counts.unacknowledged + counts.censored == counts.total
    assert counts.resolved + counts.unresolved == counts.total


@given(LIVES)
def test_severities_share_the_incidents_out(lives: list[Life]) -> None:
    cases = [live(number, life)[0] for number, life in enumerate(lives)]
    found = ledger(cases, START)
    assert sum(one.counts.total for one in found.by_severity.values()) == len(cases)
    for severity, part in found.by_severity.items():
        assert part == figures([case for case in cases if case.incident.severity is severity])


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=40))
def test_spread_is_exact_to_the_millisecond(microseconds: list[int]) -> None:
    found = spread(timedelta(microseconds=one) for one in microseconds)
    mean = sum(microseconds) / len(microseconds) / 1e6
    assert found.mean_seconds == pytest.approx(mean, abs=0.0011)
    assert found.p90_seconds is not None
    ordered = sorted(microseconds)
    at_most = sum(one / 1e6 <= found.p90_seconds + 0.0005 for one in ordered)
    assert 10 * at_most >= 9 * len(ordered)


def test_no_incident_gives_no_figure() -> None:
    found = figures([])
    assert found.mtta == Spread(0, None, None, None)
    assert found.counts.total == 0


def test_the_quiet_time_of_a_reopened_incident_counts() -> None:
    steps = [(Kind.RESOLVED, False, 5), (Kind.REOPENED, False, 9), (Kind.RESOLVED, False, 2)]
    case, _ = live(0, (0, Severity.SEV1, steps))
    assert figures([case]).mttr == Spread(1, 16.0, 16.0, 16.0)
    unresolved, _ = live(0, (0, Severity.SEV1, steps[:2]))
    assert figures([unresolved]).mttr.count == 0


def test_every_figure_has_its_definition() -> None:
    assert {"mtta", "mttr", "mttm", "reopening", "censored", "unacknowledged"} <= set(DEFINITIONS)
