"""Deployment configurations: in which steps traffic moves. Pure.

Source: AWS CodeDeploy user guide, "Predefined deployment configurations for an Amazon ECS compute
platform".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from golive.stage.controller.errors import ApiError

Routing = Mapping[str, Any]
"""A TrafficRoutingConfig as the wire has it."""


@dataclass(frozen=True)
class Shift:
    """The incoming side's share in percent, and the minutes until the next shift."""

    share: float
    minutes: float


def linear(percentage: int, interval: int) -> Routing:
    return {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": percentage, "linearInterval": interval},
    }


def canary(percentage: int, interval: int) -> Routing:
    return {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": percentage, "canaryInterval": interval},
    }


ALL_AT_ONCE_NAME: Final = "CodeDeployDefault.ECSAllAtOnce"
DEFAULTS: Final[Mapping[str, Routing]] = {
    ALL_AT_ONCE_NAME: {"type": "AllAtOnce"},
    "CodeDeployDefault.ECSCanary10Percent15Minutes": canary(10, 15),
    "CodeDeployDefault.ECSCanary10Percent5Minutes": canary(10, 5),
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes": linear(10, 1),
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes": linear(10, 3),
}


def schedule(routing: Routing) -> Sequence[Shift]:
    """Every shift in order, the last to 100. ApiError where the configuration makes no sense."""
    kind = routing.get("type", "AllAtOnce")
    if kind == "AllAtOnce":
        return (Shift(100.0, 0.0),)
    if kind == "TimeBasedCanary":
        share, minutes = _pair(routing, "timeBasedCanary", "canary")
        return (Shift(share, minutes), Shift(100.0, 0.0))
    share, minutes = _pair(routing, "timeBasedLinear", "linear")
    steps = [Shift(done, minutes) for done in _multiples(share)]
    return (*steps, Shift(100.0, 0.0))


def _multiples(share: int) -> Sequence[float]:
    return [float(done) for done in range(share, 100, share)]


def _pair(routing: Routing, member: str, prefix: str) -> tuple[int, int]:
    held = routing.get(member, {})
    share, minutes = held.get(f"{prefix}Percentage"), held.get(f"{prefix}Interval")
    if not isinstance(share, int) or not 1 <= share <= 99:
        raise _invalid(f"{prefix}Percentage must be between 1 and 99")
    if not isinstance(minutes, int) or not 1 <= minutes <= 2880:
        raise _invalid(f"{prefix}Interval must be between 1 and 2880 minutes")
    return share, minutes


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidTrafficRoutingConfigurationException", message)
