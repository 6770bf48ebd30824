"""What may be said of a workflow run, and the code host that it needs."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.ports.code_host import CodeHost


class WorkflowParams(Params):
    workflow: str = Field(
        min_length=1, max_length=200, description="the workflow's file name, e.g. terraform.yml"
    )
    ref: str = Field(
        "main", min_length=1, max_length=200, description="branch or tag that it runs on"
    )
    inputs: Mapping[str, str] = Field(default_factory=dict, description="as the workflow declares")
    mark: str = Field(
        "",
        description="the input that takes our id for the run; the workflow's run-name must show it",
    )
    reviewers: int = Field(
        0, ge=0, le=6, description="persons, other than who started it, who must have approved"
    )
    artifacts: tuple[str, ...] = Field(
        (), max_length=20, description="artifacts that must be there, kept with their digests"
    )
    minutes: float = Field(30, gt=0, le=1440, description="how long it may take")
    poll_seconds: float = Field(5, gt=0, le=300)


Ctx = Context[WorkflowParams]


def host(ctx: Ctx) -> CodeHost:
    """The target's code host, or NotConfigured."""
    return ctx.target.need(
        ctx.target.code_host, "code host", "add [code_host] with `repository` and `token`"
    )


def mark(ctx: Ctx) -> str:
    """Our id for the run: the same however often the step runs."""
    return f"{ctx.rehearsal.id}-{ctx.key('workflow')[:8]}"


def run_id(ctx: Ctx) -> int:
    """The run that was started."""
    known = ctx.memo.get("dispatch")
    if not isinstance(known, int):
        raise ctx.fail("no run was started")
    return known
