"""Blue/green deployments in AWS CodeDeploy's own terms (ECS compute platform).

Source: the CodeDeploy API reference, operations of version 2014-10-06.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject


class DeploymentStatus(StrEnum):
    CREATED = "Created"
    QUEUED = "Queued"
    IN_PROGRESS = "InProgress"
    BAKING = "Baking"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPED = "Stopped"
    READY = "Ready"

    @property
    def final(self) -> bool:
        """Whether the deployment will not change again."""
        return self in (self.SUCCEEDED, self.FAILED, self.STOPPED)


class LifecycleStatus(StrEnum):
    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    SKIPPED = "Skipped"
    UNKNOWN = "Unknown"


class Wait(StrEnum):
    """What `continue_deployment` ends."""

    READY = "READY_WAIT"
    TERMINATION = "TERMINATION_WAIT"


@dataclass(frozen=True)
class LifecycleEvent:
    name: str
    status: LifecycleStatus
    started: datetime | None = None
    ended: datetime | None = None
    diagnostics: str = ""


@dataclass(frozen=True)
class TaskSet:
    """One side of the cutover. `weight` is a percentage; `label` is AWS's `Blue` (old) or `Green`
    (new), which says nothing about the name of the instance: `side` does."""

    side: str
    label: str
    status: str
    """`PRIMARY`, `ACTIVE` or `DRAINING`."""
    weight: float
    target_group: str


@dataclass(frozen=True)
class RollbackInfo:
    rollback_id: str = ""
    triggering_id: str = ""
    message: str = ""


@dataclass(frozen=True)
class Deployment:
    id: str
    status: DeploymentStatus
    creator: str
    """`user`, `autoscaling`, `codeDeployRollback`, …"""
    description: str
    created: datetime | None
    completed: datetime | None
    config: str
    rollback: RollbackInfo
    error_code: str
    error_message: str
    raw: JsonObject
    """The whole answer, for the evidence."""


@dataclass(frozen=True)
class DeploymentTarget:
    id: str
    status: str
    events: Sequence[LifecycleEvent]
    task_sets: Sequence[TaskSet]
    raw: JsonObject

    def weights(self) -> Mapping[str, float]:
        """Percentage of production traffic by side."""
        return {task_set.side: task_set.weight for task_set in self.task_sets}


@dataclass(frozen=True)
class GroupSettings:
    """What the deployment group is set to do: the pre-flight of a cutover reads it."""

    name: str
    rollback_events: frozenset[str]
    """Of `DEPLOYMENT_FAILURE`, `DEPLOYMENT_STOP_ON_ALARM`, `DEPLOYMENT_STOP_ON_REQUEST`."""
    alarms: Sequence[str]
    has_test_listener: bool
    raw: JsonObject
    termination_minutes: float = 0.0
    """How long the old side is kept after the last of the traffic has moved."""


class AlarmKind(StrEnum):
    """What an alarm watches, by its metric."""

    ERRORS = "5xx"
    """Answers of 500 and above by the targets themselves, not by the load balancer."""
    LATENCY = "latency"
    READINESS = "readiness"
    OTHER = "other"


@dataclass(frozen=True)
class Alarm:
    """One of the group's alarms."""

    name: str
    kind: AlarmKind
    metric: str
    state: str
    """`OK`, `ALARM` or `INSUFFICIENT_DATA`."""
    reason: str = ""
    side: str = ""
    """The side whose target group alone it watches, or the name of another target group; "" where
    it watches more than one, or the whole load balancer."""

    def sees(self, side: str) -> bool:
        """Whether what `side` does wrong can set it off."""
        return self.side in ("", side)


@dataclass(frozen=True)
class Service:
    """What carries production traffic now, by the service's own record."""

    task_set: str
    """The primary task set's id."""
    task_definition: str
    target_group: str


class Deployer(Protocol):
    """Creates, watches, stops and continues deployments of one deployment group."""

    fidelity: Fidelity

    def group(self) -> GroupSettings: ...

    def alarms(self) -> Sequence[Alarm]:
        """The group's alarms that can be found, and how they stand."""
        ...

    def set_alarm(self, name: str, *, active: bool, reason: str) -> None:
        """Set an alarm's state by hand, until its next evaluation: no metric need be bad."""
        ...

    def service(self) -> Service:
        """The service that is deployed, as it runs now."""
        ...

    @property
    def hooks_reach_us(self) -> bool:
        """Whether a lifecycle hook can be answered from here: see `open_hook`."""
        ...

    def create(
        self,
        *,
        incoming: str,
        version: str,
        config: str,
        description: str,
        hooks: Sequence[str] = (),
    ) -> str:
        """Start shifting traffic to `incoming`; returns the deployment's id.

        `config` is a deployment configuration's name (`CodeDeployDefault.ECSAllAtOnce`, …).
        `description` carries the caller's idempotency key: see `find`. At each lifecycle event in
        `hooks` the deployment waits until `answer_hook`.
        """
        ...

    def open_hook(self, deployment: str, event: str) -> str | None:
        """The id under which the hook at `event` waits for its answer; None where none does."""
        ...

    def answer_hook(self, deployment: str, execution: str, *, succeeded: bool) -> None:
        """A hook that was answered already, or whose time is up, is a PortError."""
        ...

    def find(self, key: str) -> str | None:
        """The id of the deployment whose description holds `key`: look before you create."""
        ...

    def get(self, deployment: str) -> Deployment: ...

    def target(self, deployment: str) -> DeploymentTarget:
        """The deployment's one ECS target, with lifecycle events and task sets."""
        ...

    def stop(self, deployment: str, *, rollback: bool) -> str:
        """Answers `Pending` or `Succeeded`. A deployment that is over is a PortError."""
        ...

    def continue_deployment(self, deployment: str, wait: Wait) -> None: ...


class Traffic(Protocol):
    """What the production listener does now, read from the proxy itself and not from a record."""

    fidelity: Fidelity

    def weights(self) -> Mapping[str, float]:
        """Percentage of production traffic by side; sums to 100."""
        ...
