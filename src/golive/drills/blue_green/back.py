"""The way back: await the rollback, prove that everything is as before, make sure of it."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.drill import Interrupted, StepFailed
from golive.drillkit.records import CheckVerdict
from golive.drills.blue_green import orders, state
from golive.drills.blue_green.cycles import Cycle
from golive.drills.blue_green.home import bring_home, properties, settle
from golive.drills.blue_green.honest import restore
from golive.drills.blue_green.journal import ORDERED, PROVED, RETURNED, TRIGGERED, Mark
from golive.drills.blue_green.load import enough_after, load_of
from golive.drills.blue_green.params import Ctx, incoming, old, shown
from golive.drills.blue_green.traffic import (
    Window,
    failed,
    last_after,
    misrouted,
    of_side,
    windows,
)
from golive.drills.blue_green.trigger import calm
from golive.drills.blue_green.watch import P95_LIMIT, own_limit
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.kernel.times import rfc3339
from golive.ports.marketplace import Health
from golive.ports.probe import figures_of

ROLLBACK_LIMIT = 5.0
"""Seconds from the trigger to the proof, unless the playbook says otherwise."""
_SETTLE = 3.0
"""Seconds for the last property to be as before once the deployer says that it is done."""


def rollback(ctx: Ctx, cycle: Cycle) -> Json:
    """Wait until the deployer says that the traffic is back."""
    load_of(ctx).ensure(ctx)
    calm(ctx)
    deployment = _aborted_deployment(ctx, cycle)
    try:
        undone = orders.returned(ctx, deployment, ctx.pause)
    except Interrupted:
        settle(ctx, deployment)
        raise
    journal = orders.journal_of(ctx)
    if journal.last(RETURNED, deployment=deployment) is None:
        journal.note(RETURNED, deployment=deployment, rollback=undone.id)
    ctx.equals(
        "rollback_linked",
        f"the rollback, called for {cycle.how()}, is a deployment of its own, made by CodeDeploy "
        "and linked to ours",
        [deployment, "codeDeployRollback"],
        [undone.rollback.triggering_id, undone.creator],
    )
    if cycle.error_code:
        found = state.deployer(ctx).get(deployment)
        ctx.equals(
            "abort_cause",
            f"the deployer itself says that the shift was called off {cycle.how()}",
            cycle.error_code,
            found.error_code or None,
            detail=found.error_message,
        )
    return {"rollback": undone.id}


def _aborted_deployment(ctx: Ctx, cycle: Cycle) -> str:
    value = ctx.memo[cycle.intent]
    assert isinstance(value, dict)
    return str(value["deployment"])


def prove(ctx: Ctx, cycle: Cycle) -> Json:
    """Everything equals the snapshot; how long it took; nothing failed or strayed since."""
    load_of(ctx).ensure(ctx)
    verdicts = [_as_before(ctx, "state_as_before"), _how_long(ctx, "rollback_seconds", PROVED)]
    verdicts += [*_since(ctx), *_good_so_far(ctx, cycle)]
    if any(verdict is not CheckVerdict.PASS for verdict in verdicts):
        raise ctx.fail("the return could not be proven, so nothing is promoted")
    return {"proved": True}


def _as_before(ctx: Ctx, check: str) -> CheckVerdict:
    """Property by property, again until equal or out of time."""
    expected, deadline = properties(ctx), ctx.clock.monotonic() + _SETTLE
    while True:
        observed = state.observe(ctx)
        differing = [name for name, value in expected.items() if observed.get(name) != value]
        if not differing or ctx.clock.monotonic() > deadline:
            break
        ctx.pause(0.05)
    journal = orders.journal_of(ctx)
    last = journal.last(TRIGGERED, PROVED)
    if not differing and last is not None and last.event == TRIGGERED:
        journal.note(PROVED)
    detail = "; ".join(f"{one}: was {expected[one]}, is {observed.get(one)}" for one in differing)
    same, total = len(expected) - len(differing), len(expected)
    return ctx.equals(
        check,
        f"after the return, {same} of {total} properties are as before",
        total,
        same if total else None,
        detail=detail or ", ".join(f"{name} {value}" for name, value in expected.items()),
    )


def _how_long(ctx: Ctx, check: str, end: str) -> CheckVerdict:
    """From the trigger to the mark `end`."""
    journal = orders.journal_of(ctx)
    trigger, proof = journal.last(TRIGGERED), journal.last(end)
    seconds, detail = None, "there is no proof"
    if trigger is not None and proof is not None and proof.at >= trigger.at:
        seconds, detail = _between(ctx, trigger, proof)
    return ctx.at_most(
        check,
        f"from the trigger to the {'proof of return' if end == PROVED else 'return of traffic'}",
        ROLLBACK_LIMIT,
        None if seconds is None else round(seconds, 3),
        unit="s",
        detail=detail,
    )


def _between(ctx: Ctx, trigger: Mark, proof: Mark) -> tuple[float | None, str]:
    if trigger.session == proof.session:
        return proof.at - trigger.at, ""
    # The rehearsal was killed in between, perhaps with the stage itself: its own absence is not
    # the target's slowness.
    deployment = state.deployer(ctx).get(trigger.text("deployment"))
    undone = state.deployer(ctx).get(deployment.rollback.rollback_id)
    if undone.completed is None or undone.created is None:
        return None, "the rehearsal was killed in between, and the deployer gives no times"
    begun = max(trigger.at, undone.created.timestamp())
    return (
        max(0.0, undone.completed.timestamp() - begun),
        "the rehearsal was killed in between: this is the rollback's own time, "
        f"{rfc3339(undone.created)} to {rfc3339(undone.completed)}",
    )


def _since(ctx: Ctx) -> Sequence[CheckVerdict]:
    """Requests that started after the return was acknowledged."""
    mark = orders.journal_of(ctx).last(RETURNED)
    samples = enough_after(ctx, mark.at) if mark is not None else []
    wrong = misrouted(samples, _windows(ctx))
    some = bool(samples)
    return [
        ctx.at_most(
            "failed_after_return",
            "requests started after the return was acknowledged that failed",
            0,
            failed(samples) if some else None,
            detail=f"of {len(samples)}",
        ),
        ctx.at_most(
            "misrouted_after_return",
            f"requests started after the return was acknowledged that {shown(ctx, incoming(ctx))} "
            "answered",
            0,
            len(wrong) if some else None,
            detail=f"of {len(samples)}",
        ),
        _switch(ctx),
    ]


def _switch(ctx: Ctx) -> CheckVerdict:
    trigger = orders.journal_of(ctx).last(TRIGGERED)
    samples = load_of(ctx).samples()
    seconds = last_after(samples, incoming(ctx), trigger.at) if trigger and samples else None
    return ctx.at_most(
        "switch_ms",
        f"from the trigger to the last request that {shown(ctx, incoming(ctx))} still took",
        ROLLBACK_LIMIT * 1000,
        None if seconds is None else round(seconds * 1000, 1),
        unit="ms",
    )


def _good_so_far(ctx: Ctx, cycle: Cycle) -> Sequence[CheckVerdict]:
    """Answers that came too late for the gate to see them count all the same."""
    samples = load_of(ctx).samples()
    verdicts = [
        ctx.at_most(
            "failed_before_promotion",
            "requests that have failed so far",
            own_limit(ctx, "failed_requests", 0),
            failed(samples) if samples else None,
            detail=f"of {len(samples)}",
        )
    ]
    if cycle.before_traffic(ctx.params) and not of_side(samples, incoming(ctx)):
        return verdicts
    p95 = figures_of(of_side(samples, incoming(ctx))).p95
    limit = own_limit(ctx, "incoming_p95_ms", P95_LIMIT)
    verdicts.append(
        ctx.at_most(
            "shift_p95_ms",
            f"19 of 20 requests that {shown(ctx, incoming(ctx))} answered took no longer",
            limit,
            None if p95 is None else round(p95 * 1000, 2),
            unit="ms",
        )
    )
    return verdicts


def _windows(ctx: Ctx) -> Sequence[Window]:
    return windows(orders.journal_of(ctx).marks(), old=old(ctx), incoming=incoming(ctx))


def secure(ctx: Ctx) -> Json:
    """After a drill that went wrong, production is on the old side, and this says so by the
    proxy's own weights. After one that went well there is nothing to do."""
    calm(ctx)
    if ctx.memo.get("verify") is not None:
        return {"needed": False}
    _return_and_say(ctx, "traffic_on_old_side", "the drill did not pass")
    if orders.journal_of(ctx).last(ORDERED) is not None:
        _note_return(ctx)
        _as_before(ctx, "restored_as_before")
        if orders.journal_of(ctx).last(TRIGGERED) is not None:
            _how_long(ctx, "return_seconds", RETURNED)
    return {"needed": True}


def _note_return(ctx: Ctx) -> None:
    journal = orders.journal_of(ctx)
    last = journal.last(ORDERED, RETURNED)
    if last is not None and last.event == ORDERED:
        journal.note(RETURNED)


def undo_shift(ctx: Ctx) -> Json:
    return _return_and_say(ctx, "undone_shift", "the shift is undone")


def undo_validation(ctx: Ctx) -> Json:
    """Only a validation in the hook has anything to undo."""
    restore(ctx)
    if orders.journal_of(ctx).last(ORDERED) is None:
        return {"needed": False}
    return _return_and_say(ctx, "undone_validation", "the validation is undone")


def undo_promotion(ctx: Ctx) -> Json:
    return _return_and_say(ctx, "undone_promotion", "the promotion is undone")


def _return_and_say(ctx: Ctx, check: str, why: str) -> Json:
    trouble = ""
    if orders.journal_of(ctx).last(ORDERED) is not None:
        try:
            bring_home(ctx, why)
        except (StepFailed, PortError) as error:
            trouble = str(error)
            raise ctx.fail(f"{trouble}. Bring production back by hand now") from error
        finally:
            _say_where(ctx, check, trouble)
    else:
        _say_where(ctx, check, "the drill had moved nothing")
    return {"home": True}


def _say_where(ctx: Ctx, check: str, detail: str) -> None:
    side = old(ctx)
    try:
        weights = state.weights(ctx)
        found = state.health(state.production(ctx))
    except PortError as error:
        ctx.holds(check, f"production is on {shown(ctx, side)}", None, detail=str(error))
        return
    answered = found.instance if isinstance(found, Health) else "nobody"
    ctx.equals(
        check,
        f"the proxy sends all production traffic to {shown(ctx, side)}, which answers",
        {"weights": {side: 100.0, incoming(ctx): 0.0}, "answers": side},
        {
            "weights": {one: weights.get(one, 0.0) for one in (side, incoming(ctx))},
            "answers": answered,
        },
        detail=detail,
    )
