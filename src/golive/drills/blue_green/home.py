"""Production traffic back on the old side, whatever it takes."""

from __future__ import annotations

from golive.drillkit.drill import StepFailed
from golive.drills.blue_green import orders, state
from golive.drills.blue_green.params import ALL_AT_ONCE, Ctx, incoming, old, shown
from golive.drills.blue_green.watch import follow, looks_apart, note_weights
from golive.kernel.json import JsonObject
from golive.ports.deployer import DeploymentStatus

RETURN = "return"
PROMOTE = "promote"


def properties(ctx: Ctx) -> JsonObject:
    """The start snapshot; StepFailed where there is none."""
    found = ctx.memo.get("snapshot")
    if not isinstance(found, dict):
        raise ctx.fail("there is no snapshot of the start")
    return found


def new_version(ctx: Ctx) -> str:
    """What a deployment brings in: the incoming side's version as the start had it, or the release
    that is rehearsed, where a deployment installs that side first."""
    found = properties(ctx).get(f"{incoming(ctx)}.version")
    return ctx.rehearsal.release if found is None else str(found)


def at_home(ctx: Ctx) -> bool:
    """Whether the proxy sends everything to the old side, now."""
    weights = note_weights(ctx, orders.journal_of(ctx))
    return weights.get(old(ctx)) == 100 and weights.get(incoming(ctx), 0.0) == 0


def settle(ctx: Ctx, deployment: str) -> None:
    """Let a deployment that was told to stop come to its end, its rollback too. Nothing hurries
    this: whoever interrupts a rehearsal wants traffic back first."""
    since = ctx.clock.monotonic()
    while not (now := state.deployer(ctx).get(deployment)).status.final:
        if ctx.clock.monotonic() - since > ctx.params.stalled_after:
            raise ctx.fail(f"deployment {deployment} was stopped and is still {now.status}")
        ctx.clock.sleep(looks_apart(ctx))
    if now.rollback.rollback_id or not at_home(ctx):
        orders.returned(ctx, deployment, ctx.clock.sleep)


def bring_home(ctx: Ctx, why: str) -> None:
    """End our deployments that are under way; where production still isn't on the old side, deploy
    the old side. Does nothing where everything is as it should be, so it may run again."""
    for deployment in orders.ours(ctx, without=RETURN):
        orders.stop(ctx, deployment, why)
        if state.deployer(ctx).get(deployment).status is not DeploymentStatus.SUCCEEDED:
            _settle_or_clear(ctx, deployment)
    while not at_home(ctx):
        ctx.log(f"{why}: bringing all production traffic back to {shown(ctx, old(ctx))}")
        _redeploy_old(ctx, why)


def _settle_or_clear(ctx: Ctx, deployment: str) -> None:
    """A rollback that hangs would keep every other deployment out: end it, as a last resort."""
    try:
        settle(ctx, deployment)
    except StepFailed as failure:
        ctx.log(str(failure))
        rollback = state.deployer(ctx).get(deployment).rollback.rollback_id
        if rollback and not state.deployer(ctx).get(rollback).status.final:
            state.deployer(ctx).stop(rollback, rollback=False)
            ctx.log(f"{rollback} stopped, so that another way back is free")


def _redeploy_old(ctx: Ctx, why: str) -> None:
    version = str(properties(ctx)[f"{old(ctx)}.version"])
    deployment = orders.order(ctx, RETURN, side=old(ctx), version=version, config=ALL_AT_ONCE)
    earlier = state.deployer(ctx).get(deployment).status.final
    for look in follow(ctx, deployment, ctx.clock.sleep):
        status = look.deployment.status
    if earlier:
        orders.give_up(ctx, RETURN, f"{deployment} was of an earlier need")
    elif status is not DeploymentStatus.SUCCEEDED or not at_home(ctx):
        raise ctx.fail(
            f"{why}, and production could not be brought back: {deployment} ended as {status}; "
            f"weights {state.weights(ctx)}"
        )
