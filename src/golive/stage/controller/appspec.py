"""The AppSpec of an ECS deployment, in JSON or YAML.

Source: AWS CodeDeploy user guide, "AppSpec file structure for Amazon ECS deployments".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from golive.stage.controller.errors import ApiError

HOOKABLE = (
    "BeforeInstall",
    "AfterInstall",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)
_LARGEST = 51_200


@dataclass(frozen=True)
class AppSpec:
    task_definition: str
    container: str
    port: int
    hooks: Mapping[str, str] = field(default_factory=dict)
    """Lifecycle event to the function that validates it."""


def of_revision(revision: Mapping[str, Any]) -> AppSpec:
    """The AppSpec in a RevisionLocation; ApiError InvalidRevisionException where there is none."""
    kind = revision.get("revisionType")
    part = {"AppSpecContent": "appSpecContent", "String": "string"}.get(str(kind))
    if part is None:
        raise _invalid(f"this stage reads no {kind} revision: put the AppSpec in appSpecContent")
    holder = revision.get(part, {})
    content = holder.get("content", "")
    if not content:
        raise _invalid("the AppSpec is empty")
    if len(content) > _LARGEST:
        raise _invalid(f"the AppSpec is longer than {_LARGEST} characters")
    digest = holder.get("sha256")
    if digest and digest.lower() != hashlib.sha256(content.encode()).hexdigest():
        raise _invalid("the AppSpec's content does not match its sha256")
    return parse(content)


def parse(content: str) -> AppSpec:
    """InvalidRevisionException says what is missing."""
    document = _document(content)
    resources = _member(document, "Resources", list, "a list")
    if len(resources) != 1 or not isinstance(resources[0], dict) or len(resources[0]) != 1:
        raise _invalid("Resources must hold exactly one service")
    service = next(iter(resources[0].values()))
    if not isinstance(service, dict) or service.get("Type") != "AWS::ECS::Service":
        raise _invalid("the resource must be of Type AWS::ECS::Service")
    properties = _member(service, "Properties", dict, "an object")
    balancer = _member(properties, "LoadBalancerInfo", dict, "an object")
    port = balancer.get("ContainerPort")
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
        raise _invalid("ContainerPort must be a port number")
    return AppSpec(
        task_definition=_member(properties, "TaskDefinition", str, "a text"),
        container=_member(balancer, "ContainerName", str, "a text"),
        port=port,
        hooks=_hooks(document),
    )


def _document(content: str) -> dict[str, Any]:
    """JSON, else YAML 1.2. Keys in AWS's spelling, the top level's in either case."""
    try:
        found: Any = json.loads(content)
    except ValueError:
        found = _yaml(content)
    except RecursionError as error:
        raise _invalid("the AppSpec is nested too deeply") from error
    if not isinstance(found, dict):
        raise _invalid("the AppSpec is neither a JSON nor a YAML object")
    return {_capital(name): value for name, value in found.items()}


def _yaml(content: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(content)
    except (YAMLError, ValueError, RecursionError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _invalid(f"the AppSpec is neither JSON nor YAML: {first}") from error


def _hooks(document: Mapping[str, Any]) -> Mapping[str, str]:
    listed = document.get("Hooks") or []
    if not isinstance(listed, list):
        raise _invalid("Hooks must be a list")
    hooks: dict[str, str] = {}
    for one in listed:
        if not isinstance(one, dict) or len(one) != 1:
            raise _invalid("each of Hooks must name one lifecycle event")
        name, function = next(iter(one.items()))
        if name not in HOOKABLE:
            raise _invalid(f"{name} can't be hooked; these can: {', '.join(HOOKABLE)}")
        if not isinstance(function, str) or not function:
            raise _invalid(f"the hook {name} must name a function")
        hooks[name] = function
    return hooks


def _member(holder: Mapping[str, Any], name: str, kind: type, plain: str) -> Any:
    value = holder.get(name)
    if not isinstance(value, kind) or not value:
        raise _invalid(f"{name} must be {plain}")
    return value


def _capital(name: object) -> str:
    text = str(name)
    return text[:1].upper() + text[1:]


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidRevisionException", message)
