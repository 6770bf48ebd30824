"""Deployments: create, look at, continue, stop; and the answers of hooks."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from golive.stage import names
from golive.stage.controller import appspec, rollback, views
from golive.stage.controller.engine import Engine, Failed
from golive.stage.controller.errors import ApiError
from golive.stage.controller.paging import page
from golive.stage.controller.records import READY_WAIT, STOP_ON_REQUEST, Record
from golive.stage.controller.resources import Resources
from golive.stage.controller.store import Store
from golive.stage.settings import SIDES

Body = Mapping[str, Any]
_ID = re.compile(r"d-[A-Z0-9]{9}")
_SHOWN = ("deploymentStyle", "blueGreenDeploymentConfiguration", "loadBalancerInfo")
"""Members that a deployment takes over from its group."""
_BATCH = 25


class Deployments:
    """Each method is one operation: validated members in, the answer out."""

    def __init__(self, store: Store, resources: Resources, engine: Engine) -> None:
        self._store, self._resources, self._engine = store, resources, engine

    async def create_deployment(self, body: Body) -> Body:
        application = body["applicationName"]
        self._resources.application(application)
        if "deploymentGroupName" not in body:
            raise _lacks_group()
        group = self._resources.group(application, body["deploymentGroupName"])
        config = body.get("deploymentConfigName", group["deploymentConfigName"])
        wanted = self._resources.config(config)["trafficRoutingConfig"]
        if "revision" not in body:
            raise ApiError("RevisionRequiredException", "revision is required")
        spec = appspec.of_revision(body["revision"])
        try:
            now = await self._engine.traffic()
        except Failed as failure:
            raise ApiError("ThrottlingException", failure.message) from failure
        self._refuse_second(application, body["deploymentGroupName"])
        old = now.primary
        record = Record(
            id=rollback.new_id(),
            application=application,
            group=body["deploymentGroupName"],
            config=config,
            routing=wanted,
            revision=body["revision"],
            old=old,
            incoming=next(side for side in SIDES if side != old),
            weights=dict(now.weights),
            created=time.time(),
            description=body.get("description", ""),
            hooks=dict(spec.hooks),
            rollback_events=_events(group, body),
            alarms=_alarms(group, body),
            ignore_alarm_failure=_alarm_settings(group, body).get("ignorePollAlarmFailure", False),
            settings={name: group[name] for name in _SHOWN if name in group},
            test_listener=has_test_listener(group),
            validation=now.validation,
        )
        self._store.save(record)
        self._engine.begin(record)
        return {"deploymentId": record.id}

    def get_deployment(self, body: Body) -> Body:
        return {"deploymentInfo": views.info(self._known(body))}

    def batch_get_deployments(self, body: Body) -> Body:
        if len(body["deploymentIds"]) > _BATCH:
            raise ApiError("BatchLimitExceededException", f"at most {_BATCH} deployments")
        found = (self._store.deployment(one) for one in body["deploymentIds"])
        return {"deploymentsInfo": [views.info(one) for one in found if one is not None]}

    def list_deployments(self, body: Body) -> Body:
        """Newest first. Group and application are named together or not at all."""
        application, group = body.get("applicationName"), body.get("deploymentGroupName")
        if application and not group:
            raise _lacks_group()
        if group and not application:
            raise ApiError("ApplicationNameRequiredException", "applicationName is required")
        if application and group:
            self._resources.group(application, group)
        statuses = body.get("includeOnlyStatuses")
        start, end = _range(body.get("createTimeRange", {}))
        found = [
            one.id
            for one in self._store.deployments()
            if (not application or (one.application, one.group) == (application, group))
            and (not statuses or one.status in statuses)
            and start <= one.created <= end
        ]
        return page("deployments", found, body)

    async def stop_deployment(self, body: Body) -> Body:
        record = self._known(body)
        if record.final:
            raise _completed(record)
        if record.is_rollback:
            raise ApiError(
                "UnsupportedActionForDeploymentTypeException", "a rollback can't be stopped"
            )
        asked = body.get("autoRollbackEnabled")
        wanted = STOP_ON_REQUEST in record.rollback_events if asked is None else asked
        self._engine.stop(record, "rollback" if wanted else "keep")
        return {
            "status": "Pending",
            "statusMessage": "No more events of this deployment will be started",
        }

    def continue_deployment(self, body: Body) -> Body:
        record = self._known(body)
        if record.final:
            raise _completed(record)
        kind = body.get("deploymentWaitType", READY_WAIT)
        if kind in record.continued:
            return {}
        if record.waiting != kind:
            raise ApiError("DeploymentIsNotInReadyStateException", f"{record.id} is not in {kind}")
        self._engine.update(record.id, continued=[*record.continued, kind])
        return {}

    def put_lifecycle_event_hook_execution_status(self, body: Body) -> Body:
        record = self._known(body)
        execution = body.get("lifecycleEventHookExecutionId", "")
        status = body.get("status", "")
        if status not in ("Succeeded", "Failed"):
            raise ApiError(
                "InvalidLifecycleEventHookExecutionStatusException",
                "status must be Succeeded or Failed",
            )
        held = record.executions.get(execution)
        if held is None:
            raise ApiError(
                "InvalidLifecycleEventHookExecutionIdException", "no hook runs under this id"
            )
        if record.final or held["status"] != "Pending":
            raise ApiError("LifecycleEventAlreadyCompletedException", f"{held['event']} is over")
        answered = {**record.executions, execution: {**held, "status": status}}
        self._engine.update(record.id, executions=answered)
        return {"lifecycleEventHookExecutionId": execution}

    # -- targets --------------------------------------------------------------------------------

    def list_deployment_targets(self, body: Body) -> Body:
        self._started(body)
        statuses = body.get("targetFilters", {}).get("TargetStatus")
        record = self._known(body)
        status = views.target(record, record.weights)["ecsTarget"]["status"]
        found = [names.TARGET_ID] if not statuses or status in statuses else []
        return page("targetIds", found, body)

    def get_deployment_target(self, body: Body) -> Body:
        return {"deploymentTarget": self._target(body, body["targetId"])}

    def batch_get_deployment_targets(self, body: Body) -> Body:
        wanted = body["targetIds"]
        if len(wanted) > _BATCH:
            raise ApiError("DeploymentTargetListSizeExceededException", f"at most {_BATCH} targets")
        return {"deploymentTargets": [self._target(body, one) for one in wanted]}

    def _target(self, body: Body, target: str) -> Body:
        record = self._started(body)
        if target != names.TARGET_ID:
            raise ApiError("DeploymentTargetDoesNotExistException", f"no target {target}")
        undoing = self._store.deployment(record.rollback_id) if record.rollback_id else None
        return views.target(record, (undoing or record).weights)

    # -- small parts ----------------------------------------------------------------------------

    def _known(self, body: Body) -> Record:
        identifier = body.get("deploymentId", "")
        if not identifier:
            raise ApiError("DeploymentIdRequiredException", "deploymentId is required")
        if not _ID.fullmatch(identifier):
            raise ApiError("InvalidDeploymentIdException", f"{identifier} is no deployment id")
        found = self._store.deployment(identifier)
        if found is None:
            raise ApiError("DeploymentDoesNotExistException", f"No deployment {identifier}")
        return found

    def _started(self, body: Body) -> Record:
        record = self._known(body)
        if record.started is None and not record.final:
            raise ApiError("DeploymentNotStartedException", f"{record.id} has not started")
        return record

    def _refuse_second(self, application: str, group: str) -> None:
        for one in self._engine.active():
            if (one.application, one.group) == (application, group):
                raise ApiError(
                    "DeploymentLimitExceededException",
                    f"The Deployment Group '{group}' already has an active Deployment '{one.id}'",
                )


def has_test_listener(group: Body) -> bool:
    pairs = group.get("loadBalancerInfo", {}).get("targetGroupPairInfoList", [])
    return any(pair.get("testTrafficRoute", {}).get("listenerArns") for pair in pairs)


def _events(group: Body, body: Body) -> list[str]:
    """What rolls this deployment back: its own word before the group's."""
    settings = body.get("autoRollbackConfiguration", group.get("autoRollbackConfiguration", {}))
    return list(settings.get("events", [])) if settings.get("enabled") else []


def _alarm_settings(group: Body, body: Body) -> Body:
    found: Body = body.get("overrideAlarmConfiguration", group.get("alarmConfiguration", {}))
    return found


def _alarms(group: Body, body: Body) -> list[str]:
    settings = _alarm_settings(group, body)
    return [one["name"] for one in settings.get("alarms", [])] if settings.get("enabled") else []


def _range(bounds: Body) -> tuple[float, float]:
    start, end = bounds.get("start", 0.0), bounds.get("end", float("inf"))
    if start > end:
        raise ApiError("InvalidTimeRangeException", "the range ends before it starts")
    return start, end


def _lacks_group() -> ApiError:
    code = "DeploymentGroupNameRequiredException"
    return ApiError(code, "deploymentGroupName is required")


def _completed(record: Record) -> ApiError:
    return ApiError("DeploymentAlreadyCompletedException", f"{record.id} is {record.status}")
