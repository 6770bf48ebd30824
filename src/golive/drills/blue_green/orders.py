"""Deployments of ours: made once for each intent, found again, ended in order."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drills.blue_green import state
from golive.drills.blue_green.journal import (
    GIVEN_UP,
    ORDERED,
    STOPPED,
    TRIGGERED,
    Journal,
)
from golive.drills.blue_green.load import session_of
from golive.drills.blue_green.params import Ctx
from golive.drills.blue_green.watch import Pause, looks_apart, note_weights
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.deployer import Deployment, DeploymentStatus


def _patience(ctx: Ctx) -> float:
    """Seconds without a word of a rollback, after which there is none."""
    most = 120.0 if state.deployer(ctx).fidelity is Fidelity.LIVE else 10.0
    return min(most, ctx.params.stalled_after)


def journal_of(ctx: Ctx) -> Journal:
    return Journal(ctx, session_of(ctx))


def order(
    ctx: Ctx, intent: str, *, side: str, version: str, config: str, hooks: Sequence[str] = ()
) -> str:
    """The deployment for `intent`: the one that is there, or a new one."""
    journal, deployer = journal_of(ctx), state.deployer(ctx)
    key = ctx.key(intent, str(journal.generation(intent)))
    known = journal.last(ORDERED, key=key)
    found = deployer.find(key)
    if found is None:
        if known is None:
            journal.note(ORDERED, intent=intent, key=key, side=side)
        found = deployer.create(
            incoming=side,
            version=version,
            config=config,
            description=f"golive {ctx.rehearsal.id} {ctx.item} {intent} {key}",
            hooks=hooks,
        )
        held = f", held at {', '.join(hooks)}" if hooks else ""
        ctx.log(f"{intent}: deployment {found} created, {config}{held}")
    elif known is None:
        journal.note(ORDERED, intent=intent, key=key, side=side)
    return found


def begun_before(ctx: Ctx, intent: str) -> bool:
    """Whether another life of this rehearsal ordered the current deployment for `intent`."""
    journal = journal_of(ctx)
    mark = journal.last(ORDERED, key=ctx.key(intent, str(journal.generation(intent))))
    return mark is not None and mark.session != session_of(ctx)


def give_up(ctx: Ctx, intent: str, why: str) -> None:
    """The next order for `intent` is a new one."""
    journal_of(ctx).note(GIVEN_UP, intent=intent, why=why)
    ctx.log(f"{intent}: {why}; it starts again")


def stop(ctx: Ctx, deployment: str, why: str) -> None:
    """Stop with rollback, unless that was done already or the deployment is over."""
    journal, deployer = journal_of(ctx), state.deployer(ctx)
    if deployer.get(deployment).status.final:
        return
    journal.note(TRIGGERED, deployment=deployment, by="us", why=why)
    try:
        answer = deployer.stop(deployment, rollback=True)
    except PortError:
        if not deployer.get(deployment).status.final:
            raise
        answer = "already over"
    journal.note(STOPPED, deployment=deployment, answer=answer)
    ctx.log(f"{deployment} stopped with rollback ({why}): {answer}")


def returned(ctx: Ctx, deployment: str, pause: Pause) -> Deployment:
    """Wait for the rollback of `deployment`; its record. StepFailed where it doesn't come or
    doesn't succeed."""
    rollback = _rollback_of(ctx, deployment, pause)
    journal, since = journal_of(ctx), ctx.clock.monotonic()
    while True:
        now = state.deployer(ctx).get(rollback)
        note_weights(ctx, journal)
        if now.status.final:
            break
        if ctx.clock.monotonic() - since > _patience(ctx):
            raise ctx.fail(f"rollback {rollback} does not come to an end: it is {now.status}")
        ctx.progress(f"rollback {rollback}: {now.status}")
        pause(looks_apart(ctx))
    if now.status is not DeploymentStatus.SUCCEEDED:
        raise ctx.fail(f"rollback {rollback} ended as {now.status}: {now.error_message}")
    return now


def _rollback_of(ctx: Ctx, deployment: str, pause: Pause) -> str:
    since = ctx.clock.monotonic()
    while True:
        now = state.deployer(ctx).get(deployment)
        if now.rollback.rollback_id:
            return now.rollback.rollback_id
        if ctx.clock.monotonic() - since > _patience(ctx):
            raise ctx.fail(
                f"{deployment} is {now.status}, but no rollback deployment was made for it"
            )
        pause(looks_apart(ctx))


def ours(ctx: Ctx, *, without: str = "") -> Sequence[str]:
    """Ids of this attempt's deployments, in order, but those for the intent `without`; found by
    key, so that one created just before a kill is among them."""
    keys = [
        mark.text("key")
        for mark in journal_of(ctx).marks()
        if mark.event == ORDERED and mark.text("intent") != without
    ]
    found = (state.deployer(ctx).find(key) for key in dict.fromkeys(keys))
    return [identifier for identifier in found if identifier is not None]
