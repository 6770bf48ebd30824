"""All production traffic to one side, at once, and the proof that it is there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from golive.drillkit.rollback_command import ALL_AT_ONCE
from golive.drills.rollback_readiness.params import Ctx, deployer, production, traffic
from golive.kernel.errors import PortError
from golive.ports.deployer import Deployment, DeploymentStatus, Wait

Pause = Callable[[float], None]
APART = 0.05
_GENERATIONS = 3


def is_on(ctx: Ctx, side: str) -> bool:
    """By the proxy's weights and by what answers in production."""
    weights = traffic(ctx).weights()
    if weights.get(side) != 100 or any(share for name, share in weights.items() if name != side):
        return False
    try:
        return production(ctx).health().instance == side
    except PortError:
        return False


def order(ctx: Ctx, intent: str, side: str, version: str) -> tuple[str, bool]:
    """The deployment for `intent`, and whether it was made just now: found by its key after a
    kill. One that is over without its traffic being there was undone meanwhile: a new one is
    made."""
    for generation in range(_GENERATIONS):
        key = ctx.key(intent, str(generation))
        found = deployer(ctx).find(key)
        if found is None:
            made = deployer(ctx).create(
                incoming=side,
                version=version,
                config=ALL_AT_ONCE,
                description=f"golive {ctx.rehearsal.id} {ctx.item} {intent} {key}",
            )
            ctx.log(f"{intent}: deployment {made} brings all traffic to {side}")
            return made, True
        if is_on(ctx, side) or not deployer(ctx).get(found).status.final:
            return found, False
    raise ctx.fail(f"{intent}: traffic was taken away from {side} again and again")


def arrive(ctx: Ctx, deployment: str, side: str, pause: Pause) -> Deployment:
    """Wait until `deployment` has all traffic on `side`, which may be long before it is over
    (a group that keeps the other side for a while). Ends the wait before traffic moves. StepFailed
    where it ends otherwise, or takes too long."""
    began = ctx.clock.monotonic()
    while True:
        now = deployer(ctx).get(deployment)
        if is_on(ctx, side):
            return now
        if now.status.final and now.status is not DeploymentStatus.SUCCEEDED:
            raise ctx.fail(f"{deployment} ended as {now.status}: {now.error_message}")
        if ctx.clock.monotonic() - began > ctx.params.within:
            raise ctx.fail(f"{deployment} is {now.status}, and traffic is not on {side}")
        if now.status is DeploymentStatus.READY:  # a group that waits for somebody's word
            with suppress(PortError):  # given by somebody else meanwhile: the next look tells
                deployer(ctx).continue_deployment(deployment, Wait.READY)
        ctx.progress(f"{deployment}: {now.status}")
        pause(APART)


def release(ctx: Ctx, intent: str) -> None:
    """End the deployment for `intent` where it still waits (for the other side to be let go), and
    see its rollback through: while either is under way, no other may begin. Its traffic goes back
    to where it was."""
    for generation in reversed(range(_GENERATIONS)):
        found = deployer(ctx).find(ctx.key(intent, str(generation)))
        if found is None:
            continue
        over = _over(ctx, found)
        if not over:
            deployer(ctx).stop(found, rollback=True)
        _undone(ctx, found, stopped_now=not over)


def _undone(ctx: Ctx, deployment: str, *, stopped_now: bool) -> None:
    """Until its rollback is over. One that was over before may have none: not every end has."""
    since = ctx.clock.monotonic()
    while True:
        now = deployer(ctx).get(deployment)
        undoing, waited = now.rollback.rollback_id, ctx.clock.monotonic() - since
        if undoing and deployer(ctx).get(undoing).status.final:
            return
        none = now.status is DeploymentStatus.SUCCEEDED or waited > _SETTLE
        if none and not undoing and not stopped_now:
            return
        if waited > ctx.params.within:
            raise ctx.fail(f"{deployment} was stopped, and its rollback does not come to an end")
        ctx.clock.sleep(APART)


def let_go(ctx: Ctx, deployment: str) -> None:
    """End the wait in which `deployment`, whose traffic has arrived, keeps the other side: its
    traffic stays, and another may begin."""
    since = ctx.clock.monotonic()
    while not deployer(ctx).get(deployment).status.final:
        with suppress(PortError):  # it does not wait yet, or is over by now: the next look tells
            deployer(ctx).continue_deployment(deployment, Wait.TERMINATION)
        if ctx.clock.monotonic() - since > ctx.params.within:
            raise ctx.fail(f"{deployment} has all its traffic, and does not come to an end")
        ctx.clock.sleep(APART)


def _over(ctx: Ctx, deployment: str) -> bool:
    """Whether it is over, or will be in a moment by itself."""
    since = ctx.clock.monotonic()
    while not deployer(ctx).get(deployment).status.final:
        if ctx.clock.monotonic() - since > _SETTLE:
            return False
        ctx.clock.sleep(APART)
    return True


_SETTLE = 3.0
"""Seconds in which a deployment whose traffic has arrived ends, unless its group keeps a side."""
