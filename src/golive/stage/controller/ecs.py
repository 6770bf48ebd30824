"""ECS's view of the service that is deployed: its task sets, read from the proxy's true weights."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from golive.stage import names
from golive.stage.balancer import Traffic
from golive.stage.controller.errors import ApiError
from golive.stage.controller.rollback import definition_of
from golive.stage.controller.store import Store

Body = Mapping[str, Any]


class Ecs:
    """One cluster, one service. `traffic` reads the proxy."""

    def __init__(self, store: Store, traffic: Callable[[], Awaitable[Traffic]]) -> None:
        self._store, self._traffic = store, traffic

    async def describe_services(self, body: Body) -> Body:
        cluster = body.get("cluster", "default").rsplit("/", 1)[-1]
        if cluster != names.CLUSTER:
            raise ApiError("ClusterNotFoundException", "Cluster not found.")
        now = await self._traffic()
        services, failures = [], []
        for wanted in body["services"]:
            if wanted.rsplit("/", 1)[-1] == names.SERVICE:
                services.append(self._service(now))
            else:
                arn = names.SERVICE_ARN.rsplit("/", 1)[0]
                failures.append({"arn": f"{arn}/{wanted}", "reason": "MISSING"})
        return {"services": services, "failures": failures}

    def _service(self, now: Traffic) -> Body:
        under_way = any(not one.final for one in self._store.deployments())
        sides = [now.primary]
        sides += [one for one in now.weights if one != now.primary] if under_way else []
        return {
            "serviceArn": names.SERVICE_ARN,
            "serviceName": names.SERVICE,
            "clusterArn": f"arn:aws:ecs:{names.REGION}:{names.ACCOUNT}:cluster/{names.CLUSTER}",
            "status": "ACTIVE",
            "deploymentController": {"type": "CODE_DEPLOY"},
            "desiredCount": 1,
            "runningCount": len(sides),
            "pendingCount": 0,
            "taskSets": [self._task_set(side, side == now.primary) for side in sides],
        }

    def _task_set(self, side: str, primary: bool) -> Body:
        definition = definition_of(side, self._store.deployments())
        identifier = names.task_set(side, definition)
        group = names.family(side)
        return {
            "id": identifier,
            "serviceArn": names.SERVICE_ARN,
            "status": "PRIMARY" if primary else "ACTIVE",
            "taskDefinition": definition,
            "computedDesiredCount": 1,
            "runningCount": 1,
            "pendingCount": 0,
            "stabilityStatus": "STEADY_STATE",
            "loadBalancers": [
                {
                    "targetGroupArn": names.target_group_arn(side),
                    "containerName": names.CONTAINER,
                    "containerPort": 8080,
                }
            ],
            "externalId": group,
        }
