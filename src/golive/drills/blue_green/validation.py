"""The step `validate`: before the deployment is made, or in its hook."""

from __future__ import annotations

from golive.drillkit.drill import Interrupted
from golive.drills.blue_green import orders, state
from golive.drills.blue_green.before import validated
from golive.drills.blue_green.cycles import Cycle, ordered
from golive.drills.blue_green.hook import decide
from golive.drills.blue_green.params import TEST_TRAFFIC, Ctx
from golive.drills.blue_green.shift import Missed, warm, withdraw
from golive.drills.blue_green.watch import follow
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.ports.deployer import LifecycleStatus


def validate(ctx: Ctx, cycle: Cycle) -> Json:
    """Before the deployment is made, or in its hook where the playbook says so."""
    if not cycle.validates(ctx.params):
        return validated(ctx)
    warm(ctx)
    while True:
        deployment = ordered(ctx, cycle)
        try:
            if _waits(ctx, cycle, deployment):
                return decide(ctx, cycle, deployment)
            return {"answered": "before"}
        except Interrupted:
            withdraw(ctx, cycle, deployment)
            raise
        except Missed as missed:
            orders.give_up(ctx, cycle.intent, str(missed))


def _waits(ctx: Ctx, cycle: Cycle, deployment: str) -> bool:
    """Whether the hook waits for its answer; False where it was given before a kill."""
    for look in follow(ctx, deployment):
        if look.deployment.status.final:
            if orders.begun_before(ctx, cycle.intent):
                raise Missed(f"{deployment} ended as {look.deployment.status} meanwhile")
            raise ctx.fail(
                f"{deployment} ended as {look.deployment.status} before its hook was asked: "
                f"{look.deployment.error_message}"
            )
        if state.deployer(ctx).open_hook(deployment, TEST_TRAFFIC) is not None:
            return True
        if _passed(ctx, deployment):
            return False
    raise ctx.fail(f"{deployment} ended before its hook was asked")


def _passed(ctx: Ctx, deployment: str) -> bool:
    try:
        events = state.deployer(ctx).target(deployment).events
    except PortError:  # it has not started
        return False
    return any(
        one.name == TEST_TRAFFIC and one.status is LifecycleStatus.SUCCEEDED for one in events
    )
