"""What the wire shows of a deployment. Absent members are left out: AWS never sends a null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from golive.stage import names
from golive.stage.controller.records import TERMINATION_WAIT, Event, Record

Wire = dict[str, Any]


def info(record: Record) -> Wire:
    """DeploymentInfo."""
    shown: Wire = {
        "applicationName": record.application,
        "deploymentGroupName": record.group,
        "deploymentConfigName": record.config,
        "deploymentId": record.id,
        "revision": dict(record.revision),
        "status": record.status,
        "createTime": record.created,
        "startTime": record.started,
        "completeTime": record.completed,
        "deploymentOverview": _overview(record),
        "description": record.description or None,
        "creator": record.creator,
        "ignoreApplicationStopFailures": False,
        "autoRollbackConfiguration": {
            "enabled": bool(record.rollback_events),
            "events": list(record.rollback_events),
        },
        "updateOutdatedInstancesOnly": False,
        "instanceTerminationWaitTimeStarted": record.waiting == TERMINATION_WAIT,
        "fileExistsBehavior": "DISALLOW",
        "computePlatform": "ECS",
        **record.settings,
    }
    if record.error_code:
        shown["errorInformation"] = {"code": record.error_code, "message": record.error_message}
    rollback = {
        "rollbackDeploymentId": record.rollback_id,
        "rollbackTriggeringDeploymentId": record.triggering_id,
        "rollbackMessage": record.rollback_message,
    }
    if any(rollback.values()):
        shown["rollbackInfo"] = {name: text for name, text in rollback.items() if text}
    return {name: value for name, value in shown.items() if value is not None}


def target(record: Record, weights: Mapping[str, float]) -> Wire:
    """DeploymentTarget of the one ECS service. `weights` are what its task sets get now."""
    moments = [at for event in record.events for at in (event.started, event.ended) if at]
    return {
        "deploymentTargetType": "ECSTarget",
        "ecsTarget": {
            "deploymentId": record.id,
            "targetId": names.TARGET_ID,
            "targetArn": names.SERVICE_ARN,
            "lastUpdatedAt": record.completed or max(moments, default=record.created),
            "lifecycleEvents": [_event(event) for event in record.events],
            "status": _target_status(record),
            "taskSetsInfo": [
                _task_set(record, record.old, "Blue", weights),
                _task_set(record, record.incoming, "Green", weights),
            ],
        },
    }


def _event(event: Event) -> Wire:
    shown: Wire = {
        "lifecycleEventName": event.name,
        "status": event.status,
        "startTime": event.started,
        "endTime": event.ended,
    }
    if event.code:
        shown["diagnostics"] = {
            "errorCode": event.code,
            "scriptName": "",
            "message": event.message or event.status,
            "logTail": "",
        }
    return {name: value for name, value in shown.items() if value is not None}


def _task_set(record: Record, side: str, label: str, weights: Mapping[str, float]) -> Wire:
    weight = weights[side]
    leading = weight > max(share for other, share in weights.items() if other != side)
    primary = leading or (label == "Blue" and weight == 50)
    idle = "DRAINING" if record.final and weight == 0 else "ACTIVE"
    number = int.from_bytes(f"{record.id}{side}".encode()[-8:], "big") % 10**19
    return {
        "identifer": f"ecs-svc/{number:019d}",  # AWS's own spelling
        "desiredCount": 1,
        "pendingCount": 0,
        "runningCount": 1,
        "status": "PRIMARY" if primary else idle,
        "trafficWeight": weight,
        "targetGroup": {"name": names.family(side)},
        "taskSetLabel": label,
    }


def _target_status(record: Record) -> str:
    if record.status in ("Created", "Queued"):
        return "Pending"
    return "Failed" if record.status == "Stopped" else record.status


def _overview(record: Record) -> Wire:
    counted = {"Pending": 0, "InProgress": 0, "Succeeded": 0, "Failed": 0, "Skipped": 0, "Ready": 0}
    status = _target_status(record)
    counted[status if status in counted else "InProgress"] = 1
    return counted
