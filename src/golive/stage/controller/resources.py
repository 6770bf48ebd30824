"""Applications, deployment groups and deployment configurations."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from golive.stage import names
from golive.stage.controller import routing, tags
from golive.stage.controller.errors import ApiError
from golive.stage.controller.paging import page
from golive.stage.controller.store import Store
from golive.stage.settings import SIDES

Body = Mapping[str, Any]
APPLICATION, GROUP, CONFIG = "application", "group", "config"
_MOST_ALARMS = 10
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+")


class Resources:
    """Each method is one operation: validated members in, the answer out."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- applications ---------------------------------------------------------------------------

    def create_application(self, body: Body) -> Body:
        name = body["applicationName"]
        _only_ecs(body)
        if self._store.get(APPLICATION, name) is not None:
            raise ApiError("ApplicationAlreadyExistsException", f"{name} already exists")
        identifier = str(uuid.uuid4())
        application = {
            "applicationId": identifier,
            "applicationName": name,
            "createTime": time.time(),
            "linkedToGitHub": False,
            "computePlatform": "ECS",
        }
        self._store.put(APPLICATION, name, application)
        tags.keep(self._store, tags.arn_of(name), body.get("tags", []))
        return {"applicationId": identifier}

    def get_application(self, body: Body) -> Body:
        return {"application": self.application(body["applicationName"])}

    def list_applications(self, body: Body) -> Body:
        found = [name for name, _ in self._store.all(APPLICATION)]
        return page("applications", found, body)

    def update_application(self, body: Body) -> Body:
        """A new name; groups and deployments go along."""
        name = body.get("applicationName", "")
        if not name:
            raise ApiError("ApplicationNameRequiredException", "applicationName is required")
        application, new = self.application(name), body.get("newApplicationName", name)
        if new == name:
            return {}
        if self._store.get(APPLICATION, new) is not None:
            raise ApiError("ApplicationAlreadyExistsException", f"{new} already exists")
        self._store.delete(APPLICATION, name)
        self._store.put(APPLICATION, new, {**application, "applicationName": new})
        for key, group in list(self._store.all(GROUP)):
            if group["applicationName"] == name:
                self._store.delete(GROUP, key)
                moved = {**group, "applicationName": new}
                self._store.put(GROUP, _key(new, group["deploymentGroupName"]), moved)
        named = [one for one in self._store.deployments() if one.application == name]
        self._store.save(*(replace(one, application=new) for one in named))
        return {}

    def delete_application(self, body: Body) -> Body:
        """Deleting what isn't there is no error, as with AWS."""
        name = body["applicationName"]
        for key, group in self._store.all(GROUP):
            if group["applicationName"] == name:
                self._store.delete(GROUP, key)
        self._store.delete(APPLICATION, name)
        return {}

    def application(self, name: str) -> Body:
        found = self._store.get(APPLICATION, name)
        if found is None:
            raise ApiError("ApplicationDoesNotExistException", f"No application found for {name}")
        return found

    # -- deployment groups ----------------------------------------------------------------------

    def create_deployment_group(self, body: Body) -> Body:
        self.application(body["applicationName"])
        name = body["deploymentGroupName"]
        key = _key(body["applicationName"], name)
        if self._store.get(GROUP, key) is not None:
            raise ApiError("DeploymentGroupAlreadyExistsException", f"{name} already exists")
        self._judge(body)
        identifier = str(uuid.uuid4())
        kept = {one: value for one, value in body.items() if one != "tags"}
        kept.setdefault("deploymentConfigName", routing.ALL_AT_ONCE_NAME)
        group = {**kept, "deploymentGroupId": identifier, "computePlatform": "ECS"}
        self._store.put(GROUP, key, group)
        tags.keep(self._store, tags.arn_of(body["applicationName"], name), body.get("tags", []))
        return {"deploymentGroupId": identifier}

    def update_deployment_group(self, body: Body) -> Body:
        application, name = body["applicationName"], body["currentDeploymentGroupName"]
        group = self.group(application, name)
        new = body.get("newDeploymentGroupName", name)
        if new != name and self._store.get(GROUP, _key(application, new)) is not None:
            raise ApiError("DeploymentGroupAlreadyExistsException", f"{new} already exists")
        naming = ("currentDeploymentGroupName", "newDeploymentGroupName", "applicationName")
        changes = {one: value for one, value in body.items() if one not in naming}
        changed = {**group, **changes, "deploymentGroupName": new}
        self._judge(changed)
        self._store.delete(GROUP, _key(application, name))
        self._store.put(GROUP, _key(application, new), changed)
        return {"hooksNotCleanedUp": []}

    def get_deployment_group(self, body: Body) -> Body:
        group = self.group(body["applicationName"], body["deploymentGroupName"])
        return {"deploymentGroupInfo": self._shown(group)}

    def list_deployment_groups(self, body: Body) -> Body:
        application = body["applicationName"]
        self.application(application)
        found = [
            group["deploymentGroupName"]
            for _, group in self._store.all(GROUP)
            if group["applicationName"] == application
        ]
        return {**page("deploymentGroups", found, body), "applicationName": application}

    def delete_deployment_group(self, body: Body) -> Body:
        self._store.delete(GROUP, _key(body["applicationName"], body["deploymentGroupName"]))
        return {"hooksNotCleanedUp": []}

    def group(self, application: str, name: str) -> Body:
        self.application(application)
        found = self._store.get(GROUP, _key(application, name))
        if found is None:
            raise ApiError(
                "DeploymentGroupDoesNotExistException",
                f"No Deployment Group found for name: {name}",
            )
        return found

    def _shown(self, group: Body) -> Body:
        """DeploymentGroupInfo, with the last deployments."""
        own = (group["applicationName"], group["deploymentGroupName"])
        history = [one for one in self._store.deployments() if (one.application, one.group) == own]
        shown = dict(group)
        good = next((one for one in history if one.status == "Succeeded"), None)
        for member, one in (
            ("lastSuccessfulDeployment", good),
            ("lastAttemptedDeployment", history[0] if history else None),
        ):
            if one is not None:
                times = {"createTime": one.created, "endTime": one.completed}
                last = {"deploymentId": one.id, "status": one.status, **times}
                shown[member] = {name: value for name, value in last.items() if value is not None}
        if good is not None:
            shown["targetRevision"] = dict(good.revision)
        return shown

    def _judge(self, group: Body) -> None:
        """What makes a group of an ECS service that this stage can deploy."""
        self.config(group.get("deploymentConfigName", routing.ALL_AT_ONCE_NAME))
        if not _ROLE.fullmatch(group["serviceRoleArn"]):
            raise ApiError("InvalidRoleException", "serviceRoleArn is not an IAM role's ARN")
        _judge_alarms(group.get("alarmConfiguration", {}))
        _judge_style(group.get("deploymentStyle", {}))
        _judge_targets(group.get("loadBalancerInfo", {}))
        services = group.get("ecsServices", [])
        if len(services) != 1 or not services[0].get("serviceName"):
            raise ApiError("InvalidECSServiceException", "ecsServices must name one service")
        rollback = group.get("autoRollbackConfiguration", {})
        if rollback.get("enabled") and not rollback.get("events"):
            raise ApiError(
                "InvalidAutoRollbackConfigException", "automatic rollback needs its events"
            )

    # -- deployment configurations --------------------------------------------------------------

    def create_deployment_config(self, body: Body) -> Body:
        name = body["deploymentConfigName"]
        if name in routing.DEFAULTS or self._store.get(CONFIG, name) is not None:
            raise ApiError("DeploymentConfigAlreadyExistsException", f"{name} already exists")
        if name.startswith("CodeDeployDefault."):
            raise ApiError("InvalidDeploymentConfigNameException", "CodeDeployDefault. is reserved")
        _only_ecs(body)
        wanted = body.get("trafficRoutingConfig", {"type": "AllAtOnce"})
        routing.schedule(wanted)
        self._store.put(CONFIG, name, _config(name, wanted, time.time()))
        return {"deploymentConfigId": _config_id(name)}

    def get_deployment_config(self, body: Body) -> Body:
        return {"deploymentConfigInfo": self.config(body["deploymentConfigName"])}

    def list_deployment_configs(self, body: Body) -> Body:
        own = [name for name, _ in self._store.all(CONFIG)]
        return page("deploymentConfigsList", [*routing.DEFAULTS, *own], body)

    def delete_deployment_config(self, body: Body) -> Body:
        name = body["deploymentConfigName"]
        if name in routing.DEFAULTS:
            raise ApiError("InvalidOperationException", f"{name} can't be deleted")
        users = [one for _, one in self._store.all(GROUP) if one["deploymentConfigName"] == name]
        if users:
            raise ApiError("DeploymentConfigInUseException", f"{name} is used by a group")
        self._store.delete(CONFIG, name)
        return {}

    def config(self, name: str) -> Body:
        if name in routing.DEFAULTS:
            return _config(name, routing.DEFAULTS[name], 0.0)
        found = self._store.get(CONFIG, name)
        if found is None:
            raise ApiError(
                "DeploymentConfigDoesNotExistException", f"No deployment configuration {name}"
            )
        return found


def _key(application: str, group: str) -> str:
    return f"{application}/{group}"


def _config_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def _config(name: str, wanted: Mapping[str, Any], created: float) -> Body:
    return {
        "deploymentConfigId": _config_id(name),
        "deploymentConfigName": name,
        "createTime": created,
        "computePlatform": "ECS",
        "trafficRoutingConfig": dict(wanted),
    }


def _only_ecs(body: Body) -> None:
    if body.get("computePlatform") != "ECS":
        raise ApiError("InvalidComputePlatformException", "this stage deploys to ECS alone")


def _judge_alarms(alarms: Body) -> None:
    listed = alarms.get("alarms", [])
    if len(listed) > _MOST_ALARMS:
        raise ApiError("AlarmsLimitExceededException", f"at most {_MOST_ALARMS} alarms")
    if alarms.get("enabled") and not all(alarm.get("name") for alarm in listed):
        raise ApiError("InvalidAlarmConfigException", "each alarm must have a name")


def _judge_style(style: Body) -> None:
    wanted = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
    if dict(style) != wanted:
        raise ApiError(
            "InvalidDeploymentStyleException",
            "an ECS group deploys BLUE_GREEN, WITH_TRAFFIC_CONTROL",
        )


def _judge_targets(balancer: Body) -> None:
    """Two target groups, one production listener, at most one test listener."""
    pairs = balancer.get("targetGroupPairInfoList", [])
    if len(pairs) != 1:
        raise ApiError("InvalidLoadBalancerInfoException", "there must be one target group pair")
    groups = [one.get("name", "") for one in pairs[0].get("targetGroups", [])]
    sides = {names.side_of(name) for name in groups}
    if len(groups) != 2 or len(sides) != 2 or None in sides:
        known = " and ".join(names.family(side) for side in SIDES)
        raise ApiError("InvalidTargetGroupPairException", f"this stage's groups are {known}")
    production = pairs[0].get("prodTrafficRoute", {}).get("listenerArns", [])
    test = pairs[0].get("testTrafficRoute", {}).get("listenerArns", [])
    if len(production) != 1 or len(test) > 1:
        raise ApiError(
            "InvalidTargetGroupPairException",
            "there must be one production listener and at most one test listener",
        )
