"""Starting the run, once."""

from __future__ import annotations

from datetime import timedelta

from golive.drills.workflow.params import Ctx, host, mark, run_id
from golive.kernel.json import Json
from golive.ports.code_host import WorkflowRun

_SKEW = timedelta(minutes=5)
"""By how much the host's clock may be behind ours."""
_LOOKS = 24
"""How often a run is looked for that the host did not name."""


def dispatch(ctx: Ctx) -> Json:
    """Start the run, or find the one that an earlier try has started."""
    params, code_host = ctx.params, host(ctx)
    since = ctx.clock.now() - _SKEW
    before = {one.id for one in code_host.runs(params.workflow, since)}
    known = _marked(ctx) if params.mark else None
    if known is not None:
        ctx.log(f"run {known.number} bears our mark: it was started before")
        return known.id
    inputs = {**params.inputs, **({params.mark: mark(ctx)} if params.mark else {})}
    told = code_host.dispatch(params.workflow, params.ref, inputs)
    if told is not None:
        return told
    for _ in range(_LOOKS):
        found = _started(ctx, before)
        if found is not None:
            return found.id
        ctx.pause(params.poll_seconds)
    raise ctx.fail("the host took the dispatch, and no run of it could be told from others'")


def cancel(ctx: Ctx) -> Json:
    """End our run where it isn't over. May run twice."""
    if not isinstance(ctx.memo.get("dispatch"), int):
        return None
    identifier = run_id(ctx)
    if not host(ctx).run(identifier).over:
        host(ctx).cancel(identifier)
        ctx.log(f"run {identifier} was cancelled")
    return identifier


def _marked(ctx: Ctx) -> WorkflowRun | None:
    """The run whose title bears our mark, however long ago it was started."""
    runs = host(ctx).runs(ctx.params.workflow, ctx.clock.now() - timedelta(days=2))
    return next((one for one in runs if mark(ctx) in one.title), None)


def _started(ctx: Ctx, before: set[int]) -> WorkflowRun | None:
    """Ours, from a host that doesn't tell: by its mark, or because it is the only new one."""
    if ctx.params.mark:
        return _marked(ctx)
    runs = host(ctx).runs(ctx.params.workflow, ctx.clock.now() - timedelta(hours=1))
    new = [one for one in runs if one.id not in before]
    return new[0] if len(new) == 1 else None
