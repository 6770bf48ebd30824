"""Lifecycle hooks: somebody validates an event and puts its status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from golive.stage.balancer import AT_REST
from golive.stage.controller.appspec import HOOKABLE
from stage_world import bench
from stage_world.bench import eventually
from stage_world.deploying import create, events, revision, target, until


def open_hook(controller: bench.Controller) -> dict[str, str]:
    """The one hook that waits."""

    def look() -> dict[str, str]:
        hooks = controller.hooks()
        assert len(hooks) == 1
        return hooks[0]

    found: dict[str, str] = eventually(look)
    return found


def put(aws: Any, hook: dict[str, str], status: str) -> None:
    aws.put_lifecycle_event_hook_execution_status(
        deploymentId=hook["DeploymentId"],
        lifecycleEventHookExecutionId=hook["LifecycleEventHookExecutionId"],
        status=status,
    )


@pytest.mark.parametrize("event", HOOKABLE)
def test_a_hook_that_succeeds_lets_the_deployment_go_on(
    aws: Any, controller: bench.Controller, event: str
) -> None:
    identifier = create(aws, revision=revision(hooks=[{event: "validate"}]))
    hook = open_hook(controller)
    assert (hook["event"], hook["function"]) == (event, "validate")
    assert events(aws, identifier)[event] == "InProgress"
    put(aws, hook, "Succeeded")
    until(aws, identifier, "Succeeded")
    with pytest.raises(ClientError, match="LifecycleEventAlreadyCompletedException"):
        put(aws, hook, "Succeeded")


@pytest.mark.parametrize("event", HOOKABLE)
def test_a_hook_that_fails_ends_it_and_brings_traffic_back(
    aws: Any, controller: bench.Controller, proxy: bench.Proxy, event: str
) -> None:
    identifier = create(aws, revision=revision(hooks=[{event: "validate"}]))
    put(aws, open_hook(controller), "Failed")
    found = until(aws, identifier, "Failed")
    assert found["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
    assert events(aws, identifier)[event] == "Failed"
    listed = {one["lifecycleEventName"]: one for one in target(aws, identifier)["lifecycleEvents"]}
    assert listed[event]["diagnostics"]["errorCode"] == "ScriptFailed"
    if event == "BeforeInstall":  # "a rollback is not possible at this point"
        assert "rollbackInfo" not in found
    else:
        until(aws, found["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    assert proxy.balancer.read().weights == {"blue": 0.0, "green": 100.0}


def test_a_silent_hook_fails_after_its_hour(proxy: bench.Proxy, tmp_path: Path) -> None:
    proxy.balancer.shift(AT_REST.weights)
    controller = bench.Controller(tmp_path, proxy, minute=0.005, patience=0.2)
    try:
        aws, hooks = controller.client(), [{"AfterAllowTestTraffic": "validate"}]
        identifier = create(aws, revision=revision(hooks=hooks))
        found = until(aws, identifier, "Failed")
        listed = {
            one["lifecycleEventName"]: one for one in target(aws, identifier)["lifecycleEvents"]
        }
        diagnostics = listed["AfterAllowTestTraffic"]["diagnostics"]
        assert diagnostics["errorCode"] == "ScriptTimedOut"
        until(aws, found["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    finally:
        controller.stop()


@pytest.mark.parametrize("status", ["Pending", "Skipped", "InProgress"])
def test_a_hook_may_say_succeeded_or_failed_only(
    aws: Any, controller: bench.Controller, status: str
) -> None:
    identifier = create(aws, revision=revision(hooks=[{"AfterInstall": "validate"}]))
    hook = open_hook(controller)
    with pytest.raises(ClientError, match="InvalidLifecycleEventHookExecutionStatusException"):
        put(aws, hook, status)
    with pytest.raises(ClientError, match="InvalidLifecycleEventHookExecutionIdException"):
        put(aws, {**hook, "LifecycleEventHookExecutionId": "another"}, "Succeeded")
    put(aws, hook, "Succeeded")
    until(aws, identifier, "Succeeded")
