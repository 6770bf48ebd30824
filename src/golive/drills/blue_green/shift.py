"""Shift traffic to the incoming side and call it off half-way."""

from __future__ import annotations

from golive.drillkit.drill import Interrupted
from golive.drills.blue_green import orders
from golive.drills.blue_green.home import bring_home, properties, settle
from golive.drills.blue_green.journal import TRIGGERED
from golive.drills.blue_green.load import load_of
from golive.drills.blue_green.params import Ctx, incoming, old, shown
from golive.drills.blue_green.watch import Gate, Look, follow, note_weights, shown_weights
from golive.kernel.json import Json, JsonObject
from golive.ports.deployer import DeploymentStatus

SHIFT = "shift"
_PATIENCE = 10.0


def shift(ctx: Ctx) -> Json:
    """Order the shift, watch it under load, stop it with rollback at the chosen share."""
    warm(ctx)
    while True:
        deployment = _ordered(ctx)
        try:
            return _abort_half_way(ctx, deployment)
        except Interrupted:
            orders.stop(ctx, deployment, "the run was interrupted")
            settle(ctx, deployment)
            orders.give_up(ctx, SHIFT, "the run was interrupted")
            raise
        except _Missed as missed:
            orders.give_up(ctx, SHIFT, str(missed))


class _Missed(Exception):
    """The deployment ended while no rehearsal watched it."""


def warm(ctx: Ctx) -> None:
    """The load runs and production answers it, before anything moves."""
    load = load_of(ctx)
    load.ensure(ctx)
    note_weights(ctx, orders.journal_of(ctx))
    deadline = ctx.clock.monotonic() + _PATIENCE
    while not any(one.side == old(ctx) for one in load.samples()):
        if ctx.clock.monotonic() > deadline:
            raise ctx.fail(f"{shown(ctx, old(ctx))} answers none of the probe's requests")
        ctx.pause(0.05)


def _ordered(ctx: Ctx) -> str:
    return orders.order(
        ctx,
        SHIFT,
        side=incoming(ctx),
        version=str(properties(ctx)[f"{incoming(ctx)}.version"]),
        config=ctx.params.config,
    )


def _abort_half_way(ctx: Ctx, deployment: str) -> Json:
    gate, reached, highest = Gate(ctx), "", 0.0
    for look in follow(ctx, deployment):
        highest = max(highest, look.share(incoming(ctx)))
        if look.deployment.status.final:
            return _ended(ctx, look, highest)
        trouble = gate.trouble(look)
        if trouble:
            _call_off(ctx, look, gate, trouble)
        if look.share(incoming(ctx)) >= ctx.params.abort_at:
            reached = f"{look.share(incoming(ctx)):g}% reached"
            break
    _healthy_so_far(ctx, gate, "")
    orders.stop(ctx, deployment, f"rehearsed abort: {reached}")
    return _aborted(ctx, deployment, highest)


def _ended(ctx: Ctx, look: Look, highest: float) -> Json:
    """The deployment was over before the share was seen to be reached."""
    deployment = look.deployment
    triggered = orders.journal_of(ctx).last(TRIGGERED, deployment=deployment.id, by="us")
    if triggered is not None and deployment.status is DeploymentStatus.STOPPED:
        _healthy_so_far(ctx, Gate(ctx), "")
        return _aborted(ctx, deployment.id, max(highest, ctx.params.abort_at))
    if orders.begun_before(ctx, SHIFT):
        bring_home(ctx, "the shift went on while the rehearsal was away")
        raise _Missed(f"{deployment.id} became {deployment.status} while the rehearsal was away")
    why = (
        f"{deployment.id} ended as {deployment.status} before {ctx.params.abort_at:g}% were seen: "
        f"{deployment.error_message or shown_weights(ctx, look.weights)}"
    )
    if deployment.status is not DeploymentStatus.SUCCEEDED:  # an alarm, a hook, another person
        orders.journal_of(ctx).note(TRIGGERED, deployment=deployment.id, by="deployer", why=why)
        _healthy_so_far(ctx, Gate(ctx), why)
    raise ctx.fail(why)


def _call_off(ctx: Ctx, look: Look, gate: Gate, trouble: str) -> None:
    """The real thing: what the rehearsed abort rehearses."""
    orders.stop(ctx, look.deployment.id, trouble)
    _healthy_so_far(ctx, gate, trouble)
    raise ctx.fail(f"called off: {trouble}")


def _healthy_so_far(ctx: Ctx, gate: Gate, trouble: str) -> None:
    ctx.holds(
        "shift_healthy",
        f"while traffic shifts to {shown(ctx, incoming(ctx))}, no request fails and p95 stays "
        f"within {gate.limit:g} ms",
        not trouble,
        detail=trouble,
    )


def _aborted(ctx: Ctx, deployment: str, highest: float) -> JsonObject:
    ctx.at_least(
        "aborted_at_percent",
        f"{shown(ctx, incoming(ctx))} carried its share when the abort was triggered",
        ctx.params.abort_at,
        highest,
        unit="%",
    )
    return {"deployment": deployment, "highest": highest}
