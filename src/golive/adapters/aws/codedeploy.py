"""`golive.ports.deployer.Deployer` over CodeDeploy: AWS's own, or the stage's, by one protocol."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from golive.adapters.aws import answers
from golive.adapters.aws.access import Access
from golive.adapters.aws.client import Client, Refused
from golive.adapters.aws.inbox import Inbox, inbox_of
from golive.kernel.errors import NotConfigured, PortError, Unreachable
from golive.ports.deployer import (
    Alarm,
    Deployment,
    DeploymentTarget,
    GroupSettings,
    Service,
    Wait,
)
from golive.ports.target import DeployerConfig

_BATCH = 25
_LOOKED_AT = 500
"""Deployments that `find` goes through, newest first."""


class CodeDeploy:
    """Deployments of one deployment group on ECS.

    `sides` maps a side's name to its target group's; "" finds the group that has the side's name
    as one of its words (`fixnado-blue`).
    """

    def __init__(
        self, config: DeployerConfig, *, sides: Mapping[str, str], timeout: float = 15.0
    ) -> None:
        self.fidelity = config.fidelity
        self._config, self._sides = config, dict(sides)
        access = Access.of(config)
        self._codedeploy = Client(access, timeout, "codedeploy")
        self._cloudwatch = Client(access, timeout, "cloudwatch")
        self._ecs = Client(access, timeout, "ecs")
        self._inbox = inbox_of(config, access, timeout)
        self._own = {"applicationName": config.application, "deploymentGroupName": config.group}

    def group(self) -> GroupSettings:
        found = self._codedeploy.call("get_deployment_group", **self._own)
        return answers.group(_part(found, "deploymentGroupInfo"))

    def alarms(self) -> Sequence[Alarm]:
        wanted = list(self.group().alarms)
        if not wanted:
            return []
        found = self._cloudwatch.call(
            "describe_alarms", AlarmNames=wanted, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        kinds = (found.get("MetricAlarms", []), found.get("CompositeAlarms", []))
        return [answers.alarm(one, self._sides) for listed in kinds for one in listed]

    def set_alarm(self, name: str, *, active: bool, reason: str) -> None:
        self._cloudwatch.call(
            "set_alarm_state",
            AlarmName=name,
            StateValue="ALARM" if active else "OK",
            StateReason=reason,
        )

    def service(self) -> Service:
        """PortError where the group's service can't be found."""
        named = answers.ecs_service(self.group().raw)
        found = self._ecs.call(
            "describe_services", cluster=named.cluster, services=[named.service]
        ).get("services", [])
        if len(found) != 1:
            raise PortError(f"no service {named.service} in cluster {named.cluster}", where="ECS")
        return answers.service(found[0])

    @property
    def hooks_reach_us(self) -> bool:
        return bool(self._config.hook_function) and self._inbox is not None

    def create(
        self,
        *,
        incoming: str,
        version: str,
        config: str,
        description: str,
        hooks: Sequence[str] = (),
    ) -> str:
        """See the port. A deployment that was made though its answer was lost is found again."""
        revision = self._revision(incoming, version, hooks)
        try:
            made = self._codedeploy.call(
                "create_deployment",
                **self._own,
                deploymentConfigName=config,
                description=description,
                revision=revision,
            )
        except (Refused, Unreachable) as error:
            if isinstance(error, Refused) and error.code != "DeploymentLimitExceededException":
                raise
            return self._made_already(description, error)
        return str(_part(made, "deploymentId"))

    def find(self, key: str) -> str | None:
        return self._search(lambda description: key in description)

    def mentioning(self, text: str) -> Sequence[str]:
        """See `golive.ports.dashboards.DeploymentLog`."""
        ids, found = self._newest(), []
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            answer = self._codedeploy.call("batch_get_deployments", deploymentIds=batch)
            known = {one["deploymentId"]: one for one in answer.get("deploymentsInfo", [])}
            infos = (known[one] for one in batch if one in known)
            found += [one for one in infos if text in str(one.get("description", ""))]
        listed: list[str] = []
        for info in reversed(found):
            undoing = info.get("rollbackInfo", {}).get("rollbackDeploymentId")
            listed += [str(info["deploymentId"]), *([str(undoing)] if undoing else [])]
        return list(dict.fromkeys(listed))

    def get(self, deployment: str) -> Deployment:
        found = self._codedeploy.call("get_deployment", deploymentId=deployment)
        return answers.deployment(_part(found, "deploymentInfo"))

    def target(self, deployment: str) -> DeploymentTarget:
        """PortError while the deployment has not started (`DeploymentNotStartedException`)."""
        listed = self._codedeploy.call("list_deployment_targets", deploymentId=deployment)
        ids = _part(listed, "targetIds")
        if len(ids) != 1:
            raise PortError(
                f"{deployment} has {len(ids)} targets instead of one", where="CodeDeploy"
            )
        found = self._codedeploy.call(
            "get_deployment_target", deploymentId=deployment, targetId=ids[0]
        )
        return answers.target(_part(found, "deploymentTarget"), self._sides)

    def stop(self, deployment: str, *, rollback: bool) -> str:
        answer = self._codedeploy.call(
            "stop_deployment", deploymentId=deployment, autoRollbackEnabled=rollback
        )
        return str(answer.get("status", "Pending"))

    def continue_deployment(self, deployment: str, wait: Wait) -> None:
        self._codedeploy.call(
            "continue_deployment", deploymentId=deployment, deploymentWaitType=wait.value
        )

    def open_hook(self, deployment: str, event: str) -> str | None:
        return self._reachable().execution(deployment, event)

    def answer_hook(self, deployment: str, execution: str, *, succeeded: bool) -> None:
        self._codedeploy.call(
            "put_lifecycle_event_hook_execution_status",
            deploymentId=deployment,
            lifecycleEventHookExecutionId=execution,
            status="Succeeded" if succeeded else "Failed",
        )
        self._reachable().over(execution)

    # -- small parts ----------------------------------------------------------------------------

    def _reachable(self) -> Inbox:
        if self._inbox is None or not self.hooks_reach_us:
            raise NotConfigured(
                "no lifecycle hook can be answered from here",
                where="deployer",
                hint="set hook_function and hook_queue: see docs/drills/blue-green.md",
            )
        return self._inbox

    def _revision(self, incoming: str, version: str, hooks: Sequence[str]) -> Mapping[str, Any]:
        """The AppSpec that brings `version` in on the side `incoming`."""
        config = self._config
        if not (config.task_definition and config.container and config.container_port):
            raise NotConfigured(
                "the target does not say what to deploy",
                where="deployer",
                hint="set task_definition, container and container_port under [deployer]",
            )
        digits = "".join(filter(str.isdigit, version))
        names = {"incoming": incoming, "version": version, "revision": digits}
        definition = config.task_definition
        for name, value in names.items():
            definition = definition.replace("{" + name + "}", value)
        service = {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "TaskDefinition": definition,
                "LoadBalancerInfo": {
                    "ContainerName": config.container,
                    "ContainerPort": config.container_port,
                },
            },
        }
        content: dict[str, Any] = {"version": 0.0, "Resources": [{"TargetService": service}]}
        if hooks:
            self._reachable()
        functions = {**config.hooks, **dict.fromkeys(hooks, config.hook_function)}
        if functions:
            content["Hooks"] = [{event: function} for event, function in functions.items()]
        return {
            "revisionType": "AppSpecContent",
            "appSpecContent": {"content": json.dumps(content)},
        }

    def _made_already(self, description: str, error: PortError) -> str:
        try:
            found = self._search(lambda other: other == description)
        except PortError:
            raise error from None
        if found is None or not description:
            raise error
        return found

    def _search(self, fits: Callable[[str], bool]) -> str | None:
        ids = self._newest()
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            answer = self._codedeploy.call("batch_get_deployments", deploymentIds=batch)
            found = {one["deploymentId"]: one for one in answer.get("deploymentsInfo", [])}
            for one in batch:
                if fits(str(found.get(one, {}).get("description", ""))):
                    return str(one)
        return None

    def _newest(self) -> Sequence[str]:
        ids: list[str] = []
        members: dict[str, Any] = dict(self._own)
        while True:
            answer = self._codedeploy.call("list_deployments", **members)
            ids += answer.get("deployments", [])
            token = answer.get("nextToken")
            if not token or len(ids) >= _LOOKED_AT:
                return ids[:_LOOKED_AT]
            members["nextToken"] = token


def _part(answer: Mapping[str, Any], member: str) -> Any:
    try:
        return answer[member]
    except KeyError as error:
        raise PortError(f"the answer holds no {member}", where="CodeDeploy") from error
