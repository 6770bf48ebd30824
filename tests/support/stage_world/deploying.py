"""Requests that a deployment takes, and waiting for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stage_world.bench import eventually

OWN = {"applicationName": "fixnado", "deploymentGroupName": "fixnado-stage"}
TARGET = "stage:fixnado"
FINAL = ("Succeeded", "Failed", "Stopped")
FAST = "CodeDeployDefault.ECSAllAtOnce"
LINEAR = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"


def appspec(side: str = "blue", hooks: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    arn = f"arn:aws:ecs:eu-west-2:000000000000:task-definition/fixnado-{side}:100"
    properties = {
        "TaskDefinition": arn,
        "LoadBalancerInfo": {"ContainerName": "fixnado", "ContainerPort": 8080},
    }
    service = {"Type": "AWS::ECS::Service", "Properties": properties}
    document: dict[str, Any] = {"version": 0.0, "Resources": [{"TargetService": service}]}
    return {**document, "Hooks": list(hooks)} if hooks else document


def revision(content: str | None = None, **spec: Any) -> dict[str, Any]:
    text = json.dumps(appspec(**spec)) if content is None else content
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": text}}


def create(aws: Any, config: str = FAST, **members: Any) -> str:
    members.setdefault("revision", revision())
    answer = aws.create_deployment(**OWN, deploymentConfigName=config, **members)
    identifier: str = answer["deploymentId"]
    return identifier


def info(aws: Any, identifier: str) -> dict[str, Any]:
    found: dict[str, Any] = aws.get_deployment(deploymentId=identifier)["deploymentInfo"]
    return found


def target(aws: Any, identifier: str) -> dict[str, Any]:
    answer = aws.get_deployment_target(deploymentId=identifier, targetId=TARGET)
    found: dict[str, Any] = answer["deploymentTarget"]["ecsTarget"]
    return found


def events(aws: Any, identifier: str) -> dict[str, str]:
    listed = target(aws, identifier)["lifecycleEvents"]
    return {one["lifecycleEventName"]: one["status"] for one in listed}


def weights(aws: Any, identifier: str) -> dict[str, float]:
    """By target group."""
    sets = target(aws, identifier)["taskSetsInfo"]
    return {one["targetGroup"]["name"]: one["trafficWeight"] for one in sets}


def until(aws: Any, identifier: str, *statuses: str) -> dict[str, Any]:
    """The deployment, once its status is one of `statuses`."""

    def look() -> dict[str, Any]:
        found = info(aws, identifier)
        assert found["status"] in (statuses or FINAL), found
        return found

    found: dict[str, Any] = eventually(look)
    return found


def change_group(aws: Any, **members: Any) -> None:
    aws.update_deployment_group(
        applicationName="fixnado", currentDeploymentGroupName="fixnado-stage", **members
    )


def waiting(ready: int = 0, termination: int = 0) -> dict[str, Any]:
    """blueGreenDeploymentConfiguration with these waits, in minutes."""
    action = "STOP_DEPLOYMENT" if ready else "CONTINUE_DEPLOYMENT"
    return {
        "deploymentReadyOption": {"actionOnTimeout": action, "waitTimeInMinutes": ready},
        "terminateBlueInstancesOnDeploymentSuccess": {
            "action": "TERMINATE",
            "terminationWaitTimeInMinutes": termination,
        },
    }
