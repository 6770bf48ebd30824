"""MTTA and MTTR as the drill reckons them: against a slow model, and against the service's own."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixnado.incidents.model import figures as service
from fixnado.incidents.model.incident import Event, Kind, Severity, Status, facts
from fixnado.incidents.model.incident import Incident as Kept
from golive.drills.incident.figures import (
    TOLERANCE_SECONDS,
    differences,
    figures,
    lived,
)
from golive.kernel.times import rfc3339
from golive.ports.incidents import Incident, IncidentEvent

TRIGGER = datetime(2024, 5, 30, 13, 30, tzinfo=UTC)
Life = list[tuple[str, bool, int]]
"""Kind, whether a program did it, milliseconds after the one before."""

NEXT = {
    "open": ["acknowledged", "mitigated", "resolved", "escalated"],
    "acknowledged": ["acknowledged", "mitigated", "resolved", "escalated"],
    "mitigated": ["acknowledged", "resolved", "reopened"],
    "resolved": ["reopened"],
}
AFTER = {"acknowledged": "acknowledged", "mitigated": "mitigated", "resolved": "resolved"}


@st.composite
def lives(draw: Any) -> Life:
    status, life = "open", [("opened", False, draw(st.integers(0, 5_000)))]
    for _ in range(draw(st.integers(0, 7))):
        kind = draw(st.sampled_from(NEXT[status]))
        life.append((kind, draw(st.booleans()), draw(st.integers(0, 10**7))))
        if kind == "reopened":
            status = "open"
        elif kind != "acknowledged" or status == "open":
            status = AFTER.get(kind, status)
    return life


def events(life: Life) -> list[IncidentEvent]:
    found, at = [], TRIGGER
    for kind, automated, later in life:
        at += timedelta(milliseconds=later)
        found.append(IncidentEvent(kind, rfc3339(at), automated and kind == "acknowledged"))
    return found


def case(life: Life, **spoilt: Any) -> Incident:
    known: dict[str, Any] = {"events": events(life), "triggered_at": rfc3339(TRIGGER), **spoilt}
    return Incident(
        id="1", reference="INC-1", severity="SEV1", title="", status="", drill=True,
        acknowledged_at="", acknowledged_by="", mitigated_at="", resolved_at="", raw={}, **known,
    )  # fmt: skip


def slowly(life: Life) -> tuple[float | None, float | None]:
    """Seconds to the first acknowledgement by a person and to the end, event by event."""
    now, acknowledged, resolved = 0, None, None
    for kind, automated, later in life:
        now += later
        if kind == "acknowledged" and not automated and acknowledged is None:
            acknowledged = now / 1000
        if kind == "resolved":
            resolved = now / 1000
        if kind == "reopened":
            resolved = None
    return acknowledged, resolved


def near(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return abs(left - right) <= TOLERANCE_SECONDS


@given(st.lists(lives(), max_size=14))
def test_the_figures_are_those_of_a_slow_model(many: list[Life]) -> None:
    known = [lived(case(life)) for life in many]
    ours = figures([one for one in known if one is not None])
    slow = [slowly(life) for life in many]
    for spread, values in (
        (ours.mtta, sorted(a for a, _ in slow if a is not None)),
        (ours.mttr, sorted(r for _, r in slow if r is not None)),
    ):
        assert spread.count == len(values)
        assert near(spread.mean, statistics.fmean(values) if values else None)
        assert near(spread.median, statistics.median(values) if values else None)
        enough = [v for v in values if 10 * sum(o <= v for o in values) >= 9 * len(values)]
        assert near(spread.p90, min(enough) if values else None)
    assert ours.acknowledged + ours.unacknowledged + ours.censored == ours.total == len(many)
    assert ours.unacknowledged == sum(a is None and r is not None for a, r in slow)
    assert ours.censored == sum(a is None and r is None for a, r in slow)


def as_kept(number: int, life: Life) -> service.Case:
    """The same life as the service keeps it."""
    happened = [
        Event(str(number), at + 1, Kind(one.kind), "a", datetime.fromisoformat(one.at), "",
              one.automated)
        for at, one in enumerate(events(life))
    ]  # fmt: skip
    found = facts(happened)
    status = Status.RESOLVED if found.resolved_at else Status.OPEN
    kept = Kept(
        str(number), f"INC-{number}", Severity.SEV1, "", "", True, status, TRIGGER, "a", TRIGGER
    )
    return service.Case(kept, found)


def on_the_wire(found: service.Figures) -> dict[str, Any]:
    counts = dict(vars(found.counts))
    spreads = {
        name: {
            "count": one.count, "meanSeconds": one.mean_seconds,
            "medianSeconds": one.median_seconds, "p90Seconds": one.p90_seconds,
        }
        for name, one in (("mtta", found.mtta), ("mttr", found.mttr))
    }  # fmt: skip
    return {"counts": counts, **spreads}


@given(st.lists(lives(), max_size=10), st.data())
def test_the_service_reckons_the_same_and_a_wrong_figure_is_noticed(
    many: list[Life], data: st.DataObject
) -> None:
    theirs = on_the_wire(service.figures([as_kept(n, life) for n, life in enumerate(many)]))
    ours = figures([one for one in (lived(case(life)) for life in many) if one is not None])
    assert differences(ours, theirs) == []
    part = data.draw(st.sampled_from(["counts", "mtta", "mttr"]))
    name = data.draw(st.sampled_from(sorted(ours.counts() if part == "counts" else theirs[part])))
    wrong = {**theirs, part: {**theirs[part], name: (theirs[part][name] or 0) + 1}}
    (found,) = differences(ours, wrong)
    assert found.startswith(f"{part}.{name}: ")
    del wrong[part][name]
    assert differences(ours, wrong) == [f"{part}.{name} is not stated"]


def test_what_is_not_said_is_not_reckoned() -> None:
    life: Life = [("opened", False, 0), ("resolved", False, 5)]
    assert lived(case(life, events=None)) is None
    assert lived(case(life, triggered_at="")) is None
    assert lived(case(life, events=[IncidentEvent("opened", "soon", automated=False)])) is None
    nothing = figures([])
    assert (nothing.mtta.mean, nothing.total) == (None, 0)
    assert len(differences(nothing, {"counts": [], "mtta": "fast"})) == 5 + 4 + 4


@pytest.mark.parametrize("kind", ["acknowledged", "resolved"])
def test_what_happened_before_its_trigger_is_no_quick_reaction(kind: str) -> None:
    before = rfc3339(TRIGGER - timedelta(seconds=1))
    assert lived(case([], events=[IncidentEvent(kind, before, automated=False)])) is None
