"""The real `aws` command line against a stage, as somebody at a terminal would use it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from golive.stage import StageStatus
from stage_world.bench import eventually
from stage_world.deploying import OWN, TARGET, revision

pytestmark = pytest.mark.needs("aws")

GROUP = [
    "--application-name",
    OWN["applicationName"],
    "--deployment-group-name",
    OWN["deploymentGroupName"],
]


class Aws:
    """`aws deploy …` with the environment that the stage prints."""

    def __init__(self, found: StageStatus, home: Path) -> None:
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AWS_PAGER": "",
            **found.environment,
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["aws", "deploy", *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def __call__(self, *words: str) -> Any:
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.fixture
def aws(up: StageStatus, tmp_path: Path) -> Aws:
    return Aws(up, tmp_path)


def create(aws: Aws, config: str) -> str:
    spec = ["--revision", json.dumps(revision())]
    name = ["--deployment-config-name", f"CodeDeployDefault.ECS{config}"]
    identifier: str = aws("create-deployment", *GROUP, *name, *spec)["deploymentId"]
    return identifier


def let_go(aws: Aws, identifier: str) -> None:
    """All traffic is over: the old side needn't be kept any longer."""
    words = ["--deployment-id", identifier, "--deployment-wait-type", "TERMINATION_WAIT"]

    def told() -> None:
        assert aws.run("continue-deployment", *words).returncode == 0

    eventually(told, seconds=60)


def test_a_whole_deployment(aws: Aws, up: StageStatus) -> None:
    identifier = create(aws, "Canary10Percent5Minutes")
    assert aws("list-deployments", *GROUP)["deployments"][0] == identifier
    let_go(aws, identifier)

    def over() -> None:
        found = aws("get-deployment", "--deployment-id", identifier)["deploymentInfo"]
        assert found["status"] == "Succeeded"

    # before waiting as a script would: the command looks every fifteen seconds only
    eventually(over, seconds=60)
    aws("wait", "deployment-successful", "--deployment-id", identifier)
    members = ["--deployment-id", identifier, "--target-ids", TARGET]
    targets = aws("batch-get-deployment-targets", *members)["deploymentTargets"]
    sets = targets[0]["ecsTarget"]["taskSetsInfo"]
    assert {one["targetGroup"]["name"]: one["trafficWeight"] for one in sets} == {
        "fixnado-green": 0.0,
        "fixnado-blue": 100.0,
    }
    answer = httpx.get(f"{up.urls['production']}/healthz", verify=False, timeout=10)
    assert answer.json()["instance"] == "blue"


@pytest.mark.needs("jq")
def test_the_page_s_example_does_what_it_says(aws: Aws, up: StageStatus, tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "stage.md").read_text(encoding="utf-8")
    typed = page.partition("ten per cent first:\n\n```sh\n")[2].partition("```")[0]
    assert "create-deployment" in typed
    done = subprocess.run(
        ["sh", "-euc", typed],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "AWS_PAGER": "", **up.environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    newest = aws("list-deployments", *GROUP)["deployments"][0]

    def back() -> None:
        found = aws("get-deployment", "--deployment-id", newest)["deploymentInfo"]
        assert (found["creator"], found["status"]) == ("codeDeployRollback", "Succeeded")
        assert found["rollbackInfo"]["rollbackTriggeringDeploymentId"] in done.stdout

    eventually(back, seconds=60)


def test_stop_with_rollback_and_a_waiting_deployment_continued(aws: Aws) -> None:
    identifier = create(aws, "Linear10PercentEvery3Minutes")
    stop = ["--deployment-id", identifier, "--auto-rollback-enabled"]
    assert aws("stop-deployment", *stop)["status"] == "Pending"

    def undone() -> None:
        found = aws("get-deployment", "--deployment-id", identifier)["deploymentInfo"]
        assert found["status"] == "Stopped"
        undoing = found["rollbackInfo"]["rollbackDeploymentId"]
        other = aws("get-deployment", "--deployment-id", undoing)["deploymentInfo"]
        assert other["status"] == "Succeeded"
        assert other["creator"] == "codeDeployRollback"

    eventually(undone, seconds=60)
    again = aws.run("stop-deployment", "--deployment-id", identifier)
    assert "DeploymentAlreadyCompletedException" in again.stderr
    failed = aws.run("wait", "deployment-successful", "--deployment-id", identifier)
    assert failed.returncode == 255


def test_continue_ends_the_ready_wait(aws: Aws) -> None:
    found = aws("get-deployment-group", *GROUP)["deploymentGroupInfo"]
    before = found["blueGreenDeploymentConfiguration"]
    ready_wait = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 2880}
    settings = {**before, "deploymentReadyOption": ready_wait}
    change = ["--application-name", "fixnado", "--current-deployment-group-name", "fixnado-stage"]
    option = "--blue-green-deployment-configuration"
    aws("update-deployment-group", *change, option, json.dumps(settings))
    identifier = create(aws, "AllAtOnce")

    def ready() -> None:
        found = aws("get-deployment", "--deployment-id", identifier)["deploymentInfo"]
        assert found["status"] == "Ready"

    eventually(ready, seconds=60)
    aws(
        "continue-deployment", "--deployment-id", identifier, "--deployment-wait-type", "READY_WAIT"
    )
    let_go(aws, identifier)
    aws("wait", "deployment-successful", "--deployment-id", identifier)
    aws("update-deployment-group", *change, option, json.dumps(before))
