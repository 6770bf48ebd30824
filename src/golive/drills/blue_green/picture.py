"""The shift on one sheet: shares, latency, errors and both sides' readiness, events marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from golive.drillkit.chart import Axis, Line, Panel
from golive.drillkit.chart import Mark as Upright
from golive.drillkit.chart_apart import panels
from golive.drills.blue_green.gauges import Gauge
from golive.drills.blue_green.journal import (
    ORDERED,
    PROMOTED,
    PROVED,
    RETURNED,
    TRIGGERED,
    WEIGHTS,
    Mark,
)
from golive.drills.blue_green.params import Ctx, incoming, old, shown
from golive.ports.probe import ProbeSample, percentile

_BUCKETS = 120
_LEAST = 0.1
"""Points on a line at most, and the shortest time (seconds) that one of them stands for."""
_EVENTS = {ORDERED: "ordered", TRIGGERED: "called off", RETURNED: "back", PROVED: "proven",
           PROMOTED: "promoted"}  # fmt: skip


def draw(
    ctx: Ctx, samples: Sequence[ProbeSample], marks: Sequence[Mark], gauges: Sequence[Gauge]
) -> bytes:
    """PNG bytes. What was not measured is a gap, and a panel without figures says so."""
    sides = (old(ctx), incoming(ctx))
    buckets = _buckets(samples)
    return panels(
        f"Cutover of release {ctx.rehearsal.release}",
        [
            Panel("Production traffic", [_shares(ctx, side, marks) for side in sides], "%",
                  most=100),
            Panel("95th percentile", [_each(ctx, side, buckets, _p95) for side in sides], "ms"),
            Panel("Failed requests", [_each(ctx, side, buckets, _failed) for side in sides],
                  "requests"),
            Panel("Readiness", [_readiness(ctx, side, gauges) for side in sides], "gauge", most=1),
        ],
        [
            Upright(mark.at, _label(mark))
            for mark in marks
            if mark.event in _EVENTS
        ],
        axis=Axis("", ZoneInfo(ctx.rehearsal.timezone)),
        columns=2,
        note=f"traffic {ctx.target.probe.fidelity}: {len(samples)} requests; readiness as each "
        "instance exposes it (1 ready, 0.75 degraded, 0 error)",
    )  # fmt: skip


def _label(mark: Mark) -> str:
    return f"{_EVENTS[mark.event]} {mark.text('intent') or mark.text('deployment')}".strip()


def _shares(ctx: Ctx, side: str, marks: Sequence[Mark]) -> Line:
    points: list[tuple[float, float | None]] = []
    for mark in marks:
        weights = mark.data.get("weights")
        if mark.event == WEIGHTS and isinstance(weights, dict):
            share = weights.get(side, 0.0)
            points.append((mark.at, float(share) if isinstance(share, int | float) else None))
    if points and marks:
        points.append((marks[-1].at, points[-1][1]))
    return Line(shown(ctx, side), points, step=True)


def _buckets(samples: Sequence[ProbeSample]) -> Sequence[tuple[float, Sequence[ProbeSample]]]:
    """Samples by equal stretches of time; each with its middle."""
    if not samples:
        return ()
    start, end = samples[0].started, samples[-1].started
    width = max(_LEAST, (end - start) / _BUCKETS)
    found: dict[int, list[ProbeSample]] = {}
    for one in samples:
        found.setdefault(int((one.started - start) / width), []).append(one)
    return [(start + (number + 0.5) * width, rows) for number, rows in sorted(found.items())]


def _each(
    ctx: Ctx,
    side: str,
    buckets: Sequence[tuple[float, Sequence[ProbeSample]]],
    figure: Callable[[Sequence[ProbeSample]], float | None],
) -> Line:
    points = [(at, figure([one for one in rows if one.side == side])) for at, rows in buckets]
    return Line(shown(ctx, side), points)


def _p95(rows: Sequence[ProbeSample]) -> float | None:
    found = percentile(sorted(one.latency for one in rows), 0.95)
    return None if found is None else found * 1000


def _failed(rows: Sequence[ProbeSample]) -> float | None:
    return float(sum(one.failed for one in rows)) if rows else None


def _readiness(ctx: Ctx, side: str, gauges: Sequence[Gauge]) -> Line:
    points = [(one.at, one.readiness) for one in gauges if one.side == side]
    return Line(shown(ctx, side), points, step=True)
