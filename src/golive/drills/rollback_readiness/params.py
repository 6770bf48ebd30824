"""What a playbook may say of rollback readiness, and what its steps need of the target."""

from __future__ import annotations

from pydantic import Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.drillkit.durations import Duration
from golive.ports.deployer import Deployer, Traffic
from golive.ports.marketplace import Marketplace


class RollbackParams(Params):
    by: tuple[str, ...] = Field((), description="the roles that may run the command")
    execute: bool | None = Field(
        None,
        description="whether to really go back and forth again; where absent, on the stage alone",
    )
    within: Duration = Field(300.0, description="give the way back up after so long")


Ctx = Context[RollbackParams]


def old(ctx: Ctx) -> str:
    return ctx.target.config.old


def incoming(ctx: Ctx) -> str:
    return ctx.target.config.incoming


def executes(ctx: Ctx) -> bool:
    """Whether traffic is really moved: said by the playbook, or on the stage."""
    said = ctx.params.execute
    return ctx.target.config.kind == "stage" if said is None else said


def deployer(ctx: Ctx) -> Deployer:
    return ctx.target.need(ctx.target.deployer, "deployer", "add [deployer] to the target file")


def traffic(ctx: Ctx) -> Traffic:
    return ctx.target.need(ctx.target.traffic, "view of its traffic", "add [traffic]")


def production(ctx: Ctx) -> Marketplace:
    return ctx.target.need(
        ctx.target.production, "production listener", "add production under [listeners]"
    )


def instance(ctx: Ctx, side: str) -> Marketplace:
    return ctx.target.need(
        ctx.target.instances.get(side), f"side {side!r}", f"add [sides.{side}] with its url"
    )
