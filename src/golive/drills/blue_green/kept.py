"""The old side after the promotion: frozen, reachable, and one command away."""

from __future__ import annotations

import shlex

from golive.drills.blue_green import orders, state
from golive.drills.blue_green.home import properties
from golive.drills.blue_green.journal import KEPT
from golive.drills.blue_green.params import Ctx, incoming, old, shown
from golive.kernel.errors import PortError
from golive.kernel.json import JsonObject
from golive.ports.marketplace import Marketplace


def command(ctx: Ctx, deployment: str) -> str:
    """What brings traffic back as long as the old side waits, for a terminal."""
    config = ctx.target.config.deployer
    file = config.credentials if config else None
    words = ["env", f"AWS_SHARED_CREDENTIALS_FILE={file}"] if file else []
    words += ["aws", "deploy", "stop-deployment", "--deployment-id", deployment]
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
    """Once, in the termination wait: how the old side is found, into the journal."""
    if orders.journal_of(ctx).last(KEPT, deployment=deployment) is not None:
        return
    side = old(ctx)
    ctx.log(
        f"to bring traffic back to {shown(ctx, side)} until {shown(ctx, incoming(ctx))} is "
        f"confirmed: {command(ctx, deployment)}"
    )
    direct = ctx.target.instances.get(side)
    if direct is None:
        ctx.log(f"whether {shown(ctx, side)} is kept can't be seen: the target names no way to it")
        found: JsonObject | None = None
    else:
        found = _found(ctx, direct)
    orders.journal_of(ctx).note(
        KEPT, deployment=deployment, command=command(ctx, deployment), found=found
    )


def _found(ctx: Ctx, direct: Marketplace) -> JsonObject:
    health = state.health(direct)
    try:
        weight = state.weights(ctx).get(old(ctx))
    except PortError:
        weight = None
    if isinstance(health, PortError):
        return {"alive": False, "ready": False, "version": None, "weight": weight}
    return {
        "alive": health.alive,
        "ready": health.ready,
        "version": health.version,
        "weight": weight,
    }


def say_kept(ctx: Ctx, deployment: str) -> None:
    """The check, from the journal: a promotion that is taken up after its wait says it too."""
    mark = orders.journal_of(ctx).last(KEPT, deployment=deployment)
    if mark is None or mark.data.get("found") is None:
        return
    version = properties(ctx)[f"{old(ctx)}.version"]
    ctx.equals(
        "old_side_kept",
        f"before it is let go, {shown(ctx, old(ctx))} is reachable, unchanged and idle",
        {"alive": True, "ready": True, "version": version, "weight": 0.0},
        mark.data["found"],
    )
