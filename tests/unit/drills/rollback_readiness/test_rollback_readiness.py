"""Rollback readiness: looked at, printed, walked, timed and restored."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from golive.adapters.memory import MemoryTarget
from golive.adapters.memory.world import Fault
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.rollback_command import back_to, shown
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.rollback_readiness import RollbackReadiness
from golive.kernel.json import Json
from golive.ports.target import DeployerConfig
from papers_world import record, standing

LAUNCHED = {"green": 0.0, "blue": 100.0}
SNAPSHOT: Json = {"green.version": "0.99", "green.schema": "0008"}


def launched(**more: object) -> MemoryTarget:
    memory = MemoryTarget(**more)  # type: ignore[arg-type]
    memory.world.move(LAUNCHED)
    return memory


def run(memory: MemoryTarget, tmp_path: Path, **params: Json) -> DrillRun:
    return run_drill(
        RollbackReadiness(),
        {"by": ["DevOps Lead"], "within": 2, **params},
        memory.build(),
        tmp_path,
        standing=standing(record(snapshot=SNAPSHOT)),
    )


def verdicts(made: DrillRun) -> dict[str, str]:
    return {one.id: one.verdict.value for one in made.record.checks}


@pytest.mark.parametrize("kept", [False, True], ids=["over at once", "the other side is kept"])
def test_there_and_back_again(tmp_path: Path, kept: bool) -> None:
    memory = launched(termination_wait=kept)
    made = run(memory, tmp_path)
    assert made.record.outcome is Outcome.PASSED, made.record.steps
    assert memory.world.weights == LAUNCHED
    assert set(verdicts(made).values()) == {"pass"}
    assert {"rollback_seconds", "old_side_as_before", "restored_as_found", "roles_unknown"} <= set(
        verdicts(made)
    )
    assert memory.count("deployment-created") == (1 if kept else 2)


def test_the_command_is_one_that_a_shell_reads() -> None:
    config = DeployerConfig(
        application="fix nado", group="staging", region="eu-west-2", profile="rehearsal",
        endpoint="http://127.0.0.1:4566", task_definition="arn:x:{revision}", container="app",
        container_port=8080, hooks={"AfterAllowTestTraffic": "check"},
    )  # fmt: skip
    command = back_to(config, "green", "0.99", "it's over")
    assert shlex.split(shown(command).replace("\\\n", " ")) == list(command)
    said = dict(zip(command[3::2], command[4::2], strict=True))
    assert said["--endpoint-url"] == "http://127.0.0.1:4566"
    assert (said["--region"], said["--profile"]) == ("eu-west-2", "rehearsal")
    spec = json.loads(json.loads(said["--revision"])["appSpecContent"]["content"])
    service = spec["Resources"][0]["TargetService"]["Properties"]
    assert service["TaskDefinition"] == "arn:x:099"
    assert spec["Hooks"] == [{"AfterAllowTestTraffic": "check"}]


def test_who_may_run_it_stands_beside_it(tmp_path: Path) -> None:
    made = run(launched(), tmp_path)
    text = made.files["section/1/rollback-command.txt"].decode()
    assert "Who may run it: DevOps Lead" in text
    assert "stop-deployment" in text and "create-deployment" in text


def test_a_role_that_nobody_holds_is_found(tmp_path: Path) -> None:
    made = run(launched(), tmp_path, by=["Wizard"])
    assert made.check("roles_unknown").measured == 1
    assert run(launched(), tmp_path, by=[]).check("roles_unknown").verdict is (
        CheckVerdict.INCONCLUSIVE
    )


def test_without_a_launch_nothing_moves(tmp_path: Path) -> None:
    memory = MemoryTarget()
    made = run(memory, tmp_path)
    assert made.check("launched").verdict is CheckVerdict.INCONCLUSIVE
    assert "nothing was moved" in made.record.steps[0].error
    assert memory.count("deployment-created") == 0
    assert "section/1/rollback-record.json" in made.files


def test_an_old_side_that_is_down_is_no_way_back(tmp_path: Path) -> None:
    memory = launched()
    memory.world.sides["green"].crashed = True
    made = run(memory, tmp_path)
    assert verdicts(made)["old_side_answers"] == "fail"
    assert memory.count("deployment-created") == 0


def test_an_old_side_that_was_upgraded_is_no_way_back(tmp_path: Path) -> None:
    memory = launched()
    memory.world.sides["green"].version = "1.00"
    found = verdicts(run(memory, tmp_path))
    assert (found["old_side_frozen"], found["old_side_as_before"]) == ("fail", "fail")


def test_a_schema_that_moved_on_is_found(tmp_path: Path) -> None:
    memory = launched()
    memory.world.sides["green"].schema = "0009"
    assert verdicts(run(memory, tmp_path))["old_side_as_before"] == "fail"


def test_a_way_back_that_leads_nowhere_is_restored(tmp_path: Path) -> None:
    memory = launched(faults=[Fault.WEIGHTS_STUCK])
    made = run(memory, tmp_path, within=0.3)
    assert made.record.outcome is Outcome.FAILED
    assert verdicts(made)["undone_as_found"] == "pass"
    assert memory.world.weights == LAUNCHED


@pytest.mark.parametrize(
    ("said", "outcome", "moved"),
    [({}, Outcome.FAILED, 0), ({"execute": False}, Outcome.PASSED, 0),
     ({"execute": True}, Outcome.PASSED, 2)],
)  # fmt: skip
def test_elsewhere_traffic_moves_only_when_told(
    tmp_path: Path, said: dict[str, Json], outcome: Outcome, moved: int
) -> None:
    memory = launched()
    config = memory.config().model_copy(update={"kind": "remote"})
    made = run_drill(
        RollbackReadiness(),
        {"by": ["DevOps Lead"], "within": 2, **said},
        memory.build(config),
        tmp_path,
        standing=standing(record(snapshot=SNAPSHOT)),
    )
    assert made.record.outcome is outcome
    assert memory.count("deployment-created") == moved
    if not said:
        assert made.check("rollback_seconds").verdict is CheckVerdict.INCONCLUSIVE


CALLS: Sequence[str] = (
    "deployer.create", "deployer.create done", "deployer.get", "traffic.weights",
)  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("at", [1, 2, 5])
def test_cut_short_anywhere_a_second_run_restores(tmp_path: Path, call: str, at: int) -> None:
    """As a killed rehearsal does: the same steps again, with the same keys."""
    memory, seen = launched(), [0]

    def cut(name: str) -> None:
        if name == call:
            seen[0] += 1
            if seen[0] == at:
                raise ConnectionError("cut")

    memory.world.observers.append(cut)
    run(memory, tmp_path)
    memory.world.observers.clear()
    assert memory.world.weights == LAUNCHED, "the first run restored what it found"
    run(memory, tmp_path)
    assert memory.world.weights == LAUNCHED


def test_called_off_on_the_way_everything_is_put_back(tmp_path: Path) -> None:
    memory, stop = launched(), threading.Event()

    def call_off(name: str) -> None:
        if name == "deployer.create done":
            stop.set()

    memory.world.observers.append(call_off)
    made = run_drill(
        RollbackReadiness(),
        {"by": ["DevOps Lead"], "within": 2},
        memory.build(),
        tmp_path,
        stop=stop,
        called_off=True,
        standing=standing(record(snapshot=SNAPSHOT)),
    )
    assert made.record.outcome is Outcome.ABORTED
    assert verdicts(made)["undone_as_found"] == "pass"
    assert memory.world.weights == LAUNCHED


def test_a_target_without_a_deployer_is_named(tmp_path: Path) -> None:
    memory = launched()
    target = replace(memory.build(), deployer=None)
    config = memory.config().model_copy(update={"deployer": None})
    target = replace(target, config=config)
    made = run_drill(RollbackReadiness(), {}, target, tmp_path)
    assert "has no deployer" in made.record.steps[1].error
