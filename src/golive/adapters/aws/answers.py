"""CodeDeploy's answers as the port's records. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.kernel.times import rfc3339
from golive.ports.deployer import (
    Alarm,
    AlarmKind,
    Deployment,
    DeploymentStatus,
    DeploymentTarget,
    GroupSettings,
    LifecycleEvent,
    LifecycleStatus,
    RollbackInfo,
    Service,
    TaskSet,
)

Wire = Mapping[str, Any]


def group(info: Wire) -> GroupSettings:
    """Of DeploymentGroupInfo. What is switched off counts as absent."""
    rollback, alarms = info.get("autoRollbackConfiguration", {}), info.get("alarmConfiguration", {})
    pairs = info.get("loadBalancerInfo", {}).get("targetGroupPairInfoList", [])
    return GroupSettings(
        name=str(info.get("deploymentGroupName", "")),
        rollback_events=frozenset(rollback.get("events", []) if rollback.get("enabled") else []),
        alarms=[one["name"] for one in alarms.get("alarms", [])] if alarms.get("enabled") else [],
        has_test_listener=any(
            pair.get("testTrafficRoute", {}).get("listenerArns") for pair in pairs
        ),
        raw=plain(info),
        termination_minutes=_kept(info),
    )


def _kept(info: Wire) -> float:
    options = info.get("blueGreenDeploymentConfiguration", {})
    ending = options.get("terminateBlueInstancesOnDeploymentSuccess", {})
    return float(ending.get("terminationWaitTimeInMinutes", 0))


def deployment(info: Wire) -> Deployment:
    """Of DeploymentInfo. PortError for a status that CodeDeploy's API doesn't document."""
    rollback, error = info.get("rollbackInfo", {}), info.get("errorInformation", {})
    return Deployment(
        id=str(info["deploymentId"]),
        status=_status(info),
        creator=str(info.get("creator", "")),
        description=str(info.get("description", "")),
        created=_utc(info.get("createTime")),
        completed=_utc(info.get("completeTime")),
        config=str(info.get("deploymentConfigName", "")),
        rollback=RollbackInfo(
            rollback_id=str(rollback.get("rollbackDeploymentId", "")),
            triggering_id=str(rollback.get("rollbackTriggeringDeploymentId", "")),
            message=str(rollback.get("rollbackMessage", "")),
        ),
        error_code=str(error.get("code", "")),
        error_message=str(error.get("message", "")),
        raw=plain(info),
    )


def target(found: Wire, sides: Mapping[str, str]) -> DeploymentTarget:
    """Of a DeploymentTarget; PortError where it is no ECS service's."""
    ecs = found.get("ecsTarget")
    if not isinstance(ecs, Mapping):
        kind = found.get("deploymentTargetType", "unknown")
        raise PortError(
            f"the deployment's target is a {kind}, not an ECS service",
            where="CodeDeploy",
            hint="`deployer.group` must be a group of the ECS compute platform",
        )
    return DeploymentTarget(
        id=str(ecs.get("targetId", "")),
        status=str(ecs.get("status", "")),
        events=[_event(one) for one in ecs.get("lifecycleEvents", [])],
        task_sets=_task_sets(ecs.get("taskSetsInfo", []), sides),
        raw=plain(found),
    )


@dataclass(frozen=True)
class EcsService:
    """Where a group's service is found."""

    cluster: str
    service: str


def ecs_service(group: Wire) -> EcsService:
    """Of DeploymentGroupInfo; PortError where it names no ECS service."""
    named = group.get("ecsServices") or [{}]
    if not named[0].get("serviceName"):
        raise PortError("the deployment group names no ECS service", where="CodeDeploy")
    return EcsService(str(named[0].get("clusterName", "default")), str(named[0]["serviceName"]))


def service(found: Wire) -> Service:
    """Of a Service of ECS; PortError where it has no primary task set."""
    sets = [one for one in found.get("taskSets", []) if one.get("status") == "PRIMARY"]
    if len(sets) != 1:
        raise PortError(f"the service has {len(sets)} primary task sets", where="ECS")
    balancers = sets[0].get("loadBalancers") or [{}]
    arn = str(balancers[0].get("targetGroupArn", ""))
    return Service(
        task_set=str(sets[0].get("id", "")),
        task_definition=str(sets[0].get("taskDefinition", "")),
        target_group=arn.split("/")[1] if arn.count("/") > 1 else arn,
    )


_GROUP = "TargetGroup"
"""A dimension of the load balancer's metrics: `targetgroup/NAME/ID`."""
_KINDS = {
    "HTTPCode_Target_5XX_Count": AlarmKind.ERRORS,
    "TargetResponseTime": AlarmKind.LATENCY,
    "fixnado_readiness_status": AlarmKind.READINESS,
}


def alarm(found: Wire, sides: Mapping[str, str]) -> Alarm:
    """Of a MetricAlarm or a CompositeAlarm. One of metric mathematics goes by the first metric that
    is known; one made of other alarms by none."""
    queries = [one.get("MetricStat", {}).get("Metric", {}) for one in found.get("Metrics", [])]
    metrics = [str(one.get("MetricName", "")) for one in (found, *queries)]
    metric = next((one for one in metrics if one in _KINDS), next(filter(None, metrics), ""))
    metric = metric or str(found.get("AlarmRule", ""))
    return Alarm(
        name=str(found.get("AlarmName", "")),
        kind=_KINDS.get(metric, AlarmKind.OTHER),
        metric=metric,
        state=str(found.get("StateValue", "")),
        reason=str(found.get("StateReason", "")),
        side=_only_group([found, *queries], metric, sides),
    )


def _only_group(metrics: Sequence[Wire], metric: str, sides: Mapping[str, str]) -> str:
    """The one target group that `metric` is of, as its side."""
    groups = {
        next((pair["Value"] for pair in one.get("Dimensions", []) if pair["Name"] == _GROUP), "")
        for one in metrics
        if one.get("MetricName") == metric
    }
    if len(groups) != 1 or "" in groups:
        return ""
    group = groups.pop()
    return side_of(group.split("/")[1] if "/" in group else group, sides)


def side_of(target_group: str, sides: Mapping[str, str]) -> str:
    """The side whose target group that is: by the name that the target file gives, else by the
    side's name as one of the group's words; the group's own name where neither fits."""
    for side, named in sides.items():
        if named and named == target_group:
            return side
    words = re.split(r"[^a-z0-9]+", target_group.lower())
    unnamed = [side for side, named in sides.items() if not named and side.lower() in words]
    return unnamed[0] if len(unnamed) == 1 else target_group


def _task_sets(listed: Sequence[Wire], sides: Mapping[str, str]) -> Sequence[TaskSet]:
    return [
        TaskSet(
            side=side_of(str(one.get("targetGroup", {}).get("name", "")), sides),
            label=str(one.get("taskSetLabel", "")),
            status=str(one.get("status", "")),
            weight=float(one.get("trafficWeight", 0.0)),
            target_group=str(one.get("targetGroup", {}).get("name", "")),
        )
        for one in listed
    ]


def _event(one: Wire) -> LifecycleEvent:
    known = {status.value: status for status in LifecycleStatus}
    diagnostics = one.get("diagnostics", {})
    said = [str(diagnostics.get(name, "")) for name in ("errorCode", "message", "logTail")]
    failed = said[0] not in ("", "Success")
    return LifecycleEvent(
        name=str(one.get("lifecycleEventName", "")),
        status=known.get(str(one.get("status")), LifecycleStatus.UNKNOWN),
        started=_utc(one.get("startTime")),
        ended=_utc(one.get("endTime")),
        diagnostics=" ".join(text for text in said if text) if failed else "",
    )


def _status(info: Wire) -> DeploymentStatus:
    try:
        return DeploymentStatus(str(info["status"]))
    except (KeyError, ValueError) as error:
        said = info.get("status", "none")
        raise PortError(f"unknown deployment status: {said}", where="CodeDeploy") from error


def _utc(moment: object) -> datetime | None:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None


def plain(found: Wire) -> dict[str, Json]:
    """As it came, moments as text."""
    return {name: _json(value) for name, value in found.items()}


def _json(value: Any) -> Json:
    if isinstance(value, datetime):
        return rfc3339(value.astimezone(UTC))
    if isinstance(value, Mapping):
        return {str(name): _json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
