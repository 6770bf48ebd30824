"""Deployments on a whole stage, under load, through the port's own adapters."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from golive.adapters.aws import CodeDeploy
from golive.adapters.caddy import CaddyTraffic
from golive.kernel.errors import PortError
from golive.ports.deployer import AlarmKind, DeploymentStatus, Wait
from golive.stage import Stage, StageStatus
from stage_world.bench import eventually
from stage_world.load import Load

pytestmark = pytest.mark.alone

LINEAR = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"


def deployer(found: StageStatus) -> CodeDeploy:
    config = found.config
    assert config.deployer is not None
    sides = {side: one.target_group for side, one in config.sides.items()}
    return CodeDeploy(config.deployer, sides=sides)


def traffic(found: StageStatus) -> CaddyTraffic:
    sides = {side: one.url for side, one in found.config.sides.items()}
    return CaddyTraffic(found.urls["admin"], sides=sides)


def create(port: CodeDeploy, key: str = "key", config: str = LINEAR) -> str:
    return port.create(incoming="blue", version="1.00", config=config, description=key)


def until(port: CodeDeploy, deployment: str, *statuses: DeploymentStatus) -> None:
    def look() -> None:
        assert port.get(deployment).status in statuses

    eventually(look, seconds=20)


def let_go(port: CodeDeploy, deployment: str) -> None:
    """All traffic is over, and the old side no longer kept."""
    eventually(lambda: port.continue_deployment(deployment, Wait.TERMINATION), PortError)
    until(port, deployment, DeploymentStatus.SUCCEEDED)


def reached(found: StageStatus, share: float) -> None:
    def look() -> None:
        assert traffic(found).weights()["blue"] >= share

    eventually(look)


def test_shift_abort_and_promotion_lose_and_misroute_nothing(up: StageStatus) -> None:
    port, load = deployer(up), Load(up.urls["production"], up.authority)
    load.start()
    try:
        first = create(port, "abort")
        reached(up, 50.0)
        port.stop(first, rollback=True)
        undoing = eventually(lambda: _rollback(port, first))
        until(port, undoing, DeploymentStatus.SUCCEEDED)
        back = time.monotonic()
        assert port.target(undoing).weights() == traffic(up).weights() == {"green": 100, "blue": 0}
        time.sleep(0.3)
        second_began = time.monotonic()
        second = create(port, "promote")
        let_go(port, second)
        promoted = time.monotonic()
        time.sleep(0.3)
    finally:
        samples = load.stop()
    assert len(samples) > 1000
    assert [one for one in samples if one.status != 200] == []
    assert {one.side for one in samples} == {"blue", "green"}
    between = [one.side for one in samples if back < one.started and one.ended < second_began]
    assert set(between) == {"green"}
    assert {one.side for one in samples if one.started > promoted} == {"blue"}


def _rollback(port: CodeDeploy, deployment: str) -> str:
    found = port.get(deployment).rollback.rollback_id
    assert found
    return found


def test_the_adapter_says_what_the_port_promises(up: StageStatus) -> None:
    port = deployer(up)
    group = port.group()
    assert group.has_test_listener
    assert "DEPLOYMENT_STOP_ON_REQUEST" in group.rollback_events
    assert len(group.alarms) == 3
    assert group.termination_minutes == 10
    kinds = {one.kind: one.state for one in port.alarms()}
    assert kinds == {AlarmKind.ERRORS: "OK", AlarmKind.LATENCY: "OK", AlarmKind.READINESS: "OK"}
    assert port.service().target_group == "fixnado-green"
    assert port.hooks_reach_us
    assert port.find("key-7") is None
    made = create(port, "rehearsal key-7")
    assert port.find("key-7") == made
    until(port, made, DeploymentStatus.IN_PROGRESS)
    target = port.target(made)
    assert {one.side: one.label for one in target.task_sets} == {"green": "Blue", "blue": "Green"}
    assert sum(target.weights().values()) == 100
    found = port.get(made)
    assert (found.creator, found.config) == ("user", LINEAR)
    assert isinstance(found.raw["createTime"], str)
    with pytest.raises(PortError, match="DeploymentIsNotInReadyState"):
        port.continue_deployment(made, Wait.READY)
    assert create(port, "rehearsal key-7") == made  # the same key finds what is under way
    with pytest.raises(PortError, match="DeploymentLimitExceeded"):
        create(port, "another key")
    reached(up, 100.0)
    let_go(port, made)
    with pytest.raises(PortError, match="DeploymentAlreadyCompleted"):
        port.stop(made, rollback=True)


def test_a_controller_killed_in_mid_shift_agrees_with_traffic_again(up: StageStatus) -> None:
    port = deployer(up)
    made = create(port)
    reached(up, 30.0)
    os.kill(up.processes["controller"], signal.SIGKILL)
    until_back = eventually(lambda: port.get(made), PortError)
    assert not until_back.status.final
    reached(up, 100.0)
    let_go(port, made)
    assert port.target(made).weights() == traffic(up).weights() == {"green": 0, "blue": 100}


def test_down_in_mid_shift_brings_traffic_back_first(folder: Path) -> None:
    stage = Stage(folder)
    found = stage.up(attached=True)
    port = deployer(found)
    made = create(port)
    reached(found, 30.0)
    stage.down()
    found = stage.up(attached=True)
    try:
        assert traffic(found).weights() == {"green": 100, "blue": 0}
        before = deployer(found).get(made)
        assert before.status is DeploymentStatus.STOPPED
        undone = deployer(found).get(before.rollback.rollback_id)
        assert undone.status is DeploymentStatus.SUCCEEDED
    finally:
        stage.down()


@pytest.mark.parametrize(
    ("fault", "expected"), [("incoming-5xx", {200, 500}), ("incoming-crash", {200, 502})]
)
def test_a_fault_shows_on_the_incoming_side_alone(
    folder: Path, fault: str, expected: set[int]
) -> None:
    stage = Stage(folder, fault=fault)
    found = stage.up(attached=True)
    load = Load(found.urls["validation"], found.authority, clients=10, pause=0.005)
    calm = Load(found.urls["production"], found.authority, clients=2)
    load.start()
    calm.start()
    try:

        def seen() -> None:
            assert {one.status for one in load.samples} == expected

        eventually(seen)
        now = stage.status()
    finally:
        load.stop()
        quiet = calm.stop()
        stage.down()
    assert {one.status for one in quiet} == {200}
    assert now is not None
    assert (now.down == {"blue": 70}) is (fault == "incoming-crash")


def test_a_slow_side_is_slow_and_healthy(folder: Path) -> None:
    stage = Stage(folder, fault="incoming-slow")
    found = stage.up(attached=True)
    try:
        assert httpx.get(f"{found.urls['blue']}/readyz", timeout=10).status_code == 200
        answer = httpx.get(f"{found.urls['validation']}/", verify=False, timeout=10)
        assert answer.elapsed.total_seconds() >= 0.8
    finally:
        stage.down()
