"""What would spoil the day, each from a plan that is otherwise good."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from golive.drillkit.plan_findings import Declared, findings

DECLARED = Declared(health_path="/healthz", container_port=8080, validation_port=9443)
GOOD: dict[str, dict[str, Any]] = {
    "aws_codedeploy_deployment_group": {
        "auto_rollback_configuration": [
            {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"]}
        ],
        "alarm_configuration": [{"enabled": True, "alarms": ["target-errors"]}],
        "load_balancer_info": [
            {"target_group_pair_info": [{"test_traffic_route": [{"listener_arns": ["arn"]}]}]}
        ],
    },
    "aws_cloudwatch_metric_alarm": {
        "alarm_name": "target-errors",
        "metric_name": "HTTPCode_Target_5XX_Count",
    },
    "aws_security_group": {
        "ingress": [
            {"from_port": 9443, "to_port": 9443, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]},
            {"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]},
        ]
    },
    "aws_lb_target_group": {"health_check": [{"path": "/healthz"}]},
    "aws_ecs_task_definition": {
        "container_definitions": json.dumps(
            [{"name": "fixnado", "portMappings": [{"containerPort": 8080}]}]
        )
    },
    "aws_ecs_service": {"load_balancer": [{"container_name": "fixnado", "container_port": 8080}]},
}


def planned(values: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Half of it in the root module, half in a module of that."""
    listed = [{"address": f"{kind}.it", "type": kind, "values": values[kind]} for kind in values]
    child = {"resources": listed[3:]}
    return {"planned_values": {"root_module": {"resources": listed[:3], "child_modules": [child]}}}


def codes(values: dict[str, dict[str, Any]]) -> set[tuple[str, str]]:
    found = findings(planned(values), DECLARED)
    assert found is not None
    return {(one.code, one.address) for one in found}


def test_a_good_plan_has_none() -> None:
    assert codes(GOOD) == set()


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        (
            "aws_codedeploy_deployment_group",
            {"auto_rollback_configuration": [{"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}]},
            "stop-on-request-missing",
        ),
        (
            "aws_codedeploy_deployment_group",
            {
                "auto_rollback_configuration": [
                    {"enabled": False, "events": ["DEPLOYMENT_STOP_ON_REQUEST"]}
                ]
            },
            "stop-on-request-missing",
        ),
        (
            "aws_codedeploy_deployment_group",
            {"auto_rollback_configuration": []},
            "stop-on-request-missing",
        ),
        (
            "aws_codedeploy_deployment_group",
            {"alarm_configuration": []},
            "target-errors-unwatched",
        ),
        (
            "aws_codedeploy_deployment_group",
            {"alarm_configuration": [{"enabled": True, "alarms": []}]},
            "target-errors-unwatched",
        ),
        (
            "aws_codedeploy_deployment_group",
            {"load_balancer_info": [{"target_group_pair_info": [{"test_traffic_route": []}]}]},
            "test-listener-missing",
        ),
        (
            "aws_security_group",
            {
                "ingress": [
                    {"from_port": 9000, "to_port": 9500, "ipv6_cidr_blocks": ["::/0"]},
                ]
            },
            "test-listener-open",
        ),
        (
            "aws_security_group",
            {"ingress": [{"protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}]},
            "test-listener-open",
        ),
        (
            "aws_security_group",
            {
                "ingress": [
                    {
                        "from_port": 9443,
                        "to_port": 9443,
                        "protocol": "tcp",
                        "cidr_blocks": ["0.0.0.0/1", "128.0.0.0/1"],
                    }
                ]
            },
            "test-listener-open",
        ),
        ("aws_lb_target_group", {"health_check": [{"path": "/"}]}, "health-path-differs"),
        (
            "aws_ecs_service",
            {"load_balancer": [{"container_name": "fixnado", "container_port": 80}]},
            "port-differs",
        ),
        (
            "aws_ecs_service",
            {"load_balancer": [{"container_name": "elsewhere", "container_port": 80}]},
            "port-differs",
        ),
    ],
)
def test_each_is_found_where_it_stands(kind: str, change: dict[str, Any], code: str) -> None:
    values = copy.deepcopy(GOOD)
    values[kind].update(change)
    assert codes(values) == {(code, f"{kind}.it")}


def test_an_alarm_on_the_balancers_own_errors_does_not_count() -> None:
    values = copy.deepcopy(GOOD)
    values["aws_cloudwatch_metric_alarm"]["metric_name"] = "HTTPCode_ELB_5XX_Count"
    assert {code for code, _ in codes(values)} == {"target-errors-unwatched"}


def test_an_alarm_of_metric_mathematics_goes_by_what_it_is_made_of() -> None:
    values = copy.deepcopy(GOOD)
    alarm = values["aws_cloudwatch_metric_alarm"]
    del alarm["metric_name"]
    alarm["metric_query"] = [
        {"id": "share", "expression": "errors / requests"},
        {"id": "requests", "metric": [{"metric_name": "RequestCount"}]},
        {"id": "errors", "metric": [{"metric_name": "HTTPCode_Target_5XX_Count"}]},
    ]
    assert codes(values) == set()
    alarm["metric_query"].pop()
    assert {code for code, _ in codes(values)} == {"target-errors-unwatched"}


def test_an_alarm_that_is_made_elsewhere_may_watch_anything() -> None:
    values = copy.deepcopy(GOOD)
    configured = values["aws_codedeploy_deployment_group"]["alarm_configuration"][0]
    configured["alarms"] = ["of-another-workspace"]
    assert codes(values) == set()
    del configured["alarms"]  # known after apply
    assert codes(values) == set()


def test_another_protocol_is_no_way_in() -> None:
    values = copy.deepcopy(GOOD)
    rule = {"from_port": 9443, "to_port": 9443, "protocol": "udp", "cidr_blocks": ["0.0.0.0/0"]}
    values["aws_security_group"]["ingress"].append(rule)
    assert codes(values) == set()


@pytest.mark.parametrize(
    "rule",
    [
        ("aws_security_group_rule", {"type": "ingress", "cidr_blocks": ["0.0.0.0/0"]}),
        ("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": "0.0.0.0/0"}),
    ],
)
def test_rules_that_stand_alone(rule: tuple[str, dict[str, Any]]) -> None:
    kind, values = rule
    open_rule = {**values, "from_port": 9443, "to_port": 9443}
    assert codes({**GOOD, kind: open_rule}) == {("test-listener-open", f"{kind}.it")}
    way_out = {"aws_security_group_rule": {**open_rule, "type": "egress"}}
    assert codes({**GOOD, **way_out}) == set()


def test_what_is_not_known_yet_is_no_finding() -> None:
    values = copy.deepcopy(GOOD)
    values["aws_ecs_task_definition"] = {}
    values["aws_lb_target_group"] = {"health_check": [{}]}
    values["aws_ecs_service"]["load_balancer"][0]["container_port"] = None
    assert codes(values) == set()


@pytest.mark.parametrize(
    "document", [{}, {"planned_values": None}, planned({"terraform_data": {}})]
)
def test_nothing_that_the_rules_know(document: dict[str, Any]) -> None:
    assert findings(document, DECLARED) is None


def test_odd_shapes_are_no_crash() -> None:
    values: dict[str, Any] = {kind: {} for kind in GOOD}
    values["aws_ecs_task_definition"] = {"container_definitions": "[" * 100_000}
    values["aws_security_group"] = {"ingress": [None, 3, {"from_port": "x", "cidr_blocks": 1}]}
    assert {code for code, _ in codes(values)} == {
        "stop-on-request-missing",
        "target-errors-unwatched",
    }
