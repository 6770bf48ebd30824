"""Requests against AWS's own model of the service, as botocore ships it.

Types are refused as AWS refuses them (`SerializationException`); enumerations, lengths and patterns
by the operation's own error for that shape. Members that the model doesn't know are ignored, as AWS
does; nulls count as absent.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from golive.stage.controller.errors import ApiError

_REQUIRED: Final = {
    "applicationName": "ApplicationNameRequiredException",
    "deploymentConfigName": "DeploymentConfigNameRequiredException",
    "deploymentGroupName": "DeploymentGroupNameRequiredException",
    "deploymentGroupNames": "DeploymentGroupNameRequiredException",
    "applicationNames": "ApplicationNameRequiredException",
    "deploymentId": "DeploymentIdRequiredException",
    "deploymentIds": "DeploymentIdRequiredException",
    "newDeploymentGroupName": "DeploymentGroupNameRequiredException",
    "ResourceArn": "ResourceArnRequiredException",
    "Tags": "TagRequiredException",
    "TagKeys": "TagRequiredException",
    "currentDeploymentGroupName": "DeploymentGroupNameRequiredException",
    "revision": "RevisionRequiredException",
    "serviceRoleArn": "RoleRequiredException",
    "targetId": "DeploymentTargetIdRequiredException",
    "targetIds": "DeploymentTargetIdRequiredException",
}
"""The error of an operation that lacks this member."""

_INVALID: Final = {
    "ApplicationName": "InvalidApplicationNameException",
    "AutoRollbackEvent": "InvalidAutoRollbackConfigException",
    "AutoScalingGroupProcess": "InvalidAutoScalingGroupProcessToSuspendException",
    "AutoScalingGroupProcessesToSuspendList": "InvalidAutoScalingGroupProcessToSuspendException",
    "BundleType": "InvalidRevisionException",
    "ComputePlatform": "InvalidComputePlatformException",
    "DeploymentConfigName": "InvalidDeploymentConfigNameException",
    "DeploymentGroupName": "InvalidDeploymentGroupNameException",
    "DeploymentOption": "InvalidDeploymentStyleException",
    "DeploymentReadyAction": "InvalidBlueGreenDeploymentConfigurationException",
    "DeploymentStatus": "InvalidDeploymentStatusException",
    "DeploymentType": "InvalidDeploymentStyleException",
    "DeploymentWaitType": "InvalidDeploymentWaitTypeException",
    "EC2TagFilterType": "InvalidEC2TagException",
    "FileExistsBehavior": "InvalidFileExistsBehaviorException",
    "GreenFleetProvisioningAction": "InvalidBlueGreenDeploymentConfigurationException",
    "InstanceAction": "InvalidBlueGreenDeploymentConfigurationException",
    "LifecycleEventStatus": "InvalidLifecycleEventHookExecutionStatusException",
    "MinimumHealthyHostsType": "InvalidMinimumHealthyHostValueException",
    "RevisionLocationType": "InvalidRevisionException",
    "TagFilterType": "InvalidTagException",
    "TargetFilterName": "InvalidTargetFilterNameException",
    "TrafficRoutingType": "InvalidTrafficRoutingConfigurationException",
    "TriggerEventType": "InvalidTriggerConfigException",
    "StateValue": "InvalidFormatFault",
}
"""The error for a value that this shape does not allow."""

_JSON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}


@cache
def service(name: str = "codedeploy") -> ServiceModel:
    """The newest model of the service that botocore calls `name`."""
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def read(operation: OperationModel, body: Any) -> dict[str, Any]:
    """The members of `body` that the operation knows; ApiError where AWS would refuse it."""
    shape = operation.input_shape
    if shape is None:
        return {}
    _types(shape, body, "")
    plain: dict[str, Any] = _known(shape, body)
    _constraints(operation, shape, plain)
    return plain


def refuse(operation: OperationModel, code: str, message: str) -> ApiError:
    """`code` where the operation declares it, else the general error that it does declare."""
    declared = {shape.name for shape in operation.error_shapes}
    general = "InvalidInputException"
    if code not in declared:
        code = general if general in declared else "ValidationException"
    return ApiError(code, message)


def _types(shape: Shape, value: Any, where: str) -> None:
    """JSON types. A boolean is no number here, though Python thinks so."""
    kinds = _JSON_TYPES.get(shape.type_name, (object,))
    is_number = shape.type_name != "boolean" and isinstance(value, bool)
    if is_number or type(value) not in kinds:
        name = where or "the request"
        raise ApiError("SerializationException", f"{name} must be of type {shape.type_name}")
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if value.get(name) is not None:
                _types(member, value[name], f"{where}.{name}" if where else name)
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value):
            _types(shape.member, item, f"{where}[{index}]")
    elif isinstance(shape, MapShape):
        for item in value.values():
            _types(shape.value, item, where)


def _known(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        return {
            name: _known(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_known(shape.member, item) for item in value]
    return value


def _constraints(operation: OperationModel, shape: Shape, value: Any, name: str = "") -> None:
    problem = _problem(shape, value)
    if problem:
        code = _INVALID.get(shape.name, "InvalidInputException")
        raise refuse(operation, code, f"{name or shape.name} {problem}")
    if isinstance(shape, StructureShape):
        for member in shape.required_members:
            if value.get(member) in (None, "", []):
                code = _REQUIRED.get(member, "InvalidInputException")
                raise refuse(operation, code, f"{member} is required")
        for member, item in value.items():
            _constraints(operation, shape.members[member], item, member)
    elif isinstance(shape, ListShape):
        for item in value:
            _constraints(operation, shape.member, item, name)
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            _constraints(operation, shape.key, key, name)
            _constraints(operation, shape.value, item, name)


def _problem(shape: Shape, value: Any) -> str:
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        return f"must be one of {', '.join(allowed)}"
    if isinstance(value, str | list):
        lowest, highest = shape.metadata.get("min", 0), shape.metadata.get("max")
        if len(value) < lowest or (highest is not None and len(value) > highest):
            return f"must have between {lowest} and {highest} characters or entries"
    pattern = shape.metadata.get("pattern")
    if pattern and isinstance(value, str) and not re.fullmatch(pattern, value):
        return f"must match {pattern}"
    return ""
