"""After a proven return: all traffic to the incoming side, and a look at it there."""

from __future__ import annotations

from golive.drillkit.drill import Interrupted
from golive.drillkit.records import CheckVerdict
from golive.drills.blue_green import orders, state
from golive.drills.blue_green.home import PROMOTE, bring_home, new_version, settle
from golive.drills.blue_green.journal import PROMOTED, RETURNED, TRIGGERED
from golive.drills.blue_green.kept import look_after, say_kept
from golive.drills.blue_green.load import enough_after, load_of, session_of
from golive.drills.blue_green.params import Ctx, incoming, old, shown
from golive.drills.blue_green.shift import say_stopped, warm
from golive.drills.blue_green.traffic import failed
from golive.drills.blue_green.watch import Gate, follow
from golive.kernel.json import Json
from golive.ports.deployer import DeploymentStatus, Wait
from golive.ports.marketplace import Health


def promote(ctx: Ctx) -> Json:
    """A second deployment, to 100 %, under the same load and the same gate."""
    warm(ctx)
    return {"deployment": _promoted(ctx, "promotion_healthy")}


def _promoted(ctx: Ctx, check: str) -> str:
    while True:
        deployment = orders.order(
            ctx,
            PROMOTE,
            side=incoming(ctx),
            version=new_version(ctx),
            config=ctx.params.config,
        )
        try:
            if _to_the_end(ctx, deployment, check):
                return deployment
        except Interrupted:
            _withdraw(ctx, deployment)
            raise


def _to_the_end(ctx: Ctx, deployment: str, check: str) -> bool:
    """True once all traffic is there; False where it must be ordered anew."""
    gate = Gate(ctx)
    for look in follow(ctx, deployment):
        if look.deployment.status.final:
            break
        trouble = gate.trouble(look)
        if not trouble and look.wait is Wait.TERMINATION:
            look_after(ctx, deployment)
        if trouble:
            say_stopped(ctx, deployment, trouble)
            _say_healthy(ctx, check, gate, trouble)
            raise ctx.fail(f"the promotion was called off: {trouble}")
    if look.deployment.status is DeploymentStatus.SUCCEEDED and look.share(incoming(ctx)) == 100:
        _say_healthy(ctx, check, gate, "")
        say_kept(ctx, deployment)
        journal = orders.journal_of(ctx)
        journal.note(PROMOTED, deployment=deployment)
        return True
    if orders.begun_before(ctx, PROMOTE):
        # Stopped, or its traffic brought back, while no rehearsal was there to see it.
        bring_home(ctx, "the promotion was cut short while the rehearsal was away")
        orders.give_up(ctx, PROMOTE, f"{deployment} did not last while the rehearsal was away")
        return False
    why = (
        f"{deployment} ended as {look.deployment.status} with {look.share(incoming(ctx)):g}% on "
        f"{shown(ctx, incoming(ctx))}: {look.deployment.error_message}"
    )
    if look.deployment.status is not DeploymentStatus.SUCCEEDED:
        orders.journal_of(ctx).note(TRIGGERED, deployment=deployment, by="deployer", why=why)
        _say_healthy(ctx, check, gate, why)
    raise ctx.fail(why)


def _withdraw(ctx: Ctx, deployment: str) -> None:
    """Interrupted on the way: traffic back first. A promotion that is over stands."""
    if state.deployer(ctx).get(deployment).status.final:
        return
    orders.stop(ctx, deployment, "the run was interrupted")
    settle(ctx, deployment)
    orders.journal_of(ctx).note(RETURNED, deployment=deployment)
    orders.give_up(ctx, PROMOTE, "the run was interrupted")


def _say_healthy(ctx: Ctx, check: str, gate: Gate, trouble: str) -> None:
    ctx.holds(
        check,
        f"while {shown(ctx, incoming(ctx))} takes over, no request fails and p95 stays within "
        f"{gate.limit:g} ms",
        not trouble,
        detail=trouble,
    )


def confirm(ctx: Ctx) -> Json:
    """All traffic on the incoming side, by the proxy's weights, the listener and the load."""
    load_of(ctx).ensure(ctx)
    _still_there(ctx)
    verdicts = [_weights(ctx), _version(ctx), _requests(ctx)]
    if any(verdict is not CheckVerdict.PASS for verdict in verdicts):
        raise ctx.fail(f"{shown(ctx, incoming(ctx))} could not be confirmed in production")
    return {"confirmed": True}


def _still_there(ctx: Ctx) -> None:
    """A stage that was shut down in between came back with its traffic at home."""
    mark = orders.journal_of(ctx).last(PROMOTED)
    away = mark is None or mark.session != session_of(ctx)
    if away and state.weights(ctx).get(incoming(ctx)) != 100:
        orders.give_up(ctx, PROMOTE, "traffic was brought home while the rehearsal was away")
        _promoted(ctx, "promotion_healthy_again")


def _weights(ctx: Ctx) -> CheckVerdict:
    weights = state.weights(ctx)
    return ctx.equals(
        "promoted_weights",
        f"the proxy sends all production traffic to {shown(ctx, incoming(ctx))}",
        {old(ctx): 0.0, incoming(ctx): 100.0},
        {side: weights.get(side) for side in (old(ctx), incoming(ctx))},
    )


def _version(ctx: Ctx) -> CheckVerdict:
    found = state.health(state.production(ctx))
    return ctx.equals(
        "promoted_version",
        "production answers with the incoming side's version",
        new_version(ctx),
        found.version if isinstance(found, Health) else None,
        detail="" if isinstance(found, Health) else str(found),
    )


def _requests(ctx: Ctx) -> CheckVerdict:
    mark = orders.journal_of(ctx).last(PROMOTED)
    since = mark.at if mark is not None else ctx.clock.now().timestamp()
    samples = enough_after(ctx, since)
    wrong = failed(samples) + sum(one.side != incoming(ctx) for one in samples if not one.failed)
    return ctx.at_most(
        "wrong_after_promotion",
        f"requests after the promotion that failed or that {shown(ctx, incoming(ctx))} did not "
        "answer",
        0,
        wrong if samples else None,
        detail=f"of {len(samples)}",
    )
