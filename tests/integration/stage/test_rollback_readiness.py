"""The way back on a real stage: walked by the drill, and by a person who types what was printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cutover_world.life import Life, Stopped
from golive.bootstrap import build_target
from golive.drillkit.records import Outcome
from golive.drillkit.testing import run_drill
from golive.drills.rollback_readiness import RollbackReadiness
from golive.kernel.errors import PortError
from golive.ports.deployer import DeploymentStatus, Wait
from golive.ports.target import Target
from golive.stage import StageStatus
from golive.stage.homecoming import bring_home
from golive.stage.layout import Layout
from papers_world import record, standing
from stage_world.bench import eventually

SUPPORT = Path(__file__).resolve().parents[2] / "support"


@pytest.fixture
def launched(up: StageStatus) -> Target:
    """Blue has all traffic."""
    target = build_target(up.config)
    deployer = target.deployer
    assert deployer is not None
    made = deployer.create(
        incoming="blue",
        version="1.00",
        config="CodeDeployDefault.ECSAllAtOnce",
        description="a launch",
    )

    eventually(lambda: deployer.continue_deployment(made, Wait.TERMINATION), PortError)

    def over() -> None:
        assert deployer.get(made).status is DeploymentStatus.SUCCEEDED

    eventually(over)
    return target


def weights(target: Target) -> dict[str, float]:
    assert target.traffic is not None
    return dict(target.traffic.weights())


@pytest.mark.needs("aws")
def test_there_and_back_and_by_hand(launched: Target, up: StageStatus, tmp_path: Path) -> None:
    made = run_drill(
        RollbackReadiness(),
        {"by": ["DevOps Lead"]},
        launched,
        tmp_path,
        standing=standing(record(snapshot={"green.version": "0.99", "green.schema": "0009"})),
    )
    told = [(one.id, one.detail) for one in made.record.checks if one.verdict != "pass"]
    assert made.record.outcome is Outcome.PASSED, (told, [s.error for s in made.record.steps])
    assert made.check("command_is_what_ran").verdict == "pass"
    seconds = made.check("rollback_seconds").measured
    assert isinstance(seconds, float) and 0 < seconds < 5
    assert weights(launched) == {"green": 0.0, "blue": 100.0}

    text = made.files["section/1/rollback-command.txt"].decode()
    command = text.partition("all traffic at once:\n\n")[2].partition("\n\n3.")[0]
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_PAGER": "", **up.environment,
    }  # fmt: skip

    def typed() -> None:
        """Refused, as AWS does, as long as the last deployment still waits with the old side."""
        done = subprocess.run(
            ["bash", "-c", command], env=environment, capture_output=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr

    eventually(typed)

    def back() -> None:
        assert weights(launched) == {"green": 100.0, "blue": 0.0}

    eventually(back)
    assert launched.production is not None
    assert launched.production.health().instance == "green"


def killed_once(launched: Target, up: StageStatus, work: Path, side: str) -> None:
    """The drill in a process of its own, which is killed as soon as production is on `side`, and
    so while the deployment that brought it there still keeps the other one."""
    path = os.pathsep.join([str(SUPPORT), os.environ.get("PYTHONPATH", "")])
    child = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "cutover_world.life",
            str(up.folder),
            str(work),
            "rollback-readiness",
        ],
        env={**os.environ, "PYTHONPATH": path},
    )
    try:

        def there() -> None:
            assert weights(launched)[side] == 100

        eventually(there)
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def test_killed_when_traffic_is_back_it_goes_on_and_restores(
    launched: Target, up: StageStatus, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    killed_once(launched, up, work, "green")
    life = Life(up.config, work, drill=RollbackReadiness())
    assert life.run({}) is Outcome.PASSED, life.failures
    timed = life.checks["rollback_seconds"]
    assert "killed in between" in timed.detail
    assert isinstance(timed.measured, float) and 0 < timed.measured < 5
    assert life.checks["restored_as_found"].verdict == "pass"
    assert weights(launched) == {"green": 0.0, "blue": 100.0}


def test_a_stage_that_went_home_meanwhile_is_launched_again(
    launched: Target, up: StageStatus, tmp_path: Path
) -> None:
    """Killed twice: before anything was ordered, and while the new launch still keeps the old
    side. As the group keeps it for ten minutes, only `ContinueDeployment` lets the way back
    begin."""
    work = tmp_path / "work"
    looked = Life(up.config, work, drill=RollbackReadiness())
    looked.ends_before = "back"
    with pytest.raises(Stopped):
        looked.run({})
    bring_home(Layout(up.folder), up.urls["codedeploy"])
    assert weights(launched) == {"green": 100.0, "blue": 0.0}
    killed_once(launched, up, work, "blue")
    life = Life(up.config, work, drill=RollbackReadiness())
    assert life.run({}) is Outcome.PASSED, life.failures
    assert weights(launched) == {"green": 0.0, "blue": 100.0}
