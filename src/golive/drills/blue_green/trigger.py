"""What calls a shift off: a request, an alarm, a hook that fails or stays silent."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drills.blue_green import orders, state
from golive.drills.blue_green.cycles import Cycle
from golive.drills.blue_green.journal import ALARMED, CALMED, SILENT, TRIGGERED
from golive.drills.blue_green.params import Ctx
from golive.drills.blue_green.watch import Look, follow
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.deployer import Alarm, AlarmKind

_HOUR = 3_700.0
"""Seconds, and some, after which AWS takes a hook's silence for a failure."""


def alarm_of(ctx: Ctx, kind: AlarmKind) -> Alarm | None:
    """The group's alarm of that kind; None where it has none."""
    return next((one for one in state.deployer(ctx).alarms() if one.kind is kind), None)


def pull(ctx: Ctx, cycle: Cycle, deployment: str, reached: str) -> None:
    """Call `deployment` off as the cycle has it. Returns once it is over or has been told."""
    why = f"rehearsed abort {cycle.how()}: {reached}"
    if cycle.kind in ("request", "command"):
        orders.stop(ctx, deployment, why)
    elif cycle.kind == "alarm":
        _by_alarm(ctx, cycle, deployment, why)
    elif cycle.trigger == "hook-failure":
        answer(ctx, deployment, cycle.event(ctx.params), succeeded=False, why=why)
        _to_its_end(ctx, deployment)
    else:
        _by_silence(ctx, cycle, deployment, why)


def _by_alarm(ctx: Ctx, cycle: Cycle, deployment: str, why: str) -> None:
    alarm = alarm_of(ctx, cycle.alarm)
    if alarm is None:
        raise ctx.fail(f"the deployment group has no alarm on {cycle.alarm} any more")
    journal = orders.journal_of(ctx)
    journal.note(ALARMED, alarm=alarm.name)
    journal.note(TRIGGERED, deployment=deployment, by="us", why=why)
    state.deployer(ctx).set_alarm(alarm.name, active=True, reason=f"golive: {why}")
    ctx.log(f"alarm {alarm.name} set to ALARM by hand, not by its metric")
    try:
        _to_its_end(ctx, deployment)
    finally:
        calm(ctx)


def calm(ctx: Ctx) -> None:
    """Set back whatever alarm was set here. Does nothing where none is."""
    last = orders.journal_of(ctx).last(ALARMED, CALMED)
    if last is None or last.event == CALMED:
        return
    name = last.text("alarm")
    state.deployer(ctx).set_alarm(name, active=False, reason="golive: the rehearsal is over")
    orders.journal_of(ctx).note(CALMED, alarm=name)


def _by_silence(ctx: Ctx, cycle: Cycle, deployment: str, why: str) -> None:
    """The trigger is the end of the hook's time, which the deployer alone knows."""
    journal = orders.journal_of(ctx)
    if journal.last(SILENT, deployment=deployment) is None:
        journal.note(SILENT, deployment=deployment, at_event=cycle.event(ctx.params))
    ctx.log(f"{deployment}: the hook at {cycle.event(ctx.params)} is left without an answer")
    live = state.deployer(ctx).fidelity is Fidelity.LIVE
    _to_its_end(ctx, deployment, max(ctx.params.stalled_after, _HOUR if live else 0.0))
    journal.note(TRIGGERED, deployment=deployment, by="us", why=why)


def _to_its_end(ctx: Ctx, deployment: str, stalled: float | None = None) -> None:
    for _ in follow(ctx, deployment, stalled=stalled, onwards=False):
        pass


def answer(ctx: Ctx, deployment: str, event: str, *, succeeded: bool, why: str = "") -> None:
    """Answer the hook that waits at `event`. One that was answered before is left at that."""
    execution = state.deployer(ctx).open_hook(deployment, event)
    if execution is None:
        return
    if not succeeded:
        orders.journal_of(ctx).note(TRIGGERED, deployment=deployment, by="us", why=why)
    state.deployer(ctx).answer_hook(deployment, execution, succeeded=succeeded)
    ctx.log(f"{deployment}: the hook at {event} {'succeeded' if succeeded else 'failed'}")


def by_its_alarms(ctx: Ctx, deployment: str, trouble: str) -> bool | None:
    """Whether the deployment's own alarms stop a release that fails, in the time that they have;
    None where it has none. A rehearsal that is quicker than they are would never know."""
    if not list(state.deployer(ctx).group().alarms):
        return None
    deadline = ctx.clock.monotonic() + ctx.params.alarm_grace
    ctx.log(f"{trouble}: waiting for the deployment's own alarms")
    patient = ctx.params.stalled_after + ctx.params.alarm_grace
    for look in follow(ctx, deployment, stalled=patient, onwards=False):
        if look.deployment.status.final:
            return _noted(ctx, look, trouble)
        if ctx.clock.monotonic() > deadline:
            return False
    return False


def _noted(ctx: Ctx, look: Look, trouble: str) -> bool:
    why = f"{trouble}; {look.deployment.error_message}"
    orders.journal_of(ctx).note(TRIGGERED, deployment=look.deployment.id, by="deployer", why=why)
    return bool(look.deployment.rollback.rollback_id) or _rolls_back(ctx, look.deployment.id)


def _rolls_back(ctx: Ctx, deployment: str) -> bool:
    try:
        return bool(state.deployer(ctx).get(deployment).rollback.rollback_id)
    except PortError:
        return False


def lacking(ctx: Ctx, wanted: Sequence[Cycle]) -> Sequence[str]:
    """Why the cycles' triggers can't be pulled on this target, one reason each."""
    deployer, reasons = state.deployer(ctx), []
    for cycle in wanted:
        if cycle.kind == "alarm" and alarm_of(ctx, cycle.alarm) is None:
            reasons.append(f"{cycle.trigger}: the deployment group has no alarm on {cycle.alarm}")
        if cycle.hooks(ctx.params) and not deployer.hooks_reach_us:
            reasons.append(
                f"{cycle.trigger}: no hook can be answered from here; the target names no "
                "hook_function with a hook_queue"
            )
        if cycle.kind == "command" and deployer.group().termination_minutes <= 0:
            reasons.append(f"{cycle.trigger}: the group keeps the old side no time to return to")
    return reasons
