"""What a new stage already has in CodeDeploy: an application and a group that is ready to go."""

from __future__ import annotations

from golive.stage import names
from golive.stage.controller.alarms import ALARMS
from golive.stage.controller.records import FAILURE, STOP_ON_ALARM, STOP_ON_REQUEST
from golive.stage.controller.resources import APPLICATION, Resources
from golive.stage.controller.store import Store
from golive.stage.settings import SIDES

_TERMINATION_MINUTES = 10


def lay(store: Store, resources: Resources) -> None:
    """Once: what a person changed afterwards stays."""
    if any(True for _ in store.all(APPLICATION)):
        return
    resources.create_application({"applicationName": names.APPLICATION, "computePlatform": "ECS"})
    resources.create_deployment_group(
        {
            "applicationName": names.APPLICATION,
            "deploymentGroupName": names.GROUP,
            "deploymentConfigName": "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
            "serviceRoleArn": names.ROLE_ARN,
            "deploymentStyle": {
                "deploymentType": "BLUE_GREEN",
                "deploymentOption": "WITH_TRAFFIC_CONTROL",
            },
            "autoRollbackConfiguration": {
                "enabled": True,
                "events": [FAILURE, STOP_ON_ALARM, STOP_ON_REQUEST],
            },
            "alarmConfiguration": {
                "enabled": True,
                "ignorePollAlarmFailure": False,
                "alarms": [{"name": name} for name in ALARMS],
            },
            "blueGreenDeploymentConfiguration": {
                "deploymentReadyOption": {
                    "actionOnTimeout": "CONTINUE_DEPLOYMENT",
                    "waitTimeInMinutes": 0,
                },
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": "TERMINATE",
                    "terminationWaitTimeInMinutes": _TERMINATION_MINUTES,
                },
            },
            "loadBalancerInfo": {
                "targetGroupPairInfoList": [
                    {
                        "targetGroups": [{"name": names.family(side)} for side in SIDES],
                        "prodTrafficRoute": {"listenerArns": [names.PRODUCTION_LISTENER]},
                        "testTrafficRoute": {"listenerArns": [names.TEST_LISTENER]},
                    }
                ]
            },
            "ecsServices": [{"serviceName": names.SERVICE, "clusterName": names.CLUSTER}],
        }
    )
