"""What a playbook may say of a cutover."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.drillkit.durations import Duration
from golive.drillkit.sides import side_name

LINEAR = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"
ALL_AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"

Trigger = Literal["request", "alarm", "hook-failure", "hook-silence"]


def percentage(value: object) -> float:
    """`50%`, `"50 %"` or `50` as 50.0; ValueError in plain words for anything else."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%?\s*", value)
        if match:
            return float(match.group(1))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ValueError("a percentage such as 50%")


Percentage = Annotated[
    float,
    BeforeValidator(percentage, json_schema_input_type=str | float),
    Field(gt=0, le=100, allow_inf_nan=False),
]


class BlueGreenParams(Params):
    incoming: str = Field("incoming", min_length=1, description="the new side's name")
    validation_port: int = Field(
        9443, ge=1, le=65535, description="where the validation listener is expected"
    )
    insist_port: bool = Field(
        False, description="whether any other port than validation_port is a failure"
    )
    config: str = Field(LINEAR, min_length=1, description="CodeDeploy deployment configuration")
    abort_at: Percentage = Field(50.0, description="share of traffic at which to abort")
    abort_by: tuple[Trigger, ...] = Field(("request",), min_length=1)
    then: Literal["promote", "stay"] = Field("promote", description="what follows a proven return")
    rate: float = Field(200.0, gt=0, le=20_000, description="probe requests a second")
    path: str = Field("/", pattern=r"^/[!-~]*$", description="what the probe asks for")
    stalled_after: Duration = Field(
        300.0, description="give a deployment up that shows no progress for so long"
    )

    @model_validator(mode="after")
    def _half_way(self) -> BlueGreenParams:
        name = self.config.removeprefix("CodeDeployDefault.ECS")
        if name == "AllAtOnce" and self.abort_at < 100:
            raise ValueError(f"{self.config} has no half-way: abort at 100%, or choose another")
        if name.startswith("Canary10Percent") and 10 < self.abort_at < 100:
            raise ValueError(f"{self.config} stops at 10% and 100% only: abort at one of them")
        return self


Ctx = Context[BlueGreenParams]


def incoming(ctx: Ctx) -> str:
    """The new side's name."""
    return side_name(ctx.target, ctx.params.incoming)


def old(ctx: Ctx) -> str:
    """The side that carries the traffic before the cutover."""
    config = ctx.target.config
    return config.incoming if incoming(ctx) == config.old else config.old


def shown(ctx: Ctx, side: str) -> str:
    """`incoming blue (new)` or `green (old)`: names of sides say nothing of their roles."""
    return f"incoming {side} (new)" if side == incoming(ctx) else f"{side} (old)"
