"""Deployments from beginning to end, over the wire, with Caddy's true weights behind them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from golive.stage.balancer import Traffic
from golive.stage.controller.records import EVENTS
from stage_world import bench
from stage_world.bench import eventually
from stage_world.deploying import (
    FAST,
    LINEAR,
    OWN,
    TARGET,
    change_group,
    create,
    events,
    info,
    revision,
    target,
    until,
    waiting,
    weights,
)

BLUE, GREEN = "fixnado-blue", "fixnado-green"
LONG = {"termination": 2000}


def refused(call: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**members)
    code: str = caught.value.response["Error"]["Code"]
    return code


def reached(aws: Any, identifier: str, share: float) -> None:
    def look() -> None:
        assert weights(aws, identifier)[BLUE] >= share

    eventually(look, (AssertionError, ClientError))  # type: ignore[arg-type]


def test_all_at_once_moves_everything_and_passes_every_event(aws: Any, proxy: bench.Proxy) -> None:
    identifier = create(aws, description="key-1")
    found = until(aws, identifier, "Succeeded")
    assert found["creator"] == "user"
    assert found["description"] == "key-1"
    assert found["completeTime"] >= found["startTime"] >= found["createTime"]
    assert list(events(aws, identifier)) == list(EVENTS)
    assert set(events(aws, identifier).values()) == {"Succeeded"}
    assert weights(aws, identifier) == {BLUE: 100.0, GREEN: 0.0}
    assert proxy.balancer.read().weights == {"blue": 100.0, "green": 0.0}
    sets = {one["taskSetLabel"]: one["status"] for one in target(aws, identifier)["taskSetsInfo"]}
    assert sets == {"Blue": "DRAINING", "Green": "PRIMARY"}


def test_linear_goes_through_every_tenth(aws: Any, proxy: bench.Proxy) -> None:
    identifier = create(aws, LINEAR)
    seen: set[float] = set()

    def look() -> None:
        seen.add(proxy.balancer.read().weights["blue"])
        assert info(aws, identifier)["status"] == "Succeeded"

    eventually(look)
    assert seen <= {float(share) for share in range(0, 101, 10)}
    assert len(seen) > 4


def test_a_canary_rests_at_its_share(
    aws: Any, controller: bench.Controller, proxy: bench.Proxy
) -> None:
    aws.create_deployment_config(
        deploymentConfigName="mine",
        computePlatform="ECS",
        trafficRoutingConfig={
            "type": "TimeBasedCanary",
            "timeBasedCanary": {"canaryPercentage": 25, "canaryInterval": 2000},
        },
    )
    identifier = create(aws, "mine")
    reached(aws, identifier, 25.0)
    assert proxy.balancer.read().weights == {"blue": 25.0, "green": 75.0}
    aws.stop_deployment(deploymentId=identifier)
    until(aws, identifier, "Stopped")


YAML = """
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "arn:aws:ecs:eu-west-2:000000000000:task-definition/fixnado-blue:100"
        LoadBalancerInfo:
          ContainerName: fixnado
          ContainerPort: 8080
"""


@pytest.mark.parametrize("content", [None, YAML], ids=["json", "yaml"])
def test_the_appspec_may_be_json_or_yaml(aws: Any, content: str | None) -> None:
    until(aws, create(aws, revision=revision(content)), "Succeeded")


def test_stop_with_rollback_makes_a_linked_deployment(aws: Any, proxy: bench.Proxy) -> None:
    identifier = create(aws, LINEAR)
    reached(aws, identifier, 30.0)
    answer = aws.stop_deployment(deploymentId=identifier, autoRollbackEnabled=True)
    assert answer["status"] == "Pending"
    stopped = until(aws, identifier, "Stopped")
    assert stopped["errorInformation"]["code"] == "MANUAL_STOP"
    undoing = stopped["rollbackInfo"]["rollbackDeploymentId"]
    found = until(aws, undoing, "Succeeded")
    assert found["creator"] == "codeDeployRollback"
    assert found["rollbackInfo"]["rollbackTriggeringDeploymentId"] == identifier
    assert weights(aws, identifier) == weights(aws, undoing) == {BLUE: 0.0, GREEN: 100.0}
    assert proxy.balancer.read().weights == {"blue": 0.0, "green": 100.0}


def test_stop_without_rollback_leaves_things_as_they_are(aws: Any, proxy: bench.Proxy) -> None:
    identifier = create(aws, LINEAR)
    reached(aws, identifier, 30.0)
    aws.stop_deployment(deploymentId=identifier, autoRollbackEnabled=False)
    found = until(aws, identifier, "Stopped")
    assert "rollbackInfo" not in found
    assert proxy.balancer.read().weights["blue"] == weights(aws, identifier)[BLUE] >= 30.0


@pytest.mark.parametrize("on_request", [True, False])
def test_a_stop_that_says_nothing_goes_by_the_groups_events(aws: Any, on_request: bool) -> None:
    wanted = ["DEPLOYMENT_FAILURE", *(["DEPLOYMENT_STOP_ON_REQUEST"] if on_request else [])]
    change_group(aws, autoRollbackConfiguration={"enabled": True, "events": wanted})
    identifier = create(aws, LINEAR)
    reached(aws, identifier, 10.0)
    aws.stop_deployment(deploymentId=identifier)
    assert ("rollbackInfo" in until(aws, identifier, "Stopped")) is on_request


def test_a_stop_after_the_end_is_refused(aws: Any) -> None:
    identifier = create(aws)
    until(aws, identifier, "Succeeded")
    assert refused(aws.stop_deployment, deploymentId=identifier) == (
        "DeploymentAlreadyCompletedException"
    )


def test_a_group_has_one_deployment_at_a_time(aws: Any) -> None:
    change_group(aws, blueGreenDeploymentConfiguration=waiting(termination=2000))
    identifier = create(aws)
    members = {**OWN, "revision": revision()}
    assert refused(aws.create_deployment, **members) == "DeploymentLimitExceededException"
    aws.stop_deployment(deploymentId=identifier)
    undoing = until(aws, identifier, "Stopped")["rollbackInfo"]["rollbackDeploymentId"]
    until(aws, undoing, "Succeeded")  # the rollback is a deployment of its own
    change_group(aws, blueGreenDeploymentConfiguration=waiting())
    until(aws, create(aws), "Succeeded")


def test_the_ready_wait_holds_production_traffic_back(aws: Any, proxy: bench.Proxy) -> None:
    change_group(aws, blueGreenDeploymentConfiguration=waiting(ready=2000))
    identifier = create(aws)
    until(aws, identifier, "Ready")
    assert proxy.balancer.read().weights["blue"] == 0.0
    assert events(aws, identifier)["AfterAllowTestTraffic"] == "Succeeded"
    refusal = refused(
        aws.continue_deployment, deploymentId=identifier, deploymentWaitType="TERMINATION_WAIT"
    )
    assert refusal == "DeploymentIsNotInReadyStateException"
    aws.continue_deployment(deploymentId=identifier, deploymentWaitType="READY_WAIT")
    aws.continue_deployment(deploymentId=identifier, deploymentWaitType="READY_WAIT")
    until(aws, identifier, "Succeeded")


def test_a_ready_wait_that_nobody_ends_stops_the_deployment(aws: Any, proxy: bench.Proxy) -> None:
    change_group(aws, blueGreenDeploymentConfiguration=waiting(ready=1))
    identifier = create(aws)
    found = until(aws, identifier, "Stopped")
    assert found["errorInformation"]["code"] == "TIMEOUT"
    assert proxy.balancer.read().weights["blue"] == 0.0


def test_the_termination_wait_keeps_the_old_side_until_continued(aws: Any) -> None:
    change_group(aws, blueGreenDeploymentConfiguration=waiting(**LONG))
    identifier = create(aws)

    def waits() -> None:
        assert info(aws, identifier)["instanceTerminationWaitTimeStarted"] is True

    eventually(waits)
    assert info(aws, identifier)["status"] == "InProgress"
    sets = {one["taskSetLabel"]: one["status"] for one in target(aws, identifier)["taskSetsInfo"]}
    assert sets == {"Blue": "ACTIVE", "Green": "PRIMARY"}
    aws.continue_deployment(deploymentId=identifier, deploymentWaitType="TERMINATION_WAIT")
    until(aws, identifier, "Succeeded")


def test_stopping_in_the_termination_wait_still_brings_traffic_back(
    aws: Any, proxy: bench.Proxy
) -> None:
    change_group(aws, blueGreenDeploymentConfiguration=waiting(**LONG))
    identifier = create(aws)
    reached(aws, identifier, 100.0)
    aws.stop_deployment(deploymentId=identifier, autoRollbackEnabled=True)
    undoing = until(aws, identifier, "Stopped")["rollbackInfo"]["rollbackDeploymentId"]
    until(aws, undoing, "Succeeded")
    assert proxy.balancer.read().weights["green"] == 100.0


def test_without_a_test_listener_its_events_are_skipped(aws: Any) -> None:
    pair = aws.get_deployment_group(**OWN)["deploymentGroupInfo"]["loadBalancerInfo"]
    del pair["targetGroupPairInfoList"][0]["testTrafficRoute"]
    change_group(aws, loadBalancerInfo=pair)
    identifier = create(aws)
    until(aws, identifier, "Succeeded")
    found = events(aws, identifier)
    skipped = [name for name, status in found.items() if status == "Skipped"]
    assert skipped == ["AllowTestTraffic", "AfterAllowTestTraffic"]


def _assert(condition: bool) -> None:
    assert condition


def test_test_traffic_goes_to_the_side_that_comes_in(aws: Any, proxy: bench.Proxy) -> None:
    until(aws, create(aws), "Succeeded")
    assert proxy.balancer.read().validation == "blue"
    change_group(aws, blueGreenDeploymentConfiguration=waiting(termination=2000))
    identifier = create(aws, revision=revision(side="green"))
    reached(aws, identifier, 0.0)
    eventually(lambda: _assert(info(aws, identifier)["instanceTerminationWaitTimeStarted"]))
    assert proxy.balancer.read().validation == "green"
    aws.continue_deployment(deploymentId=identifier, deploymentWaitType="TERMINATION_WAIT")
    until(aws, identifier, "Succeeded")
    assert proxy.balancer.read().validation == "blue", "the side that comes in next"
    assert proxy.balancer.read().weights["green"] == 100.0


def test_a_side_that_is_not_idle_can_not_be_brought_in(aws: Any, proxy: bench.Proxy) -> None:
    found = until(aws, create(aws, revision=revision(side="green")), "Failed")
    assert found["errorInformation"]["code"] == "ECS_UPDATE_ERROR"
    undoing = found["rollbackInfo"]["rollbackDeploymentId"]
    until(aws, undoing, "Succeeded")
    assert proxy.balancer.read().weights["green"] == 100.0


def test_deployments_are_listed_newest_first_and_filtered(aws: Any) -> None:
    first = create(aws)
    until(aws, first)
    second = create(aws, revision=revision(side="green"))
    until(aws, second)
    assert aws.list_deployments(**OWN)["deployments"] == [second, first]
    assert aws.list_deployments()["deployments"] == [second, first]
    assert aws.list_deployments(**OWN, includeOnlyStatuses=["Failed"])["deployments"] == []
    hour = timedelta(hours=1)
    past = {"end": datetime.now(UTC) - hour}
    assert aws.list_deployments(**OWN, createTimeRange=past)["deployments"] == []
    found = aws.batch_get_deployments(deploymentIds=[first, "d-NOTTHERE9"])["deploymentsInfo"]
    assert [one["deploymentId"] for one in found] == [first]


def test_targets_are_listed_and_fetched_together(aws: Any) -> None:
    identifier = create(aws)
    until(aws, identifier)
    assert aws.list_deployment_targets(deploymentId=identifier)["targetIds"] == [TARGET]
    filters = {"TargetStatus": ["Failed"]}
    listed = aws.list_deployment_targets(deploymentId=identifier, targetFilters=filters)
    assert listed["targetIds"] == []
    found = aws.batch_get_deployment_targets(deploymentId=identifier, targetIds=[TARGET])
    assert found["deploymentTargets"][0]["ecsTarget"]["targetId"] == TARGET


def test_a_sick_side_never_gets_traffic(aws: Any, proxy: bench.Proxy) -> None:
    proxy.instances["blue"].healthy = False
    try:
        identifier = create(aws, FAST)
        until(aws, identifier, "InProgress")
        assert proxy.balancer.read().weights["blue"] == 0.0
        aws.stop_deployment(deploymentId=identifier)
        until(aws, identifier, "Stopped")
    finally:
        proxy.instances["blue"].healthy = True


def test_a_rollback_leads_test_traffic_to_where_it_was(aws: Any, proxy: bench.Proxy) -> None:
    until(aws, create(aws), "Succeeded")
    change_group(aws, blueGreenDeploymentConfiguration=waiting(termination=2000))
    identifier = create(aws, revision=revision(side="green"))
    eventually(lambda: _assert(info(aws, identifier)["instanceTerminationWaitTimeStarted"]))
    assert proxy.balancer.read().validation == "green"
    aws.stop_deployment(deploymentId=identifier, autoRollbackEnabled=True)
    undoing = until(aws, identifier, "Stopped")["rollbackInfo"]["rollbackDeploymentId"]
    until(aws, undoing, "Succeeded")
    assert proxy.balancer.read() == Traffic({"green": 0.0, "blue": 100.0}, "blue")
