"""Synthetic checks: each of them round after round, with latency."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from golive.drillkit.drill import Drill, Measure, Output, Step
from golive.drillkit.figures import milliseconds, percentile
from golive.drillkit.sides import way_in
from golive.drills.synthetic.params import Ctx, Probe, SyntheticParams
from golive.drills.synthetic.request import Filing, withdraw
from golive.kernel.errors import PortError
from golive.kernel.json import Json, JsonObject
from golive.ports.marketplace import Marketplace, Session


class Synthetic(Drill[SyntheticParams]):
    name = "synthetic"
    summary = "What people do first (sign in, look, ask for their data) works quickly, every time."
    params = SyntheticParams
    fits = ("synthetic", "monitoring", "login", "timeline hub", "commerce snapshot")
    outputs = (Output("results", "{item}/synthetic-results.json", "application/json"),)
    measures = (
        Measure("synthetic_failures", "requests", "checks that failed or answered wrongly"),
        Measure("p95_ms", "ms", "95th percentile over every check"),
        Measure("timeline_warnings", "warnings", "distinct warnings of the timeline hub"),
    )

    def steps(self, params: SyntheticParams) -> Sequence[Step[SyntheticParams]]:
        steps = (Step("rounds", _rounds),)
        if Probe.REQUEST not in params.checks:
            return steps
        return (*steps, Step("withdraw", withdraw, always=True))


class _Tally:
    """What one check came to."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.failures: list[str] = []

    def figures(self) -> JsonObject:
        return {
            "attempts": len(self.seconds) + len(self.failures),
            "failures": len(self.failures),
            "reasons": sorted(set(self.failures)),
            **{
                f"p{share}Ms": milliseconds(percentile(self.seconds, share / 100))
                for share in (50, 95, 99)
            },
            "maxMs": milliseconds(max(self.seconds, default=None)),
        }


def _rounds(ctx: Ctx) -> Json:
    market = way_in(ctx.target, ctx.params.through)
    tallies = {probe: _Tally() for probe in ctx.params.checks}
    warnings: set[str] = set()
    filing = Filing(ctx, market)
    try:
        for number in range(1, ctx.params.rounds + 1):
            ctx.progress(f"round {number} of {ctx.params.rounds}", round=number)
            ctx.pause(0)
            _round(ctx, market, tallies, warnings, filing)
    finally:
        _keep(ctx, market, tallies, warnings)
    _judge(ctx, tallies, warnings)
    return {"rounds": ctx.params.rounds, "failures": _failures(tallies)}


def _round(
    ctx: Ctx,
    market: Marketplace,
    tallies: Mapping[Probe, _Tally],
    warnings: set[str],
    filing: Filing,
) -> None:
    """Each check once. Without a session the others can't be tried: that is their failure too."""
    signing_in = tallies.get(Probe.LOGIN) or _Tally()
    session = _timed(signing_in, lambda: market.login(ctx.params.role))
    if Probe.TIMELINE in tallies:
        hub = _signed(tallies[Probe.TIMELINE], session, market.timeline_hub)
        if hub is not None:
            problem = _hub_problem(hub)
            _settle(tallies[Probe.TIMELINE], problem)
            warnings.update(_warnings(hub))
    if Probe.COMMERCE in tallies:
        snapshot = _signed(
            tallies[Probe.COMMERCE],
            session,
            lambda signed: market.commerce_snapshot(signed, ctx.params.persona),
        )
        if snapshot is not None:
            _settle(tallies[Probe.COMMERCE], _snapshot_problem(snapshot))
    if Probe.REQUEST in tallies:
        request = _signed(tallies[Probe.REQUEST], session, filing.file)
        if request is not None:
            _settle(tallies[Probe.REQUEST], filing.problem(request))


def _timed(tally: _Tally, action: Callable[[], Session]) -> Session | None:
    began = time.monotonic()
    try:
        session = action()
    except PortError as error:
        tally.failures.append(error.what)
        return None
    tally.seconds.append(time.monotonic() - began)
    return session


def _signed(
    tally: _Tally, session: Session | None, ask: Callable[[Session], JsonObject]
) -> JsonObject | None:
    if session is None:
        tally.failures.append("not tried: signing in failed")
        return None
    began = time.monotonic()
    try:
        answer = ask(session)
    except PortError as error:
        tally.failures.append(error.what)
        return None
    tally.seconds.append(time.monotonic() - began)
    return answer


def _settle(tally: _Tally, problem: str) -> None:
    """An answer in time that says nothing is a failure, not a quick success."""
    if problem:
        tally.seconds.pop()
        tally.failures.append(problem)


def _hub_problem(hub: JsonObject) -> str:
    entries = hub.get("entries")
    if not isinstance(entries, list):
        return "the timeline hub has no list of entries"
    return "" if entries else "the timeline hub is empty"


def _snapshot_problem(snapshot: JsonObject) -> str:
    parts = ("orders", "rentals", "revenue", "escrow", "alerts")
    missing = [name for name in parts if snapshot.get(name) is None]
    return f"the commerce snapshot lacks {', '.join(missing)}" if missing else ""


def _warnings(hub: JsonObject) -> Sequence[str]:
    """A partial failure shows only here; the answer is a 200 all the same."""
    said = hub.get("warnings")
    if not isinstance(said, list):
        return ()
    return [str(one.get("message", one)) if isinstance(one, dict) else str(one) for one in said]


def _keep(
    ctx: Ctx, market: Marketplace, tallies: Mapping[Probe, _Tally], warnings: set[str]
) -> None:
    document: Json = {
        "through": ctx.params.through,
        "url": market.url,
        "rounds": ctx.params.rounds,
        "checks": {probe.value: tally.figures() for probe, tally in tallies.items()},
        "timelineWarnings": sorted(warnings),
    }
    ctx.save_json("results", document, fidelity=market.fidelity)


def _judge(ctx: Ctx, tallies: Mapping[Probe, _Tally], warnings: set[str]) -> None:
    for probe, tally in tallies.items():
        ctx.equals(
            f"{probe.value}-succeeds",
            f"{probe.value} succeeded in each of {ctx.params.rounds} rounds",
            ctx.params.rounds,
            len(tally.seconds),
            detail="; ".join(sorted(set(tally.failures))),
        )
    ctx.at_most(
        "synthetic_failures", "no synthetic check failed", 0, _failures(tallies), unit="requests"
    )
    every = [one for tally in tallies.values() for one in tally.seconds]
    ctx.at_most(
        "p95_ms",
        "19 of 20 checks were answered in time",
        ctx.params.p95_ms,
        milliseconds(percentile(every, 0.95)),
        unit="ms",
    )
    if Probe.TIMELINE in tallies:
        answered = bool(tallies[Probe.TIMELINE].seconds)
        ctx.at_most(
            "timeline_warnings",
            "the timeline hub had no warnings: nothing in it failed in part",
            0,
            len(warnings) if answered else None,
            unit="warnings",
            detail="; ".join(sorted(warnings)),
        )


def _failures(tallies: Mapping[Probe, _Tally]) -> int:
    return sum(len(tally.failures) for tally in tallies.values())
