"""A controller that is killed goes on where it was, from the weights that the proxy has."""

from __future__ import annotations

from pathlib import Path

import pytest

from golive.stage.balancer import AT_REST
from stage_world import bench
from stage_world.bench import eventually
from stage_world.deploying import LINEAR, change_group, create, info, until, waiting, weights


@pytest.mark.parametrize("share", [10.0, 50.0, 90.0])
def test_killed_in_mid_shift_it_ends_in_a_state_that_aws_has_a_name_for(
    proxy: bench.Proxy, tmp_path: Path, share: float
) -> None:
    proxy.balancer.shift(AT_REST.weights)
    first = bench.Controller(tmp_path, proxy)
    identifier = create(first.client(), LINEAR)

    def reached() -> None:
        assert proxy.balancer.read().weights["blue"] >= share

    eventually(reached)
    first.stop()
    left = proxy.balancer.read().weights
    second = bench.Controller(tmp_path, proxy)
    try:
        aws = second.client()
        assert weights(aws, identifier)["fixnado-blue"] >= left["blue"]
        until(aws, identifier, "Succeeded")
        assert weights(aws, identifier)["fixnado-blue"] == 100.0
        assert proxy.balancer.read().weights["blue"] == 100.0
    finally:
        second.stop()


def test_a_record_that_disagrees_is_put_right_by_the_proxys_own_weights(
    proxy: bench.Proxy, tmp_path: Path
) -> None:
    proxy.balancer.shift(AT_REST.weights)
    first = bench.Controller(tmp_path, proxy, minute=1000.0)
    identifier = create(first.client(), LINEAR)

    def reached() -> None:
        assert weights(first.client(), identifier)["fixnado-blue"] == 10.0

    eventually(reached)
    first.stop()
    proxy.balancer.shift({"blue": 40.0, "green": 60.0})
    second = bench.Controller(tmp_path, proxy, minute=1000.0)
    try:
        aws = second.client()

        def agrees() -> None:
            assert weights(aws, identifier)["fixnado-blue"] == 50.0
            assert proxy.balancer.read().weights["blue"] == 50.0

        eventually(agrees)
        aws.stop_deployment(deploymentId=identifier, autoRollbackEnabled=True)
        undoing = until(aws, identifier, "Stopped")["rollbackInfo"]["rollbackDeploymentId"]
        until(aws, undoing, "Succeeded")
        assert proxy.balancer.read().weights["green"] == 100.0
    finally:
        second.stop()


def test_killed_in_a_wait_it_waits_on(proxy: bench.Proxy, tmp_path: Path) -> None:
    proxy.balancer.shift(AT_REST.weights)
    first = bench.Controller(tmp_path, proxy)
    change_group(first.client(), blueGreenDeploymentConfiguration=waiting(ready=2000))
    identifier = create(first.client())
    until(first.client(), identifier, "Ready")
    first.stop()
    second = bench.Controller(tmp_path, proxy)
    try:
        aws = second.client()
        until(aws, identifier, "Ready")
        aws.continue_deployment(deploymentId=identifier)
        until(aws, identifier, "Succeeded")
    finally:
        second.stop()


def test_a_stop_that_was_asked_for_before_the_kill_is_carried_out_after_it(
    proxy: bench.Proxy, tmp_path: Path
) -> None:
    """The request is in the store before it is acted on; so is the rollback."""
    proxy.balancer.shift(AT_REST.weights)
    first = bench.Controller(tmp_path, proxy, minute=1000.0)
    identifier = create(first.client(), LINEAR)

    def reached() -> None:
        assert proxy.balancer.read().weights["blue"] == 10.0

    eventually(reached)
    first.client().stop_deployment(deploymentId=identifier, autoRollbackEnabled=True)
    first.stop()
    second = bench.Controller(tmp_path, proxy, minute=1000.0)
    try:
        aws = second.client()
        undoing = until(aws, identifier, "Stopped")["rollbackInfo"]["rollbackDeploymentId"]
        until(aws, undoing, "Succeeded")
        assert len(aws.list_deployments()["deployments"]) == 2
        assert proxy.balancer.read().weights["green"] == 100.0
    finally:
        second.stop()


def test_a_proxy_that_dies_in_mid_shift_is_waited_for(proxy: bench.Proxy, tmp_path: Path) -> None:
    proxy.balancer.shift(AT_REST.weights)
    controller = bench.Controller(tmp_path, proxy, minute=0.1)
    try:
        aws = controller.client()
        identifier = create(aws, LINEAR)
        proxy.restart()
        assert until(aws, identifier)["status"] == "Succeeded", info(aws, identifier)
        assert proxy.balancer.read().weights["blue"] == 100.0
        assert info(aws, identifier)["creator"] == "user"
    finally:
        controller.stop()
