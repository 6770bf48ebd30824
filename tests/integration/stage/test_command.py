"""`golive stage up`, `status`, `down`, as a person types them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


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
            assert f"export {name}={value}" in up.stdout
        assert found["minute_seconds"] == 0.1
        assert not found["attached"]
        secrets = [path.read_text("utf-8") for path in (state / "stage" / "secrets").iterdir()]
        assert not [secret for secret in secrets if secret in up.stdout]
    finally:
        down = golive("down", state=state)
    assert down.stdout == "The stage is down.\n"
    assert golive("down", state=state).stdout == "No stage was up.\n"


def test_a_mistake_is_one_message_and_status_two(tmp_path: Path) -> None:
    done = golive("up", "--fault", "incoming-fire", state=tmp_path)
    assert done.returncode == 2
    assert "no fault is called 'incoming-fire'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
