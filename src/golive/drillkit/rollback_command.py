"""The way back as a person would type it: the AWS command line for the target's own deployer."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from golive.kernel.errors import NotConfigured
from golive.kernel.json import Json, JsonObject
from golive.ports.target import DeployerConfig

ALL_AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"


def app_spec(config: DeployerConfig, side: str, version: str) -> JsonObject:
    """The AppSpec that brings `version` in on `side` (CodeDeploy user guide, AppSpec for ECS).
    NotConfigured where the target doesn't say what to deploy."""
    if not (config.task_definition and config.container and config.container_port):
        raise NotConfigured(
            "the target does not say what to deploy",
            where="deployer",
            hint="set task_definition, container and container_port under [deployer]",
        )
    definition = config.task_definition
    digits = "".join(filter(str.isdigit, version))
    for word, value in (("incoming", side), ("version", version), ("revision", digits)):
        definition = definition.replace("{" + word + "}", value)
    balancer: JsonObject = {
        "ContainerName": config.container,
        "ContainerPort": config.container_port,
    }
    properties: JsonObject = {"TaskDefinition": definition, "LoadBalancerInfo": balancer}
    service: JsonObject = {"Type": "AWS::ECS::Service", "Properties": properties}
    content: dict[str, Json] = {"version": 0.0, "Resources": [{"TargetService": service}]}
    if config.hooks:
        content["Hooks"] = [{event: function} for event, function in config.hooks.items()]
    return content


def back_to(config: DeployerConfig, side: str, version: str, why: str) -> Sequence[str]:
    """The command that brings all production traffic to `side` at once, once the launch's own
    deployment is over."""
    content = json.dumps(app_spec(config, side, version))
    revision: JsonObject = {
        "revisionType": "AppSpecContent",
        "appSpecContent": {"content": content},
    }
    return [
        *_aws(config, "create-deployment"),
        "--application-name", config.application,
        "--deployment-group-name", config.group,
        "--deployment-config-name", ALL_AT_ONCE,
        "--description", why,
        "--revision", json.dumps(revision),
    ]  # fmt: skip


def stop(config: DeployerConfig, deployment: str) -> Sequence[str]:
    """The command that calls off a deployment which is still under way, and returns its traffic."""
    identifier = ("--deployment-id", deployment)
    return [*_aws(config, "stop-deployment"), *identifier, "--auto-rollback-enabled"]


def watch(config: DeployerConfig, deployment: str) -> Sequence[str]:
    """The command that tells how a deployment goes."""
    return [*_aws(config, "get-deployment"), "--deployment-id", deployment]


def _aws(config: DeployerConfig, operation: str) -> Sequence[str]:
    file = config.credentials
    said = ["env", f"AWS_SHARED_CREDENTIALS_FILE={file}"] if file else []
    said += ["aws", "deploy", operation]
    for option, value in (
        ("--endpoint-url", config.endpoint),
        ("--region", config.region),
        ("--profile", config.profile),
    ):
        said += [option, value] if value else []
    return said


def shown(command: Sequence[str]) -> str:
    """As a shell reads it, an option a line."""
    lines, words = [], list(command)
    head = words.index("deploy") + 2
    lines.append(shlex.join(words[:head]))
    rest = words[head:]
    while rest:
        taken = 2 if len(rest) > 1 and not rest[1].startswith("--") else 1
        lines.append("    " + shlex.join(rest[:taken]))
        rest = rest[taken:]
    return " \\\n".join(lines)
