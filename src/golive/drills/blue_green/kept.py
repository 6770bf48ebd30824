"""The old side after the promotion: frozen, reachable, and one command away."""

from __future__ import annotations

import shlex

from golive.drills.blue_green import orders, state
from golive.drills.blue_green.home import properties
from golive.drills.blue_green.journal import KEPT
from golive.drills.blue_green.params import Ctx, incoming, old, shown
from golive.kernel.errors import PortError
from golive.ports.marketplace import Health


def command(ctx: Ctx, deployment: str) -> str:
    """What brings traffic back as long as the old side waits, for a terminal."""
    config = ctx.target.config.deployer
    words = ["aws", "deploy", "stop-deployment", "--deployment-id", deployment]
    words.append("--auto-rollback-enabled")
    for option, value in (
        ("--region", config.region if config else None),
        ("--profile", config.profile if config else None),
        ("--endpoint-url", config.endpoint if config else None),
    ):
        words += [option, value] if value else []
    return shlex.join(words)


def say_command(ctx: Ctx, deployment: str) -> None:
    ctx.log(f"the rollback command, as it is given now: {command(ctx, deployment)}")


def look_after(ctx: Ctx, deployment: str) -> None:
    """Once, in the termination wait: the old side runs, unchanged, and nobody uses it."""
    if orders.journal_of(ctx).last(KEPT, deployment=deployment) is not None:
        return
    side, before = old(ctx), properties(ctx)
    try:
        direct = ctx.target.instances.get(side)
        found = state.health(direct) if direct is not None else None
        weight = state.weights(ctx).get(side)
    except PortError as error:
        found, weight = error, None
    if found is None:
        ctx.log(f"whether {shown(ctx, side)} is kept can't be seen: the target names no way to it")
    else:
        health = found if isinstance(found, Health) else None
        ctx.equals(
            "old_side_kept",
            f"before it is let go, {shown(ctx, side)} is reachable, unchanged and idle",
            {"alive": True, "ready": True, "version": before[f"{side}.version"], "weight": 0.0},
            {
                "alive": health.alive if health else False,
                "ready": health.ready if health else False,
                "version": health.version if health else None,
                "weight": weight,
            },
            detail=str(found) if isinstance(found, PortError) else "",
        )
    ctx.log(
        f"to bring traffic back to {shown(ctx, side)} until {shown(ctx, incoming(ctx))} is "
        f"confirmed: {command(ctx, deployment)}"
    )
    orders.journal_of(ctx).note(KEPT, deployment=deployment, command=command(ctx, deployment))
