"""What in a plan would spoil a cutover on the day, told from the plan alone.

Only AWS's resources for blue/green on ECS are known here, by the names that Terraform's `aws`
provider gives their values. What a plan can't say yet (known after apply) is no finding.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from golive.kernel.json import Json, JsonObject
from golive.kernel.networks import worldwide

STOP_ON_REQUEST = "DEPLOYMENT_STOP_ON_REQUEST"
TARGET_ERRORS = "HTTPCode_Target_5XX_Count"
_GROUP = "aws_codedeploy_deployment_group"
_KNOWN = (
    _GROUP,
    "aws_lb_target_group",
    "aws_lb_listener",
    "aws_ecs_service",
    "aws_ecs_task_definition",
    "aws_cloudwatch_metric_alarm",
)


@dataclass(frozen=True)
class Declared:
    """What the rehearsal believes of the environment."""

    health_path: str
    container_port: int
    """0 where nobody says."""
    validation_port: int


@dataclass(frozen=True)
class PlanFinding:
    code: str
    """`stop-on-request-missing`, `target-errors-unwatched`, `test-listener-missing`,
    `test-listener-open`, `health-path-differs` or `port-differs`."""
    address: str
    words: str

    def to_json(self) -> JsonObject:
        return {"code": self.code, "address": self.address, "words": self.words}


@dataclass(frozen=True)
class _Resource:
    address: str
    kind: str
    values: JsonObject


def findings(document: JsonObject, declared: Declared) -> Sequence[PlanFinding] | None:
    """None where the plan holds nothing that these rules know."""
    resources = list(_resources(document))
    if not any(one.kind in _KNOWN for one in resources):
        return None
    found = [*_groups(resources), *_open_listener(resources, declared)]
    return [*found, *_health(resources, declared), *_ports(resources, declared)]


def _groups(resources: Sequence[_Resource]) -> Iterator[PlanFinding]:
    for one in _of(resources, _GROUP):
        rollback = _block(one.values, "auto_rollback_configuration")
        events = _texts(rollback.get("events"))
        if rollback.get("enabled") is not True or STOP_ON_REQUEST not in events:
            yield PlanFinding(
                "stop-on-request-missing",
                one.address,
                f"a stop would leave traffic where it is: {STOP_ON_REQUEST} is not among the "
                "events that roll back",
            )
        yield from _alarms(one, resources)
        pair = _block(_block(one.values, "load_balancer_info"), "target_group_pair_info")
        if pair and not _blocks(pair, "test_traffic_route"):
            yield PlanFinding(
                "test-listener-missing",
                one.address,
                "the incoming side can't be tried before it takes traffic: no test_traffic_route",
            )


def _alarms(group: _Resource, resources: Sequence[_Resource]) -> Iterator[PlanFinding]:
    """An alarm that is made elsewhere may watch anything."""
    configured = _block(group.values, "alarm_configuration")
    attached = set(_texts(configured.get("alarms")))
    if configured.get("enabled") is True and not attached and "alarms" not in configured:
        return  # known after apply
    if configured.get("enabled") is not True or not attached:
        why = "no alarm stops a deployment"
    else:
        watched = {
            str(one.values.get("alarm_name")): _metrics(one.values)
            for one in _of(resources, "aws_cloudwatch_metric_alarm")
        }
        if any(TARGET_ERRORS in watched.get(name, (TARGET_ERRORS,)) for name in attached):
            return
        why = f"none of the alarms {', '.join(sorted(attached))} watches {TARGET_ERRORS}"
    yield PlanFinding("target-errors-unwatched", group.address, why)


def _metrics(alarm: JsonObject) -> Sequence[str]:
    """By name: the alarm's own, and those that its metric mathematics is made of."""
    queried = [_block(one, "metric") for one in _blocks(alarm, "metric_query")]
    return [str(one["metric_name"]) for one in (alarm, *queried) if one.get("metric_name")]


def _open_listener(resources: Sequence[_Resource], declared: Declared) -> Iterator[PlanFinding]:
    for one in resources:
        for rule in _ingress(one):
            ports = (rule.get("from_port"), rule.get("to_port"))
            protocol = rule.get("protocol", rule.get("ip_protocol"))
            fits = protocol in ("tcp", "6", None) and _within(declared.validation_port, ports)
            if (fits or protocol in ("-1", "all")) and _public(rule):
                yield PlanFinding(
                    "test-listener-open",
                    one.address,
                    f"the test listener's port {declared.validation_port} is open to the world",
                )


def _ingress(one: _Resource) -> Sequence[JsonObject]:
    if one.kind in ("aws_security_group", "aws_default_security_group"):
        return _blocks(one.values, "ingress")
    if one.kind == "aws_security_group_rule" and one.values.get("type") == "ingress":
        return [one.values]
    return [one.values] if one.kind == "aws_vpc_security_group_ingress_rule" else []


def _public(rule: JsonObject) -> bool:
    several = [*_texts(rule.get("cidr_blocks")), *_texts(rule.get("ipv6_cidr_blocks"))]
    single = [str(rule[name]) for name in ("cidr_ipv4", "cidr_ipv6") if rule.get(name)]
    try:
        return bool(worldwide([*several, *single]))
    except ValueError:  # no plan of the provider's has it
        return False


def _within(port: int, ports: tuple[Json, Json]) -> bool:
    first, last = ports
    return isinstance(first, int) and isinstance(last, int) and first <= port <= last


def _health(resources: Sequence[_Resource], declared: Declared) -> Iterator[PlanFinding]:
    for one in _of(resources, "aws_lb_target_group"):
        path = _block(one.values, "health_check").get("path")
        if isinstance(path, str) and path != declared.health_path:
            yield PlanFinding(
                "health-path-differs",
                one.address,
                f"it asks {path} for health; the rehearsal asks {declared.health_path}",
            )


def _ports(resources: Sequence[_Resource], declared: Declared) -> Iterator[PlanFinding]:
    """The service's port, the container's and the declared one must be the same."""
    listening: dict[str, set[int]] = {}
    for one in _of(resources, "aws_ecs_task_definition"):
        for name, port in _container_ports(one.values.get("container_definitions")):
            listening.setdefault(name, set()).add(port)
    for one in _of(resources, "aws_ecs_service"):
        for balancer in _blocks(one.values, "load_balancer"):
            name, to = str(balancer.get("container_name")), balancer.get("container_port")
            if not isinstance(to, int):
                continue
            if name in listening and to not in listening[name]:
                known = ", ".join(map(str, sorted(listening[name])))
                words = f"traffic goes to port {to} of {name}, which listens on {known}"
                yield PlanFinding("port-differs", one.address, words)
            elif declared.container_port and to != declared.container_port:
                words = f"traffic goes to port {to}; a deployment says {declared.container_port}"
                yield PlanFinding("port-differs", one.address, words)


def _container_ports(definitions: Json) -> Iterator[tuple[str, int]]:
    """From the JSON in `container_definitions`; nothing where it isn't known yet."""
    try:
        containers: Json = json.loads(definitions) if isinstance(definitions, str) else None
    except (ValueError, RecursionError):
        return
    for container in containers if isinstance(containers, list) else ():
        if isinstance(container, Mapping):
            for mapping in _blocks(container, "portMappings"):
                port = mapping.get("containerPort")
                if isinstance(port, int):
                    yield str(container.get("name")), port


def _resources(document: JsonObject) -> Iterator[_Resource]:
    """Everything as it is planned to be, in every module."""
    planned = document.get("planned_values")
    root = planned.get("root_module") if isinstance(planned, Mapping) else None
    modules = [root] if isinstance(root, Mapping) else []
    while modules:
        module = modules.pop()
        modules += _blocks(module, "child_modules")
        for one in _blocks(module, "resources"):
            values = one.get("values")
            if isinstance(values, Mapping):
                yield _Resource(str(one.get("address")), str(one.get("type")), values)


def _of(resources: Sequence[_Resource], kind: str) -> Sequence[_Resource]:
    return [one for one in resources if one.kind == kind]


def _blocks(values: JsonObject, name: str) -> list[JsonObject]:
    listed = values.get(name)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _block(values: JsonObject, name: str) -> JsonObject:
    """A block that stands once, which Terraform writes as a list of one."""
    return next(iter(_blocks(values, name)), {})


def _texts(value: Json) -> Sequence[str]:
    return [str(one) for one in value] if isinstance(value, list) else ()
