"""`golive stage up`, `status`, `down`, as a person types them."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path

import pytest

from golive.stage import credentials
from golive.stage.layout import Layout


def golive(*words: str, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "golive", "stage", *words, "--state", str(state)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def state(seeded: Path, tmp_path: Path) -> Path:
    shutil.copytree(seeded, tmp_path / "my state" / "stage")
    return tmp_path / "my state"


def test_up_status_down(state: Path) -> None:
    none = golive("status", "--json", state=state)
    assert (none.returncode, json.loads(none.stdout)) == (1, {"up": False})
    up = golive("up", "--minute", "0.1", state=state)
    try:
        assert up.returncode == 0, up.stderr
        found = json.loads(golive("status", "--json", state=state).stdout)
        assert set(found["urls"]) == {
            "production",
            "validation",
            "blue",
            "green",
            "admin",
            "codedeploy",
            "helpdesk",
        }
        for url in found["urls"].values():
            assert url in up.stdout
        for name, value in found["environment"].items():
            assert f"export {name}={shlex.quote(value)}" in up.stdout
        assert found["minute_seconds"] == 0.1
        assert not found["attached"]
        secrets = [path.read_text("utf-8") for path in (state / "stage" / "secrets").iterdir()]
        secrets += [*astuple(credentials.key(Layout(state / "stage")))]
        assert not [secret for secret in secrets if secret in up.stdout]
    finally:
        down = golive("down", state=state)
    assert down.stdout == "The stage is down.\n"
    assert golive("down", state=state).stdout == "No stage was up.\n"


@pytest.mark.needs("aws")
def test_what_it_prints_is_typed_by_somebody_who_is_signed_in_to_aws(state: Path) -> None:
    up = golive("up", state=state)
    try:
        lines = up.stdout.partition("For the aws command line")[2].partition("\n")[2]
        account = {"AWS_ACCESS_KEY_ID": "AKIAOFTHEIROWN", "AWS_SECRET_ACCESS_KEY": "theirs"}
        theirs = {"PATH": os.environ["PATH"], "HOME": str(state), "AWS_PAGER": "", **account}
        done = subprocess.run(
            ["bash", "-ec", lines], env=theirs, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)["deploymentGroupInfo"]
        assert found["deploymentGroupName"] == "fixnado-stage"
        url = json.loads(golive("status", "--json", state=state).stdout)["urls"]["codedeploy"]
        asked = ["aws", "deploy", "list-applications", "--region", "eu-west-2"]
        stranger = subprocess.run(
            [*asked, "--endpoint-url", url], env=theirs, capture_output=True, text=True, check=False
        )
        assert "UnrecognizedClientException" in stranger.stderr
    finally:
        golive("down", state=state)


def test_a_mistake_is_one_message_and_status_two(tmp_path: Path) -> None:
    done = golive("up", "--fault", "incoming-fire", state=tmp_path)
    assert done.returncode == 2
    assert "no fault is called 'incoming-fire'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
