"""Applications, groups and configurations, and each operation's own errors."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stage_world.deploying import OWN, change_group, create, until

DEFAULTS = {
    "CodeDeployDefault.ECSAllAtOnce",
    "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "CodeDeployDefault.ECSCanary10Percent15Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
}


def group_members(aws: Any) -> dict[str, Any]:
    """What the stage's own group was made with."""
    found = dict(aws.get_deployment_group(**OWN)["deploymentGroupInfo"])
    for derived in ("deploymentGroupId", "computePlatform"):
        del found[derived]
    return copy.deepcopy(found)


def refused(call: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**members)
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_an_application_lives_and_dies(aws: Any) -> None:
    made = aws.create_application(applicationName="shop", computePlatform="ECS")
    found = aws.get_application(applicationName="shop")["application"]
    assert found["applicationId"] == made["applicationId"]
    assert found["computePlatform"] == "ECS"
    again = {"applicationName": "shop", "computePlatform": "ECS"}
    assert refused(aws.create_application, **again) == "ApplicationAlreadyExistsException"
    assert aws.list_applications()["applications"] == ["fixnado", "shop"]
    aws.delete_application(applicationName="shop")
    aws.delete_application(applicationName="shop")
    assert refused(aws.get_application, applicationName="shop") == (
        "ApplicationDoesNotExistException"
    )


def test_an_applications_groups_go_with_it(aws: Any) -> None:
    aws.create_application(applicationName="shop", computePlatform="ECS")
    members = {**group_members(aws), "applicationName": "shop"}
    aws.create_deployment_group(**members)
    assert aws.list_deployment_groups(applicationName="shop")["deploymentGroups"]
    aws.delete_application(applicationName="shop")
    aws.create_application(applicationName="shop", computePlatform="ECS")
    assert aws.list_deployment_groups(applicationName="shop")["deploymentGroups"] == []


@pytest.mark.parametrize("platform", ["Server", "Lambda", "Kubernetes"])
def test_other_platforms_are_refused(aws: Any, platform: str) -> None:
    members = {"applicationName": "shop", "computePlatform": platform}
    assert refused(aws.create_application, **members) == "InvalidComputePlatformException"


@pytest.mark.parametrize("name", ["a b", "x" * 101, "naïve", "a/b"])
def test_names_keep_to_awss_alphabet(aws: Any, name: str) -> None:
    code = refused(aws.create_application, applicationName=name, computePlatform="ECS")
    assert code == "InvalidApplicationNameException"


def test_a_group_lives_and_dies(aws: Any) -> None:
    members = {**group_members(aws), "deploymentGroupName": "second"}
    made = aws.create_deployment_group(**members)["deploymentGroupId"]
    assert refused(aws.create_deployment_group, **members) == (
        "DeploymentGroupAlreadyExistsException"
    )
    named = {"applicationName": "fixnado", "deploymentGroupName": "second"}
    found = aws.get_deployment_group(**named)["deploymentGroupInfo"]
    assert found["deploymentGroupId"] == made
    assert found["loadBalancerInfo"] == members["loadBalancerInfo"]
    listed = aws.list_deployment_groups(applicationName="fixnado")["deploymentGroups"]
    assert listed == ["fixnado-stage", "second"]
    aws.delete_deployment_group(**named)
    assert refused(aws.get_deployment_group, **named) == "DeploymentGroupDoesNotExistException"


def test_a_group_remembers_its_last_deployments(aws: Any) -> None:
    identifier = create(aws)
    until(aws, identifier, "Succeeded")
    found = aws.get_deployment_group(**OWN)["deploymentGroupInfo"]
    assert found["lastSuccessfulDeployment"]["deploymentId"] == identifier
    assert found["lastAttemptedDeployment"]["status"] == "Succeeded"
    assert found["targetRevision"]["revisionType"] == "AppSpecContent"


def test_a_group_can_be_renamed_and_changed(aws: Any) -> None:
    change_group(aws, newDeploymentGroupName="other", alarmConfiguration={"enabled": False})
    named = {"applicationName": "fixnado", "deploymentGroupName": "other"}
    found = aws.get_deployment_group(**named)["deploymentGroupInfo"]
    assert found["alarmConfiguration"] == {"enabled": False}
    assert refused(aws.get_deployment_group, **OWN) == "DeploymentGroupDoesNotExistException"


LISTENERS = {"listenerArns": ["arn:one", "arn:two"]}
PAIR = ("loadBalancerInfo", "targetGroupPairInfoList")


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("serviceRoleArn",), "nobody", "InvalidRoleException"),
        (("deploymentConfigName",), "gone", "DeploymentConfigDoesNotExistException"),
        (("deploymentStyle",), {}, "InvalidDeploymentStyleException"),
        (("deploymentStyle", "deploymentType"), "IN_PLACE", "InvalidDeploymentStyleException"),
        (("deploymentStyle", "deploymentType"), "SIDEWAYS", "InvalidDeploymentStyleException"),
        (("ecsServices",), [], "InvalidECSServiceException"),
        (PAIR, [], "InvalidLoadBalancerInfoException"),
        ((*PAIR, 0, "targetGroups"), [{"name": "x"}], "InvalidTargetGroupPairException"),
        ((*PAIR, 0, "prodTrafficRoute"), LISTENERS, "InvalidTargetGroupPairException"),
        ((*PAIR, 0, "testTrafficRoute"), LISTENERS, "InvalidTargetGroupPairException"),
        (
            ("autoRollbackConfiguration",),
            {"enabled": True},
            "InvalidAutoRollbackConfigException",
        ),
        (
            ("autoRollbackConfiguration", "events"),
            ["WHENEVER"],
            "InvalidAutoRollbackConfigException",
        ),
        (
            ("alarmConfiguration", "alarms"),
            [{"name": f"alarm-{n}"} for n in range(11)],
            "AlarmsLimitExceededException",
        ),
        (("alarmConfiguration", "alarms"), [{}], "InvalidAlarmConfigException"),
        (
            ("blueGreenDeploymentConfiguration", "deploymentReadyOption", "actionOnTimeout"),
            "SHRUG",
            "InvalidBlueGreenDeploymentConfigurationException",
        ),
    ],
)
def test_a_group_that_makes_no_sense_is_refused(
    aws: Any, path: tuple[Any, ...], value: Any, code: str
) -> None:
    members = {**group_members(aws), "deploymentGroupName": "second"}
    holder: Any = members
    for one in path[:-1]:
        holder = holder[one]
    holder[path[-1]] = value
    assert refused(aws.create_deployment_group, **members) == code
    assert aws.list_deployment_groups(applicationName="fixnado")["deploymentGroups"] == [
        "fixnado-stage"
    ]


def test_the_five_defaults_are_there_and_stay(aws: Any) -> None:
    assert set(aws.list_deployment_configs()["deploymentConfigsList"]) == DEFAULTS
    for name in DEFAULTS:
        found = aws.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
        assert found["computePlatform"] == "ECS"
        assert refused(aws.delete_deployment_config, deploymentConfigName=name) == (
            "InvalidOperationException"
        )


def test_an_own_configuration_lives_and_dies(aws: Any) -> None:
    routing = {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": 33, "linearInterval": 1},
    }
    members = {
        "deploymentConfigName": "thirds",
        "computePlatform": "ECS",
        "trafficRoutingConfig": routing,
    }
    aws.create_deployment_config(**members)
    found = aws.get_deployment_config(deploymentConfigName="thirds")["deploymentConfigInfo"]
    assert found["trafficRoutingConfig"] == routing
    assert refused(aws.create_deployment_config, **members) == (
        "DeploymentConfigAlreadyExistsException"
    )
    change_group(aws, deploymentConfigName="thirds")
    assert refused(aws.delete_deployment_config, deploymentConfigName="thirds") == (
        "DeploymentConfigInUseException"
    )
    change_group(aws, deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    aws.delete_deployment_config(deploymentConfigName="thirds")
    assert set(aws.list_deployment_configs()["deploymentConfigsList"]) == DEFAULTS


@pytest.mark.parametrize("share", [0, 100, -1])
def test_a_share_that_is_none_is_refused(aws: Any, share: int) -> None:
    members = {
        "deploymentConfigName": "odd",
        "computePlatform": "ECS",
        "trafficRoutingConfig": {
            "type": "TimeBasedCanary",
            "timeBasedCanary": {"canaryPercentage": share, "canaryInterval": 5},
        },
    }
    assert refused(aws.create_deployment_config, **members) == (
        "InvalidTrafficRoutingConfigurationException"
    )


def test_long_lists_come_in_pages(aws: Any) -> None:
    names = [f"application-{number:03d}" for number in range(150)]
    for name in names:
        aws.create_application(applicationName=name, computePlatform="ECS")
    pages = list(aws.get_paginator("list_applications").paginate())
    assert [len(page["applications"]) for page in pages] == [100, 51]
    found = [name for page in pages for name in page["applications"]]
    assert found == ["fixnado", *names]
    assert refused(aws.list_applications, nextToken="made up") == "InvalidNextTokenException"
