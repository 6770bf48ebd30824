"""What a playbook may say of a cutover."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.drillkit.durations import Duration
from golive.drillkit.sides import side_name

LINEAR = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"
ALL_AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"

Trigger = Literal[
    "request",
    "alarm",
    "alarm-5xx",
    "alarm-latency",
    "alarm-readiness",
    "hook-failure",
    "hook-silence",
    "command",
]
EVENTS = ("AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")
"""Lifecycle events at which a deployment can be held and still be rolled back, in order."""
TEST_TRAFFIC = "AfterAllowTestTraffic"


def moment(value: object) -> float | str:
    """A percentage, or one of EVENTS; ValueError in plain words for anything else."""
    if isinstance(value, str) and value.strip()[:1].isalpha():
        if value in EVENTS:
            return value
        known = ", ".join(EVENTS)
        raise ValueError(f"a percentage such as 50%, or a lifecycle event of {known}")
    return percentage(value)


def percentage(value: object) -> float:
    """`50%`, `"50 %"` or `50` as 50.0; ValueError in plain words for anything else."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%?\s*", value)
        if match:
            return float(match.group(1))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ValueError("a percentage such as 50%")


def _within(value: float | str) -> float | str:
    if isinstance(value, float) and not 0 < value <= 100:
        raise ValueError("a percentage above 0 and up to 100")
    return value


Moment = Annotated[
    float | str,
    BeforeValidator(moment, json_schema_input_type=str | float),
    AfterValidator(_within),
]
Check = Literal["login", "timeline-hub", "commerce-snapshot"]


class HookParams(Params):
    """What decides on a release while its deployment waits, before any production traffic."""

    checks: tuple[Check, ...] = Field((), description="what a person would do first")
    smoke: bool = Field(False, description="whether the target's own smoke pack runs too")


class BlueGreenParams(Params):
    incoming: str = Field("incoming", min_length=1, description="the new side's name")
    validation_port: int = Field(
        9443, ge=1, le=65535, description="where the validation listener is expected"
    )
    insist_port: bool = Field(
        False, description="whether any other port than validation_port is a failure"
    )
    config: str = Field(LINEAR, min_length=1, description="CodeDeploy deployment configuration")
    abort_at: Moment = Field(
        50.0, description="the incoming share, or the lifecycle event, at which it is called off"
    )
    abort_by: tuple[Trigger, ...] = Field(
        ("request",), min_length=1, description="what calls it off: one shift and return for each"
    )
    hook: HookParams | None = Field(
        None, description="validate in the deployment's own hook, not before it"
    )
    alarm_grace: Duration = Field(
        3.0, description="how long the deployment's alarms have to stop a release that fails"
    )
    then: Literal["promote", "stay"] = Field("promote", description="what follows a proven return")
    rate: float = Field(200.0, gt=0, le=20_000, description="probe requests a second")
    path: str = Field("/", pattern=r"^/[!-~]*$", description="what the probe asks for")
    stalled_after: Duration = Field(
        300.0, description="give a deployment up that shows no progress for so long"
    )

    @property
    def event(self) -> str:
        """The lifecycle event at which it is called off; "" where a share decides."""
        return self.abort_at if isinstance(self.abort_at, str) else ""

    @property
    def share(self) -> float:
        """The incoming side's share at which it is called off; 0 where an event decides."""
        return self.abort_at if isinstance(self.abort_at, float) else 0.0

    @model_validator(mode="after")
    def _half_way(self) -> BlueGreenParams:
        name, share = self.config.removeprefix("CodeDeployDefault.ECS"), self.share or 100
        if name == "AllAtOnce" and share < 100:
            raise ValueError(f"{self.config} has no half-way: abort at 100%, or choose another")
        if name.startswith("Canary10Percent") and 10 < share < 100:
            raise ValueError(f"{self.config} stops at 10% and 100% only: abort at one of them")
        return self

    @model_validator(mode="after")
    def _once_each(self) -> BlueGreenParams:
        if len(set(self.abort_by)) != len(self.abort_by):
            raise ValueError("abort_by names a trigger twice")
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
