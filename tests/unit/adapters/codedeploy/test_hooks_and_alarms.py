"""What rehearses an abort in AWS: alarms set by hand, and hooks that a queue tells of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from golive.adapters.aws import CodeDeploy, answers
from golive.kernel.errors import NotConfigured, PortError, Unreachable
from golive.ports.deployer import AlarmKind
from golive.ports.target import DeployerConfig

REGION = "eu-west-2"
SIDES = {"blue": "", "green": ""}
CONFIG = {
    "application": "shop",
    "group": "production",
    "region": REGION,
    "task_definition": "arn:task-definition/shop-{incoming}:{revision}",
    "container": "web",
    "container_port": 8080,
}
ALARMS = {
    "errors": "HTTPCode_Target_5XX_Count",
    "slow": "TargetResponseTime",
    "balancer": "HTTPCode_ELB_5XX_Count",
}


def codedeploy(**changes: Any) -> CodeDeploy:
    config = DeployerConfig.model_validate({**CONFIG, **changes})
    return CodeDeploy(config, sides=SIDES, timeout=2)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def queue(aws: None) -> Iterator[tuple[Any, str]]:
    sqs = boto3.client("sqs", region_name=REGION)
    yield sqs, sqs.create_queue(QueueName="golive-hooks")["QueueUrl"]
    sqs.close()


def tell(queue: tuple[Any, str], **members: str) -> None:
    sqs, url = queue
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(members))


def test_a_hook_is_found_in_the_queue(queue: tuple[Any, str]) -> None:
    port = codedeploy(hook_function="relay", hook_queue=queue[1])
    assert port.hooks_reach_us
    assert port.open_hook("d-1", "AfterInstall") is None
    tell(queue, DeploymentId="d-1", LifecycleEventHookExecutionId="x-1")
    tell(queue, DeploymentId="d-1", LifecycleEventHookExecutionId="x-2", event="AfterInstall")
    tell(queue, DeploymentId="d-2", LifecycleEventHookExecutionId="x-3", event="AfterInstall")
    found = {port.open_hook("d-1", "BeforeAllowTraffic") for _ in range(3)}
    assert found == {"x-1"}
    assert port.open_hook("d-2", "AfterInstall") == "x-3"
    assert port.open_hook("d-2", "AfterAllowTraffic") is None
    assert port.open_hook("d-3", "AfterInstall") is None


def test_a_message_that_is_none_is_named(queue: tuple[Any, str]) -> None:
    port = codedeploy(hook_function="relay", hook_queue=queue[1])
    queue[0].send_message(QueueUrl=queue[1], MessageBody="hello")
    with pytest.raises(PortError, match="hooks' queue"):
        port.open_hook("d-1", "AfterInstall")


def test_without_a_way_for_hooks_none_is_made() -> None:
    port = codedeploy()
    assert not port.hooks_reach_us
    with pytest.raises(NotConfigured, match="hook"):
        port.create(
            incoming="blue", version="1", config="c", description="", hooks=["AfterInstall"]
        )
    with pytest.raises(NotConfigured):
        port.open_hook("d-1", "AfterInstall")


def test_the_functions_of_hooks_stand_in_the_appspec(server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(body=b'{"deploymentId": "d-AAAAAAAAA"}')
    hooks = {"BeforeAllowTraffic": "own"}
    port = codedeploy(
        endpoint=server.url, hooks=hooks, hook_function="relay", hook_list=f"{server.url}/hooks"
    )
    port.create(
        incoming="blue", version="1", config="c", description="", hooks=["AfterAllowTestTraffic"]
    )
    sent = json.loads(server.asked[-1].body)["revision"]["appSpecContent"]["content"]
    assert json.loads(sent)["Hooks"] == [
        {"BeforeAllowTraffic": "own"},
        {"AfterAllowTestTraffic": "relay"},
    ]


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]"])
def test_a_list_of_hooks_that_is_none_is_named(server: Any, answer: Any, body: bytes) -> None:
    server.respond = lambda _: answer(body=body)
    port = codedeploy(hook_function="relay", hook_list=f"{server.url}/hooks")
    with pytest.raises(PortError, match="no list of hooks"):
        port.open_hook("d-1", "AfterInstall")


@pytest.mark.parametrize("own", [True, False])
def test_a_list_is_asked_with_a_signature_where_it_is_the_endpoints_own(
    server: Any, answer: Any, tmp_path: Path, own: bool
) -> None:
    """The key is the file's, whatever the environment offers; it follows no redirect either."""
    held = "[mine]\naws_access_key_id = OURKEY\naws_secret_access_key = ours\n"
    (tmp_path / "keys").write_text(held, encoding="ascii")
    there = answer(status=302, headers={"Location": f"{server.url}/elsewhere"})
    server.respond = lambda _: there
    port = codedeploy(
        endpoint=server.url if own else "http://127.0.0.1:9",
        credentials=tmp_path / "keys",
        profile="mine",
        hook_function="relay",
        hook_list=f"{server.url}/hooks",
    )
    with pytest.raises(PortError, match="302"):
        port.open_hook("d-1", "AfterInstall")
    (asked,) = server.asked
    assert ("Credential=OURKEY/" in asked.headers.get("authorization", "")) is own


def test_a_list_that_nobody_gives_is_unreachable() -> None:
    port = codedeploy(hook_function="relay", hook_list="http://127.0.0.1:9/hooks")
    with pytest.raises(Unreachable):
        port.open_hook("d-1", "AfterInstall")


def test_alarms_are_known_by_their_metrics(aws: None) -> None:
    cloudwatch = boto3.client("cloudwatch", region_name=REGION)
    for name, metric in ALARMS.items():
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            MetricName=metric,
            Namespace="AWS/ApplicationELB",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=3,
            ComparisonOperator="GreaterThanThreshold",
        )
    codedeploy().set_alarm("errors", active=True, reason="a rehearsal")
    listed = cloudwatch.describe_alarms()["MetricAlarms"]
    cloudwatch.close()
    found = {one.name: one for one in (answers.alarm(one, SIDES) for one in listed)}
    assert {name: one.kind for name, one in found.items()} == {
        "errors": AlarmKind.ERRORS,
        "slow": AlarmKind.LATENCY,
        "balancer": AlarmKind.OTHER,
    }
    assert (found["errors"].state, found["errors"].reason) == ("ALARM", "a rehearsal")


def test_an_alarm_of_metric_mathematics_goes_by_a_metric_that_is_known() -> None:
    queries = [
        {"Id": "rate", "Expression": "errors / requests"},
        {"Id": "requests", "MetricStat": {"Metric": {"MetricName": "RequestCount"}}},
        {"Id": "errors", "MetricStat": {"Metric": {"MetricName": "HTTPCode_Target_5XX_Count"}}},
    ]
    found = answers.alarm({"AlarmName": "rate", "StateValue": "OK", "Metrics": queries}, SIDES)
    assert found.kind is AlarmKind.ERRORS


@pytest.mark.parametrize(
    ("groups", "side", "sees"),
    [
        ((), "", True),
        (("targetgroup/shop-blue/1",), "blue", True),
        (("targetgroup/shop-green/2",), "green", False),
        (("targetgroup/other/3",), "other", False),
        (("targetgroup/shop-green/2", "targetgroup/shop-blue/1"), "", True),
    ],
)
def test_an_alarm_on_one_side_alone_sees_nothing_of_the_other(
    groups: tuple[str, ...], side: str, sees: bool
) -> None:
    metrics = [
        {
            "MetricName": "HTTPCode_Target_5XX_Count",
            "Dimensions": [
                {"Name": "LoadBalancer", "Value": "app/shop/9"},
                *([{"Name": "TargetGroup", "Value": group}] if group else []),
            ],
        }
        for group in groups or ("",)
    ]
    queries = [{"MetricStat": {"Metric": metric}} for metric in metrics]
    plain = {"AlarmName": "it", "StateValue": "OK"}
    shapes = [{**plain, "Metrics": queries}, *({**plain, **one} for one in metrics[:1])]
    for shape in shapes if len(metrics) == 1 else shapes[:1]:
        found = answers.alarm(shape, SIDES)
        assert (found.side, found.sees("blue")) == (side, sees)


def test_an_alarm_made_of_others_is_of_no_metric() -> None:
    rule = "ALARM(errors) OR ALARM(slow)"
    found = answers.alarm({"AlarmName": "any", "StateValue": "ALARM", "AlarmRule": rule}, SIDES)
    assert (found.kind, found.metric, found.state) == (AlarmKind.OTHER, rule, "ALARM")


@pytest.mark.parametrize(
    ("service", "problem"),
    [({}, "0 primary"), ({"taskSets": [{"status": "PRIMARY"}] * 2}, "2 primary")],
)
def test_a_service_without_one_primary_task_set_is_named(service: Any, problem: str) -> None:
    with pytest.raises(PortError, match=problem):
        answers.service(service)


def test_a_group_without_a_service_is_named() -> None:
    with pytest.raises(PortError, match="names no ECS service"):
        answers.ecs_service({"ecsServices": []})
