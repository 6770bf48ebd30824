"""The cutover drill in front of a real proxy, real instances and CodeDeploy's own wire."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cutover_world.life import Life
from golive.adapters.aws import CodeDeploy
from golive.bootstrap import build_target
from golive.drillkit.records import CheckVerdict, Outcome
from golive.kernel.errors import PortError
from golive.ports.deployer import DeploymentTarget
from golive.ports.target import Target

pytestmark = pytest.mark.alone

LATE = 0.7
"""Seconds."""
SUPPORT = Path(__file__).resolve().parents[2] / "support"
HOME = {"green": 100.0, "blue": 0.0}
TRIGGERS = ["request", "alarm", "hook-failure", "command"]


def weights(config) -> dict[str, float]:
    traffic = build_target(config).traffic
    assert traffic is not None
    return dict(traffic.weights())


def test_a_good_launch(stage_up, tmp_path):
    _, up = stage_up()
    life = Life(up.config, tmp_path / "work")
    params = {"abort_by": TRIGGERS, "hook": {"checks": ["login", "timeline-hub"], "smoke": False}}
    assert life.run(params) is Outcome.PASSED, life.failures
    assert life.checks["failed_requests"].measured == 0
    assert life.checks["misrouted_requests"].measured == 0
    assert life.checks["rollback_seconds"].measured < 5
    assert life.checks["state_as_before"].measured == 16
    assert life.checks["rollback_verdict"].measured == len(TRIGGERS)
    assert life.checks["old_side_kept"].verdict is CheckVerdict.PASS
    assert weights(up.config) == {"green": 0.0, "blue": 100.0}
    log = life.kept("lifecycle.json")
    there_and_back = ["user", "codeDeployRollback"]
    assert [one["creator"] for one in log] == [*there_and_back * len(TRIGGERS), "user"]
    causes = [one["status"] for one in log if one["creator"] == "user"]
    assert causes == ["Stopped", "Stopped", "Failed", "Stopped", "Succeeded"]
    sides = life.kept("metrics.json")["sides"]
    assert {row["readiness"] for row in sides["green"]} == {1.0}, "nobody touched it"
    assert all(row["requests"] is not None for row in sides["blue"])
    assert life.bytes("chart.png").startswith(b"\x89PNG")
    traffic = life.kept("traffic.json")
    assert traffic["bySide"]["blue"]["requests"] > 100
    shares = [row["weights"]["blue"] for row in traffic["byStep"]]
    back = shares.index(0.0, 2)
    assert shares[0] == 0.0 and 50.0 <= max(shares[:back]) < 100.0
    assert shares[-1] == 100.0


class Sluggish(CodeDeploy):
    """The deployer, seen by a rehearsal that gets the processor late: longer after the last of the
    traffic has moved than the stage's own minutes would keep the old side."""

    def target(self, deployment: str) -> DeploymentTarget:
        found = super().target(deployment)
        if found.weights()["blue"] == 100.0:
            time.sleep(LATE)
        return found


def sluggish(target: Target) -> Target:
    config = target.config
    assert config.deployer is not None
    sides = {side: one.target_group for side, one in config.sides.items()}
    return replace(target, deployer=Sluggish(config.deployer, sides=sides))


def test_the_old_side_is_kept_until_a_slow_rehearsal_has_typed_the_way_back(stage_up, tmp_path):
    """And no time at all stands for a minute: nothing is half-way, and all of it is proven."""
    _, up = stage_up(minute=0.0)
    life = Life(up.config, tmp_path / "work", sluggish)
    began = time.monotonic()
    assert life.run({"abort_by": ["request", "command"]}) is Outcome.PASSED, life.failures
    assert time.monotonic() - began < 60, "what is kept is let go as soon as it has served"
    assert life.checks["rollback_verdict"].measured == 2
    assert life.checks["old_side_kept"].verdict is CheckVerdict.PASS
    assert life.kept("record.json")["stageMinuteSeconds"] == 0
    assert weights(up.config) == {"green": 0.0, "blue": 100.0}


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("incoming-5xx", "validation_failed"),
        ("incoming-slow", "incoming_p95_ms"),
        ("incoming-crash", "failed_requests"),
    ],
)
def test_a_bad_launch_ends_on_the_old_side(stage_up, tmp_path, fault, check):
    _, up = stage_up(fault)
    life = Life(up.config, tmp_path / "work")
    assert life.run({}) is Outcome.FAILED
    assert life.checks[check].verdict is CheckVerdict.FAIL
    assert life.checks["traffic_on_old_side"].verdict is CheckVerdict.PASS
    assert "promoted_weights" not in life.checks
    assert weights(up.config) == HOME


def test_a_release_that_fails_under_traffic_is_rolled_back_by_its_alarm(stage_up, tmp_path):
    _, up = stage_up("incoming-5xx-late")
    life = Life(up.config, tmp_path / "work")
    assert life.run({}) is Outcome.FAILED
    assert life.checks["stopped_by_alarm"].verdict is CheckVerdict.PASS, life.failures
    assert life.checks["failed_requests"].measured > 0
    assert life.checks["rollback_verdict"].verdict is CheckVerdict.PASS
    assert life.checks["release_verdict"].verdict is CheckVerdict.FAIL
    assert life.kept("lifecycle.json")[0]["message"].startswith("fixnado-target-5xx")
    assert weights(up.config) == HOME


def test_a_release_whose_readiness_lies_is_caught_in_its_hook(stage_up, tmp_path):
    _, up = stage_up("readiness-stale")
    life = Life(up.config, tmp_path / "work")
    assert life.run({"hook": {}}) is Outcome.FAILED
    assert life.checks["readiness_follows"].verdict is CheckVerdict.FAIL
    assert life.checks["caught_before_traffic"].measured == 0, life.failures
    assert life.kept("lifecycle.json")[0]["status"] == "Failed"
    assert weights(up.config) == HOME


@pytest.mark.parametrize("share", [10, 70])
def test_killed_in_mid_shift_it_goes_on(stage_up, tmp_path, share):
    """At 10 % before the abort; at 70 % in the promotion, which is past what the abort allows."""
    folder, up = stage_up()
    work = tmp_path / "work"
    path = os.pathsep.join([str(SUPPORT), os.environ.get("PYTHONPATH", "")])
    child = subprocess.Popen(
        [sys.executable, "-m", "cutover_world.life", str(folder), str(work)],
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        until(lambda: weights(up.config)["blue"] >= share or child.poll() is not None)
        assert child.poll() is None
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    life = Life(up.config, work)
    assert life.run({}) is Outcome.PASSED, life.failures
    assert weights(up.config) == {"green": 0.0, "blue": 100.0}
    log = life.kept("lifecycle.json")
    assert [one["creator"] for one in log] == ["user", "codeDeployRollback", "user"]


def test_a_controller_killed_in_mid_shift_is_waited_for(stage_up, tmp_path):
    """The warden starts it again; what it was doing goes on, and the drill sees it through."""
    _, up = stage_up()
    life = Life(up.config, tmp_path / "work")
    killed: list[float] = []

    def kill() -> None:
        until(lambda: weights(up.config)["blue"] >= 20)
        os.kill(up.processes["controller"], signal.SIGKILL)
        killed.append(time.time())

    thread = threading.Thread(target=kill)
    thread.start()
    outcome = life.run({"then": "stay"})
    thread.join()
    assert killed, life.failures
    assert weights(up.config) == HOME
    assert outcome is Outcome.PASSED, life.failures


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not _holds(condition):
        assert time.monotonic() < deadline, "not within time"
        time.sleep(0.02)


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except PortError:  # a proxy that takes new weights
        return False
