"""What a cutover asks of CloudWatch and ECS, and of CodeDeploy's tags: by AWS's own models."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from golive.stage.controller.alarms import ALARMS, READINESS, TARGET_5XX
from stage_world import bench
from stage_world.bench import eventually
from stage_world.deploying import LINEAR, OWN, create, info, until

APPLICATION = "arn:aws:codedeploy:eu-west-2:000000000000:application:fixnado"
GROUP = "arn:aws:codedeploy:eu-west-2:000000000000:deploymentgroup:fixnado/fixnado-stage"


def refused(call: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**members)
    code: str = caught.value.response["Error"]["Code"]
    return code


def states(watch: Any, **members: Any) -> dict[str, str]:
    found = watch.describe_alarms(**members)["MetricAlarms"]
    return {one["AlarmName"]: one["StateValue"] for one in found}


def test_alarms_say_what_they_watch(controller: bench.Controller) -> None:
    watch = controller.client("cloudwatch")
    metrics = {
        one["AlarmName"]: one["MetricName"] for one in watch.describe_alarms()["MetricAlarms"]
    }
    assert set(metrics) == set(ALARMS)
    assert metrics[TARGET_5XX] == "HTTPCode_Target_5XX_Count"
    assert states(watch, AlarmNames=[READINESS]) == {READINESS: "OK"}
    assert states(watch, AlarmNamePrefix="fixnado-target", StateValue="ALARM") == {}


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_set_by_hand_stops_the_deployment_and_rolls_back(
    controller: bench.Controller, aws: Any, proxy: bench.Proxy, alarm: str
) -> None:
    watch = controller.client("cloudwatch")
    aws.create_deployment_config(
        deploymentConfigName="mine",
        computePlatform="ECS",
        trafficRoutingConfig={
            "type": "TimeBasedCanary",
            "timeBasedCanary": {"canaryPercentage": 25, "canaryInterval": 2000},
        },
    )
    identifier = create(aws, "mine")

    def reached() -> None:
        assert proxy.balancer.read().weights["blue"] == 25.0

    eventually(reached)
    watch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a rehearsal")
    found = until(aws, identifier, "Stopped")
    assert found["errorInformation"]["code"] == "ALARM_ACTIVE"
    assert f"{alarm}: a rehearsal" in found["errorInformation"]["message"]
    until(aws, found["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    assert proxy.balancer.read().weights == {"blue": 0.0, "green": 100.0}
    watch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="the rehearsal is over")
    assert states(watch, StateValue="ALARM") == {}


def test_strange_alarms_are_refused(controller: bench.Controller) -> None:
    watch = controller.client("cloudwatch")
    change = {"StateValue": "ALARM", "StateReason": "x"}
    assert refused(watch.set_alarm_state, AlarmName="mine", **change) == "ResourceNotFound"
    change["StateValue"] = "PANIC"
    assert refused(watch.set_alarm_state, AlarmName=TARGET_5XX, **change) == "InvalidFormatFault"


def test_the_services_task_sets_follow_its_deployments(
    controller: bench.Controller, aws: Any
) -> None:
    ecs = controller.client("ecs")

    def sets() -> dict[str, str]:
        answer = ecs.describe_services(cluster="stage", services=["fixnado"])
        assert answer["failures"] == []
        return {
            one["externalId"]: f"{one['status']} {one['id']}"
            for one in answer["services"][0]["taskSets"]
        }

    before = sets()
    assert list(before) == ["fixnado-green"]
    identifier = create(aws, LINEAR)
    aws.stop_deployment(deploymentId=identifier, autoRollbackEnabled=True)
    until(aws, identifier, "Stopped")
    until(aws, info(aws, identifier)["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    assert sets() == before
    until(aws, create(aws), "Succeeded")
    assert list(sets()) == ["fixnado-blue"]
    answer = ecs.describe_services(cluster="stage", services=["other"])
    assert answer["failures"][0]["reason"] == "MISSING"
    assert refused(ecs.describe_services, services=["x"]) == "ClusterNotFoundException"


@pytest.mark.parametrize("arn", [APPLICATION, GROUP])
def test_tags_are_added_shown_and_removed(aws: Any, arn: str) -> None:
    aws.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    aws.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}])
    listed = {
        one["Key"]: one["Value"] for one in aws.list_tags_for_resource(ResourceArn=arn)["Tags"]
    }
    assert listed == {"a": "2", "b": ""}
    aws.untag_resource(ResourceArn=arn, TagKeys=["a", "gone"])
    assert [one["Key"] for one in aws.list_tags_for_resource(ResourceArn=arn)["Tags"]] == ["b"]


def test_strange_tags_are_refused(aws: Any) -> None:
    tags = [{"Key": "a", "Value": "1"}]
    assert refused(aws.tag_resource, ResourceArn="arn:x", Tags=tags) == "InvalidArnException"
    config = APPLICATION.replace("application:fixnado", "deploymentconfig:x")
    assert refused(aws.tag_resource, ResourceArn=config, Tags=tags) == "ArnNotSupportedException"
    gone = APPLICATION.replace("fixnado", "gone")
    assert refused(aws.tag_resource, ResourceArn=gone, Tags=tags) == (
        "ApplicationDoesNotExistException"
    )
    assert refused(aws.tag_resource, ResourceArn=APPLICATION, Tags=[{"Value": "1"}]) == (
        "InvalidTagsToAddException"
    )


def test_an_application_is_renamed_with_all_that_is_its_own(aws: Any) -> None:
    until(aws, create(aws), "Succeeded")
    aws.update_application(applicationName="fixnado", newApplicationName="shop")
    assert aws.list_applications()["applications"] == ["shop"]
    group = {**OWN, "applicationName": "shop"}
    assert aws.get_deployment_group(**group)["deploymentGroupInfo"]["applicationName"] == "shop"
    assert len(aws.list_deployments(**group)["deployments"]) == 1
    assert refused(aws.update_application, applicationName="fixnado") == (
        "ApplicationDoesNotExistException"
    )
    aws.create_application(applicationName="other", computePlatform="ECS")
    assert (
        refused(aws.update_application, applicationName="shop", newApplicationName="other")
        == "ApplicationAlreadyExistsException"
    )
