"""The drill and its steps."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.drill import Drill, Measure, Output, Step
from golive.drillkit.rollback_command import back_to, shown, stop, watch
from golive.drills.rollback_readiness.look import look
from golive.drills.rollback_readiness.params import (
    Ctx,
    RollbackParams,
    deployer,
    executes,
    incoming,
    old,
)
from golive.drills.rollback_readiness.rehearse import back, forth, undo_back
from golive.kernel.json import Json


class RollbackReadiness(Drill[RollbackParams]):
    """Look, print the command, go back with it, restore."""

    name = "rollback-readiness"
    summary = "The old side stands by, frozen; the way back is printed, walked and timed."
    params = RollbackParams
    fits = ("rollback readiness", "roll back", "rollback", "fallback")
    outputs = (
        Output("before", "{item}/rollback-before.json", "application/json"),
        Output("command", "{item}/rollback-command.txt", "text/plain"),
        Output("record", "{item}/rollback-record.json", "application/json"),
    )
    measures = (
        Measure("rollback_seconds", "s", "from the order to go back to the proof"),
        Measure("roles_unknown", "roles", "named under `by`, and held by nobody of this day"),
    )

    def steps(self, params: RollbackParams) -> Sequence[Step[RollbackParams]]:  # noqa: ARG002
        return (
            Step("look", look),
            Step("command", _command),
            Step("back", back, undo=undo_back),
            Step("forth", forth),
            Step("record", _record, always=True),
        )


def _command(ctx: Ctx) -> Json:
    """The way back as a person would type it on this target, and who that may be."""
    config = ctx.target.config.deployer
    if config is None:
        deployer(ctx)  # says what to add to the target file
        raise ctx.fail("the target file describes no deployer")
    seen = ctx.memo["look"]
    assert isinstance(seen, dict)
    version = str(seen[f"{old(ctx)}.version"])
    why = f"Back to {old(ctx)} ({version}), {ctx.rehearsal.release or ctx.rehearsal.id}"
    text = _runbook(ctx, version, shown(back_to(config, old(ctx), version, why)))
    ctx.save("command", text, fidelity=ctx.target.config.fidelity)
    ctx.holds("command_printed", "the command to go back is on record, ready to be run", True)
    _roles(ctx)
    return {"version": version}


def _runbook(ctx: Ctx, version: str, command: str) -> str:
    config = ctx.target.config.deployer
    assert config is not None
    who = ", ".join(ctx.params.by) or "nobody was named"
    sides = f"from {incoming(ctx)} (new) to {old(ctx)} (old, {version})"
    return f"""The way back on {ctx.target.name}: {sides}
Who may run it: {who}

1. While the launch's deployment is still under way (or keeps the old side), call it off:

{shown(stop(config, "DEPLOYMENT-ID"))}

2. Once it is over, bring the old side in again, all traffic at once:

{command}

3. See how it goes; it is done when its status is Succeeded and the old side answers:

{shown(watch(config, "DEPLOYMENT-ID"))}
"""


def _roles(ctx: Ctx) -> None:
    known = {row.owner.casefold() for row in ctx.standing.rows}
    known |= {one.role.casefold() for one in ctx.standing.scopes}
    unknown = [role for role in ctx.params.by if role.casefold() not in known]
    if not ctx.standing.rows:
        ctx.log("no playbook stands behind this drill, so its roles can't be looked up")
        return
    ctx.at_most(
        "roles_unknown",
        "roles that may run the command, and that the day does not know",
        0,
        len(unknown) if ctx.params.by else None,
        unit="roles",
        detail=f"unknown: {', '.join(unknown)}"
        if unknown
        else ", ".join(ctx.params.by) or "name them under `by`",
    )


def _record(ctx: Ctx) -> Json:
    """Always: what was found, ordered and measured."""
    record: Json = {
        "target": ctx.target.name,
        "old": old(ctx),
        "incoming": incoming(ctx),
        "mayRun": list(ctx.params.by),
        "executed": executes(ctx),
        "found": ctx.memo.get("look"),
        "back": ctx.memo.get("back"),
        "forth": ctx.memo.get("forth"),
    }
    fidelity = ctx.target.deployer.fidelity if ctx.target.deployer else ctx.target.config.fidelity
    ctx.save_json("record", record, fidelity=fidelity)
    return None
