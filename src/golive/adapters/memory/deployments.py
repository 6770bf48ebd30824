"""What is known of one deployment in memory, and how the port shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from golive.adapters.memory.world import World, at
from golive.kernel.errors import PortError
from golive.ports.deployer import (
    Deployment,
    DeploymentStatus,
    LifecycleEvent,
    RollbackInfo,
    TaskSet,
    Wait,
)

EVENTS = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
ALARMS = ("memory-5xx", "memory-latency", "memory-readiness")
HOOK_PATIENCE = 30.0
"""Seconds of the world's clock that a hook may take to answer."""
BAD_LOOKS = 2
"""An alarm sees what is wrong a little later than whoever counts every request."""
CODES = {"alarm:": "ALARM_ACTIVE", "the": "HOOK_EXECUTION_FAILURE", "stopped": "MANUAL_STOP"}
"""By the first word of why it ended."""
STOP_ON_REQUEST = "DEPLOYMENT_STOP_ON_REQUEST"
ROLLBACK_EVENTS = frozenset({"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", STOP_ON_REQUEST})


def shares_of(config: str) -> Sequence[float]:
    """The incoming side's percentages in turn; PortError for a configuration that isn't there."""
    name = config.removeprefix("CodeDeployDefault.ECS")
    if name == "AllAtOnce":
        return [100.0]
    if name.startswith("Linear10Percent"):
        return [float(share) for share in range(10, 101, 10)]
    if name.startswith("Canary10Percent"):
        return [10.0, 100.0]
    raise PortError(
        f"no deployment configuration {config!r}",
        where="CreateDeployment",
        hint="for example CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        answer="DeploymentConfigDoesNotExistException",
    )


@dataclass
class Record:
    """One deployment."""

    id: str
    creator: str
    description: str
    config: str
    incoming: str
    version: str
    before: Mapping[str, float]
    created: datetime
    shares: list[float]
    status: DeploymentStatus = DeploymentStatus.CREATED
    completed: datetime | None = None
    rollback: RollbackInfo = field(default_factory=RollbackInfo)
    events: dict[str, LifecycleEvent] = field(default_factory=dict)
    continued: set[Wait] = field(default_factory=set)
    hooks: Sequence[str] = ()
    answers: dict[str, bool] = field(default_factory=dict)
    """What hooks were answered, by event."""
    message: str = ""
    code: str = ""
    bad_looks: int = 0


def shown(record: Record) -> Deployment:
    rollback = record.rollback
    return Deployment(
        id=record.id,
        status=record.status,
        creator=record.creator,
        description=record.description,
        created=record.created,
        completed=record.completed,
        config=record.config,
        rollback=rollback,
        error_code=record.code,
        error_message=record.message,
        raw={
            "deploymentId": record.id,
            "status": record.status.value,
            "creator": record.creator,
            "description": record.description,
            "deploymentConfigName": record.config,
            "createTime": at(record.created),
            "completeTime": at(record.completed),
            "rollbackInfo": {
                "rollbackDeploymentId": rollback.rollback_id,
                "rollbackTriggeringDeploymentId": rollback.triggering_id,
                "rollbackMessage": rollback.message,
            },
        },
    )


def task_sets(world: World, record: Record) -> Sequence[TaskSet]:
    """Both sides, by the weights of the moment."""
    return [
        TaskSet(
            side=name,
            label="Green" if name == record.incoming else "Blue",
            status="PRIMARY" if world.weights[name] > 50 else "ACTIVE",
            weight=world.weights[name],
            target_group=side.target_group,
        )
        for name, side in world.sides.items()
    ]
