"""Figures over the whole drill, and the evidence."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.records import CheckVerdict
from golive.drills.blue_green import gauges, orders, state
from golive.drills.blue_green.cycles import takes_traffic
from golive.drills.blue_green.home import RETURN
from golive.drills.blue_green.journal import KEPT
from golive.drills.blue_green.load import load_of
from golive.drills.blue_green.params import Ctx, incoming, old, shown
from golive.drills.blue_green.picture import draw
from golive.drills.blue_green.traffic import (
    by_side,
    by_step,
    failed,
    judged,
    misrouted,
    of_side,
    shown_figures,
    windows,
)
from golive.drills.blue_green.verdicts import say_verdicts
from golive.drills.blue_green.watch import P95_LIMIT
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.ports.deployer import LifecycleEvent
from golive.ports.probe import ProbeSample, figures_of


def verify(ctx: Ctx) -> Json:
    """The whole drill's traffic, judged once all of it is known."""
    if any(one is not CheckVerdict.PASS for one in _judge(ctx, load_of(ctx).stop())):
        raise ctx.fail("the drill's traffic as a whole was not as it must be")
    return {"judged": True}


def _judge(ctx: Ctx, samples: Sequence[ProbeSample]) -> Sequence[CheckVerdict]:
    some = bool(samples)
    spans = windows(orders.journal_of(ctx).marks(), old=old(ctx), incoming=incoming(ctx))
    wrong, could = misrouted(samples, spans), judged(samples, spans)
    verdicts = [
        ctx.at_most(
            "failed_requests",
            "requests that failed through the whole drill",
            0,
            failed(samples) if some else None,
            detail=f"of {len(samples)}",
        ),
        ctx.at_most(
            "misrouted_requests",
            "requests answered by a side that had no business to, through the whole drill",
            0,
            len(wrong) if could or wrong else None,
            detail=f"of {len(samples)}, {could} of them while only one side may answer",
        ),
    ]
    sides = {"incoming_p95_ms": incoming(ctx), "old_p95_ms": old(ctx)}
    untouched = ctx.memo.get("verify") is None and not of_side(samples, incoming(ctx))
    if untouched or not takes_traffic(ctx.params):
        del sides["incoming_p95_ms"]
    for name, side in sides.items():
        p95 = figures_of(of_side(samples, side)).p95
        verdicts.append(
            ctx.at_most(
                name,
                f"19 of 20 requests that {shown(ctx, side)} answered took no longer",
                P95_LIMIT,
                None if p95 is None else round(p95 * 1000, 2),
                unit="ms",
            )
        )
    return verdicts


def collect(ctx: Ctx) -> Json:
    """Always: what the deployer, the load and the journal say, whatever became of the drill."""
    samples = _last_samples(ctx)
    if ctx.memo.get("verify") is None and orders.ours(ctx, without=RETURN):
        _judge(ctx, samples)
    say_verdicts(ctx)
    deployments = _save_deployments(ctx)
    _save_traffic(ctx, samples)
    _save_metrics(ctx, samples)
    _save_record(ctx, deployments)
    return {"requests": len(samples), "deployments": deployments}


def _last_samples(ctx: Ctx) -> Sequence[ProbeSample]:
    """Everything measured, also where the load broke off: that is a finding and no reason to leave
    the rest of the evidence behind."""
    try:
        return load_of(ctx).stop()
    except PortError as error:
        ctx.holds("load_unbroken", "the load went on to the end", False, detail=str(error))
        return load_of(ctx).samples()


def _save_deployments(ctx: Ctx) -> Sequence[str]:
    """Every deployment of this attempt and its rollback: answers as they came, and the log."""
    deployer = state.deployer(ctx)
    raw: list[Json] = []
    log: list[JsonObject] = []
    names: list[str] = []
    queue = list(orders.ours(ctx))
    while queue:
        identifier = queue.pop(0)
        deployment, target = deployer.get(identifier), deployer.target(identifier)
        raw.append({"deployment": deployment.raw, "target": target.raw})
        names.append(identifier)
        log.append(
            {
                "deployment": identifier,
                "creator": deployment.creator,
                "status": deployment.status.value,
                "description": deployment.description,
                "rollback": deployment.rollback.rollback_id,
                "rollbackOf": deployment.rollback.triggering_id,
                "message": deployment.error_message or deployment.rollback.message,
                "events": [_event(one) for one in target.events],
            }
        )
        if deployment.rollback.rollback_id:
            queue.insert(0, deployment.rollback.rollback_id)
    ctx.save_json("lifecycle", log, fidelity=deployer.fidelity)
    ctx.save_json("deployments", raw, fidelity=deployer.fidelity)
    return names


def _event(event: LifecycleEvent) -> JsonObject:
    return {
        "event": event.name,
        "status": event.status.value,
        "started": rfc3339(event.started) if event.started else None,
        "ended": rfc3339(event.ended) if event.ended else None,
        "diagnostics": event.diagnostics,
    }


def _save_traffic(ctx: Ctx, samples: Sequence[ProbeSample]) -> None:
    probe = ctx.target.probe
    log = load_of(ctx).log
    if log.exists():
        ctx.save("samples", log, fidelity=probe.fidelity)
    figures: Json = {
        "old": old(ctx),
        "incoming": incoming(ctx),
        "rate": ctx.params.rate,
        "whole": shown_figures(figures_of(samples)),
        "bySide": by_side(samples),
        "byStep": by_step(samples, orders.journal_of(ctx).marks()),
    }
    ctx.save_json("traffic", figures, fidelity=probe.fidelity)


def _save_metrics(ctx: Ctx, samples: Sequence[ProbeSample]) -> None:
    """Both sides' own figures, and the picture of it all. Nothing where no load ever ran."""
    readings = gauges.kept(load_of(ctx).gauges.file)
    if not readings and not samples:
        return
    known = [one.fidelity for one in ctx.target.metrics.values()]
    fidelity = known[0] if known else ctx.target.probe.fidelity
    ctx.save_json("metrics", {"sides": dict(gauges.series(readings))}, fidelity=fidelity)
    if ctx.target.probe.fidelity is Fidelity.SIMULATED:
        return  # a picture of traffic that nobody sent would look like evidence
    picture = draw(ctx, samples, orders.journal_of(ctx).marks(), readings)
    ctx.save("chart", picture, fidelity=ctx.target.probe.fidelity)


def _save_record(ctx: Ctx, deployments: Sequence[str]) -> None:
    """What happened when: the drill's own journal."""
    events: list[JsonObject] = [
        {"at": mark.at, "event": mark.event, **mark.data} for mark in orders.journal_of(ctx).marks()
    ]
    try:
        weights: Json = state.weights(ctx)
    except PortError as error:
        weights = str(error)
    record: Json = {
        "rehearsal": ctx.rehearsal.id,
        "item": ctx.item,
        "attempt": ctx.attempt,
        "old": old(ctx),
        "incoming": incoming(ctx),
        "parameters": ctx.params.model_dump(mode="json"),
        "stageMinuteSeconds": _minute(ctx),
        "deployments": list(deployments),
        "rollbackCommand": _rollback_command(ctx),
        "events": events,
        "weightsAtTheEnd": weights,
    }
    ctx.save_json("record", record, fidelity=state.fidelity(ctx))


def _minute(ctx: Ctx) -> float | None:
    """What a minute of the deployer's takes on a stage; None where it is a minute."""
    config = ctx.target.config
    found = config.variables.get("stage_minute_seconds") if config.kind == "stage" else None
    return None if found is None else float(found)


def _rollback_command(ctx: Ctx) -> str | None:
    """What would have brought traffic back as long as the old side was kept."""
    mark = orders.journal_of(ctx).last(KEPT)
    return mark.text("command") if mark is not None else None
