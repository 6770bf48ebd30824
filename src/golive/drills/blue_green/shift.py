"""Shift traffic to the incoming side and call it off: one cycle for each trigger."""

from __future__ import annotations

from golive.drillkit.drill import Interrupted
from golive.drills.blue_green import orders, state
from golive.drills.blue_green.cycles import Cycle, ordered
from golive.drills.blue_green.home import bring_home, settle
from golive.drills.blue_green.hook import decide
from golive.drills.blue_green.journal import RETURNED, SILENT, TRIGGERED
from golive.drills.blue_green.kept import say_command
from golive.drills.blue_green.load import load_of
from golive.drills.blue_green.params import TEST_TRAFFIC, Ctx, incoming, old, shown
from golive.drills.blue_green.trigger import by_its_alarms, pull
from golive.drills.blue_green.watch import (
    Gate,
    Look,
    follow,
    note_weights,
    shown_weights,
)
from golive.kernel.json import Json, JsonObject
from golive.ports.deployer import DeploymentStatus, Wait

_PATIENCE = 10.0


def shift(ctx: Ctx, cycle: Cycle) -> Json:
    """Order the shift, watch it under load, call it off where and as the cycle has it."""
    warm(ctx)
    while True:
        deployment = ordered(ctx, cycle)
        try:
            return _to_the_abort(ctx, cycle, deployment)
        except Interrupted:
            withdraw(ctx, cycle, deployment)
            raise
        except Missed as missed:
            orders.give_up(ctx, cycle.intent, str(missed))


class Missed(Exception):
    """The deployment ended while no rehearsal watched it."""


def withdraw(ctx: Ctx, cycle: Cycle, deployment: str) -> None:
    """Interrupted on the way: traffic back first."""
    orders.stop(ctx, deployment, "the run was interrupted")
    settle(ctx, deployment)
    orders.journal_of(ctx).note(RETURNED, deployment=deployment)
    orders.give_up(ctx, cycle.intent, "the run was interrupted")


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


def _to_the_abort(ctx: Ctx, cycle: Cycle, deployment: str) -> Json:
    gate, reached, highest = Gate(ctx), "", 0.0
    for look in follow(ctx, deployment):
        highest = max(highest, look.share(incoming(ctx)))
        if look.deployment.status.final:
            return _ended(ctx, cycle, look, highest)
        trouble = gate.trouble(look)
        if trouble:
            _call_off(ctx, look, gate, trouble)
        _validate_again(ctx, cycle, look)
        reached = _reached(ctx, cycle, look)
        if reached:
            break
    _healthy_so_far(ctx, gate, "")
    if cycle.kind == "command":
        say_command(ctx, deployment)
    pull(ctx, cycle, deployment, reached)
    return _aborted(ctx, cycle, deployment, highest)


def _validate_again(ctx: Ctx, cycle: Cycle, look: Look) -> None:
    """A shift that was interrupted is made anew, and its new deployment asks its hook anew."""
    if not cycle.validates(ctx.params) or cycle.event(ctx.params) == TEST_TRAFFIC:
        return
    if look.share(incoming(ctx)) or not orders.journal_of(ctx).generation(cycle.intent):
        return
    if state.deployer(ctx).open_hook(look.deployment.id, TEST_TRAFFIC) is not None:
        decide(ctx, cycle, look.deployment.id)


def _reached(ctx: Ctx, cycle: Cycle, look: Look) -> str:
    """Where it has come to, once that is where it is to be called off; "" before."""
    share, event = look.share(incoming(ctx)), cycle.event(ctx.params)
    if event:
        held = state.deployer(ctx).open_hook(look.deployment.id, event) is not None
        return f"held at {event}" if held else ""
    if cycle.kind == "command":
        there = share == 100 and look.wait is Wait.TERMINATION
        return "all traffic is over, and the old side waits" if there else ""
    return f"{share:g}% reached" if share >= _share(ctx, cycle) else ""


def _meant(ctx: Ctx, cycle: Cycle) -> float:
    """The share that a shift of ours which is over must have come to: it was called off there."""
    return 0.0 if cycle.before_traffic(ctx.params) else _share(ctx, cycle)


def _share(ctx: Ctx, cycle: Cycle) -> float:
    whole = cycle.kind == "command" or cycle.event(ctx.params)
    return 100.0 if whole else ctx.params.share


def _ended(ctx: Ctx, cycle: Cycle, look: Look, highest: float) -> Json:
    """The deployment was over before it was seen to be where it is to be called off."""
    deployment = look.deployment
    journal = orders.journal_of(ctx)
    triggered = journal.last(TRIGGERED, deployment=deployment.id, by="us")
    silent = journal.last(SILENT, deployment=deployment.id)
    undone = deployment.status in (DeploymentStatus.STOPPED, DeploymentStatus.FAILED)
    if undone and (triggered is not None or silent is not None):
        if triggered is None:
            why = "rehearsed abort by a hook that stays silent"
            journal.note(TRIGGERED, deployment=deployment.id, by="us", why=why)
        _healthy_so_far(ctx, Gate(ctx), "")
        return _aborted(ctx, cycle, deployment.id, max(highest, _meant(ctx, cycle)))
    if orders.begun_before(ctx, cycle.intent):
        bring_home(ctx, "the shift went on while the rehearsal was away")
        raise Missed(f"{deployment.id} became {deployment.status} while the rehearsal was away")
    where = cycle.event(ctx.params) or f"{_share(ctx, cycle):g}%"
    why = (
        f"{deployment.id} ended as {deployment.status} before {where} were seen: "
        f"{deployment.error_message or shown_weights(ctx, look.weights)}"
    )
    if deployment.status is not DeploymentStatus.SUCCEEDED:  # an alarm, a hook, another person
        orders.journal_of(ctx).note(TRIGGERED, deployment=deployment.id, by="deployer", why=why)
        _healthy_so_far(ctx, Gate(ctx), why)
    raise ctx.fail(why)


def _call_off(ctx: Ctx, look: Look, gate: Gate, trouble: str) -> None:
    """The real thing: what the rehearsed abort rehearses."""
    say_stopped(ctx, look.deployment.id, trouble)
    _healthy_so_far(ctx, gate, trouble)
    raise ctx.fail(f"called off: {trouble}")


def say_stopped(ctx: Ctx, deployment: str, trouble: str) -> None:
    """A release fails: its own alarms must stop it, and this drill does where they don't."""
    stopped = by_its_alarms(ctx, deployment, trouble)
    if not stopped:
        orders.stop(ctx, deployment, trouble)
    if stopped is not None:
        ctx.holds(
            "stopped_by_alarm",
            f"the deployment's own alarms stop a failing release within "
            f"{ctx.params.alarm_grace:g} s and bring its traffic back",
            stopped,
            detail=state.deployer(ctx).get(deployment).error_message,
        )


def _healthy_so_far(ctx: Ctx, gate: Gate, trouble: str) -> None:
    ctx.holds(
        "shift_healthy",
        f"while traffic shifts to {shown(ctx, incoming(ctx))}, no request fails and p95 stays "
        f"within {gate.limit:g} ms",
        not trouble,
        detail=trouble,
    )


def _aborted(ctx: Ctx, cycle: Cycle, deployment: str, highest: float) -> JsonObject:
    if cycle.before_traffic(ctx.params):
        ctx.equals(
            "aborted_before_traffic",
            f"called off {cycle.how()} at {cycle.event(ctx.params)}, "
            f"{shown(ctx, incoming(ctx))} had no production traffic",
            0.0,
            highest,
            detail=f"{deployment}",
        )
    else:
        ctx.at_least(
            "aborted_at_percent",
            f"{shown(ctx, incoming(ctx))} carried its share when it was called off {cycle.how()}",
            _share(ctx, cycle),
            highest,
            unit="%",
        )
    return {"deployment": deployment, "highest": highest}
