"""The memory target keeps what the ports promise, so passing in front of it means something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from golive.adapters.memory import (
    Effect,
    Fault,
    MemoryEnvironment,
    MemoryTarget,
)
from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.ports.clock import SystemClock
from golive.ports.commands import Commands
from golive.ports.deployer import Deployer, DeploymentStatus, LifecycleStatus, Traffic, Wait
from golive.ports.http import Http, HttpAnswer
from golive.ports.marketplace import Marketplace, ReadinessFile
from golive.ports.metrics import Metrics
from golive.ports.plan import Planner
from golive.ports.probe import Probe
from golive.ports.target import Environment, Target

LINEAR = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"
ALL = "CodeDeployDefault.ECSAllAtOnce"
CANARY = "CodeDeployDefault.ECSCanary10Percent5Minutes"


def deployer_of(target: Target) -> Deployer:
    assert target.deployer is not None
    return target.deployer


def create(deployer: Deployer, config: str = LINEAR, key: str = "key-1") -> str:
    return deployer.create(incoming="blue", version="1.00", config=config, description=f"a {key}")


def to_the_end(deployer: Deployer, identifier: str) -> list[float]:
    """The incoming side's shares on the way."""
    shares = []
    for _ in range(100):
        done = deployer.get(identifier).status.final
        share = deployer.target(identifier).weights()["blue"]
        if share and share not in shares:
            shares.append(share)
        if done:
            return shares
    raise AssertionError("it never ends")


def test_every_port_is_there_and_simulated() -> None:
    """mypy checks the assignments; a simulated part must say that it is."""
    target = MemoryTarget().build()
    assert target.deployer and target.traffic and target.planner
    assert target.production and target.validation
    deployer: Deployer = target.deployer
    traffic: Traffic = target.traffic
    planner: Planner = target.planner
    probe: Probe = target.probe
    http: Http = target.http
    commands: Commands = target.commands
    market: list[Marketplace] = [
        *(target.production, target.validation),
        *target.instances.values(),
    ]
    files: list[ReadinessFile] = list(target.readiness_files.values())
    metrics: list[Metrics] = list(target.metrics.values())
    parts = [deployer, traffic, planner, probe, http, commands, *market, *files, *metrics]
    assert {part.fidelity for part in parts} == {Fidelity.SIMULATED}


@pytest.mark.parametrize(
    ("config", "shares"),
    [
        (LINEAR, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]),
        (CANARY, [10, 100]),
        (ALL, [100]),
    ],
)
def test_a_deployment_moves_as_configured(config: str, shares: list[float]) -> None:
    deployer = deployer_of(MemoryTarget().build())
    identifier = create(deployer, config)
    assert to_the_end(deployer, identifier) == shares
    assert deployer.get(identifier).status is DeploymentStatus.SUCCEEDED
    events = deployer.target(identifier).events
    assert [event.name for event in events] == [
        *("BeforeInstall", "Install", "AfterInstall", "AllowTestTraffic"),
        *("AfterAllowTestTraffic", "BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"),
    ]
    assert {event.status for event in events} == {LifecycleStatus.SUCCEEDED}
    labels = {one.side: (one.label, one.status) for one in deployer.target(identifier).task_sets}
    assert labels == {"green": ("Blue", "ACTIVE"), "blue": ("Green", "PRIMARY")}


def test_a_stop_with_rollback_is_a_linked_deployment_of_its_own() -> None:
    memory = MemoryTarget()
    deployer = deployer_of(memory.build())
    identifier = create(deployer)
    while memory.world.weights["blue"] < 30:
        deployer.get(identifier)
    assert deployer.stop(identifier, rollback=True) == "Pending"
    stopped = deployer.get(identifier)
    assert stopped.status is DeploymentStatus.STOPPED
    rollback = stopped.rollback.rollback_id
    to_the_end(deployer, rollback)
    undone = deployer.get(rollback)
    assert (undone.creator, undone.status) == ("codeDeployRollback", DeploymentStatus.SUCCEEDED)
    assert undone.rollback.triggering_id == identifier
    assert memory.world.weights == {"green": 100.0, "blue": 0.0}
    with pytest.raises(PortError, match="already"):
        deployer.stop(identifier, rollback=True)


@pytest.mark.parametrize("how", ["without asking", "without the event"])
def test_a_stop_without_rollback_leaves_things_as_they_are(how: str) -> None:
    events = (
        frozenset() if how == "without the event" else frozenset({"DEPLOYMENT_STOP_ON_REQUEST"})
    )
    memory = MemoryTarget(rollback_events=events)
    deployer = deployer_of(memory.build())
    identifier = create(deployer)
    while memory.world.weights["blue"] < 30:
        deployer.get(identifier)
    deployer.stop(identifier, rollback=how == "without the event")
    assert deployer.get(identifier).rollback.rollback_id == ""
    assert memory.world.weights["blue"] >= 30


def test_look_before_you_create() -> None:
    deployer = deployer_of(MemoryTarget().build())
    assert deployer.find("key-1") is None
    identifier = create(deployer)
    assert deployer.find("key-1") == identifier
    with pytest.raises(PortError, match="in progress"):
        create(deployer, key="key-2")


def test_waits_for_people() -> None:
    deployer = deployer_of(MemoryTarget(ready_wait=True, termination_wait=True).build())
    identifier = create(deployer, ALL)
    for _ in range(10):
        status = deployer.get(identifier).status
    assert status is DeploymentStatus.READY
    with pytest.raises(PortError):
        deployer.continue_deployment(identifier, Wait.TERMINATION)
    deployer.continue_deployment(identifier, Wait.READY)
    for _ in range(10):
        status = deployer.get(identifier).status
    assert status is DeploymentStatus.IN_PROGRESS
    deployer.continue_deployment(identifier, Wait.TERMINATION)
    assert deployer.get(identifier).status is DeploymentStatus.SUCCEEDED


def test_what_there_is_not_is_a_port_error() -> None:
    deployer = deployer_of(MemoryTarget().build())
    for act in (
        lambda: deployer.get("d-NONE"),
        lambda: deployer.stop("d-NONE", rollback=True),
        lambda: deployer.target("d-NONE"),
        lambda: create(deployer, "CodeDeployDefault.ECSNever"),
        lambda: deployer.create(incoming="red", version="1", config=ALL, description=""),
    ):
        with pytest.raises(PortError):
            act()


def test_load_follows_the_weights_and_keeps_its_log(tmp_path: Path) -> None:
    memory = MemoryTarget()
    target = memory.build()
    assert target.production is not None
    memory.world.move({"green": 70.0, "blue": 30.0})
    load = target.probe.start(target.production.url, rate=10, log=tmp_path / "log")
    recent = load.recent()
    assert {side: one.requests for side, one in recent.items()} == {"green": 42, "blue": 18}
    memory.world.move({"green": 0.0, "blue": 100.0})
    assert {side: one.requests for side, one in load.recent().items()} == {"blue": 60}
    samples = load.stop()
    again = target.probe.start(target.production.url, rate=10, log=tmp_path / "log")
    assert again.stop()[: len(samples)] == samples
    with pytest.raises(PortError):
        target.probe.start("https://elsewhere.example", rate=1, log=tmp_path / "other")


def test_validation_leads_to_the_incoming_side_alone(tmp_path: Path) -> None:
    target = MemoryTarget().build()
    assert target.validation is not None and target.production is not None
    assert (target.validation.health().instance, target.production.health().instance) == (
        "blue",
        "green",
    )
    load = target.probe.start(target.validation.url + "/", rate=1, log=tmp_path / "log")
    assert {one.side for one in load.samples()} == {"blue"}
    load.stop()


def test_toggles_reach_file_metrics_and_health_and_are_logged() -> None:
    memory = MemoryTarget()
    target = memory.build()
    blue = target.instances["blue"]
    with pytest.raises(PortError):
        blue.toggle_component(blue.login("user"), "payments", "error")
    blue.toggle_component(blue.login("operations"), "payments", "error")
    document = json.loads(target.readiness_files["blue"].read())
    assert document["status"] == document["components"]["payments"]["status"] == "error"
    _, samples = target.metrics["blue"].scrape()
    assert {one.labels.get("component"): one.value for one in samples}["payments"] == 0
    assert not blue.health().ready and blue.health().alive
    assert target.instances["green"].health().ready
    assert memory.effects == (Effect("component-toggled", "blue/payments", "error"),)


def test_a_stale_file_stays_as_it_was() -> None:
    target = MemoryTarget(faults=[Fault.READINESS_STALE]).build()
    before = target.readiness_files["blue"].read()
    blue = target.instances["blue"]
    blue.toggle_component(blue.login("operations"), "payments", "error")
    assert target.readiness_files["blue"].read() == before


def test_the_marketplace_answers_whom_it_knows() -> None:
    target = MemoryTarget().build()
    assert target.production is not None
    session = target.production.login()
    assert target.production.timeline_hub(session)["warnings"] == []
    assert target.production.commerce_snapshot(session, "provider")["persona"] == "provider"


def test_drift_is_what_changed_behind_the_plan(tmp_path: Path) -> None:
    memory = MemoryTarget()
    target = memory.build()
    assert target.planner is not None
    target.planner.apply("staging-blue", {}, tmp_path)
    assert "resource_drift" not in target.planner.plan("staging-blue", {}, tmp_path).document
    memory.planner.actual["staging-blue"]["terraform_data.blue"] = {"input": "elsewhere"}
    document = target.planner.plan("staging-blue", {"size": "2"}, tmp_path).document
    assert json.loads(json.dumps(document))["resource_drift"][0]["change"]["actions"] == ["update"]


def test_commands_and_http(tmp_path: Path) -> None:
    memory = MemoryTarget(programs={"hello": lambda argv, cwd, env: (3, b"out", b"err")})
    target = memory.build()
    result = target.commands.run(["hello"], cwd=tmp_path, env={}, timeout=1)
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"out", b"err")
    assert target.commands.run(["smoke-pack"], cwd=tmp_path, env={}, timeout=1).exit_code == 0
    with pytest.raises(PortError, match="no program"):
        target.commands.run(["absent"], cwd=tmp_path, env={}, timeout=1)
    answer = ask(target.http, "GET", "https://blue.memory.example/")
    assert (answer.status, answer.headers["x-fixnado-instance"]) == (200, "blue")
    memory.http.routes["POST", "https://team.example/hook"] = HttpAnswer(202, {}, b"", 0.0)
    assert ask(target.http, "POST", "https://team.example/hook").status == 202
    assert memory.count("http-request") == 1
    with pytest.raises(Unreachable):
        ask(target.http, "GET", "https://team.example/other")


def ask(http: Http, method: str, url: str) -> HttpAnswer:
    return http.request(method, url, headers={}, body=None, timeout=1)


def test_the_world_outlives_its_targets_and_can_be_watched() -> None:
    """What a kill test needs: the same outside behind a new target, and a place to die at."""
    memory = MemoryTarget()
    calls: list[str] = []
    memory.world.observers.append(calls.append)
    create(deployer_of(memory.build()))
    assert deployer_of(memory.build()).find("key-1") is not None
    assert calls == ["deployer.create", "deployer.create done", "deployer.find"]


def test_faults_by_the_stages_names() -> None:
    assert {"incoming-5xx", "incoming-slow", "incoming-crash", "readiness-stale"} <= set(Fault)
    off = MemoryTarget(faults=[Fault.UNREACHABLE]).build()
    assert off.production is not None
    with pytest.raises(Unreachable):
        off.production.health()
    crash = MemoryTarget(faults=[Fault.INCOMING_CRASH], clock=SystemClock())
    blue = crash.build().instances["blue"]
    session = blue.login()
    with pytest.raises(Unreachable):
        for _ in range(200):
            blue.timeline_hub(session)
    assert crash.build().instances["green"].health().alive


def test_an_environment_brings_traffic_home() -> None:
    memory = MemoryTarget()
    environment: Environment = MemoryEnvironment(memory)
    environment.ensure()
    memory.world.move({"green": 0.0, "blue": 100.0})
    environment.release()
    environment.release()
    assert memory.world.weights == {"green": 100.0, "blue": 0.0}
