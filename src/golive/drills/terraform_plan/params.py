"""What may be said of a plan, and what its steps need of the target."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.drillkit.expand import expand
from golive.ports.plan import Planner


class TerraformPlanParams(Params):
    workspace: str = Field(min_length=1, description="the workspace to plan")
    variables: Mapping[str, str] = Field(
        default_factory=dict, description="input variables; {name} expands"
    )
    reference: str = Field(
        "",
        max_length=80,
        description="what the playbook calls this run, e.g. #2481; kept in its record",
    )
    refuse_destroy: bool = Field(
        True, description="fail when the plan destroys or replaces anything"
    )
    health_path: str = Field(
        "/healthz",
        description="where the rehearsal asks for health; a plan that asks elsewhere is a finding",
    )
    validation_port: int = Field(
        9443,
        ge=1,
        le=65535,
        description="of the test listener, closed to the world",
    )


Ctx = Context[TerraformPlanParams]


def planner(ctx: Ctx) -> Planner:
    """The target's planner, or NotConfigured."""
    return ctx.target.need(
        ctx.target.planner, "Terraform directory", "add [terraform] with its directory"
    )


def variables(ctx: Ctx) -> Mapping[str, str]:
    return {name: expand(text, ctx) for name, text in ctx.params.variables.items()}
