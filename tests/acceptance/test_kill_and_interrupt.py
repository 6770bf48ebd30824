"""SIGKILL, Ctrl-C and abort against real processes: resumable, nothing doubled, stage back."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from harness.command_line import Golive, events

pytestmark = pytest.mark.alone


def started(step: str) -> Any:
    return lambda journal: any(
        event["event"] == "step" and event["step"] == step and event["state"] == "started"
        for event in journal
    )


def stage_pids(golive: Golive) -> list[int]:
    """Processes whose command line names this test's folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(golive.state).encode() in command and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


@pytest.mark.parametrize(
    "step",
    [
        pytest.param("toggle", marks=pytest.mark.endurance),
        "shift",
        pytest.param("promote", marks=pytest.mark.endurance),
    ],
)
def test_killed_in_a_step_and_resumed(golive: Golive, step: str) -> None:
    process = golive.start("demo", "--json")
    golive.until(started(step))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = golive.run("resume", "--json")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    verdict = events(done.stdout)[-1]
    assert verdict["verdict"] == "ready"
    assert Path(verdict["vault"]).name == "1"
    assert golive.run("verify", verdict["vault"]).returncode == 0
    assert stage_pids(golive) == []


def test_ctrl_c_puts_traffic_back_and_resumes(golive: Golive) -> None:
    process = golive.start("demo", "--json")
    golive.until(started("shift"))
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors.decode()
    assert "golive resume" in errors.decode()
    assert stage_pids(golive) == []
    assert golive.journal()[-1]["event"] == "interrupted"
    done = golive.run("resume", "--json")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert golive.run("resume", "--json").returncode == 0


def test_abort_undoes_and_seals(golive: Golive) -> None:
    process = golive.start("demo", "--json")
    golive.until(started("shift"))
    assert golive.run("abort", "--comment", "fire alarm").returncode == 0
    out, errors = process.communicate(timeout=90)
    assert process.returncode == 3, errors.decode()
    verdict = events(out.decode())[-1]
    assert verdict["verdict"] == "incomplete"
    assert "fire alarm" in verdict["reasons"][0]["text"]
    assert stage_pids(golive) == []


def test_two_runs_at_once(golive: Golive) -> None:
    first = golive.start("demo", "--json", "--state", "one", "--vault-root", "one")
    second = golive.start("demo", "--json", "--state", "two", "--vault-root", "two")
    for process in (first, second):
        out, errors = process.communicate(timeout=150)
        assert process.returncode == 0, (out[-1500:], errors)


def test_a_second_process_on_the_same_run_is_refused(golive: Golive) -> None:
    process = golive.start("demo", "--json")
    golive.until(started("snapshot"))
    done = golive.run("resume")
    assert done.returncode == 2
    assert f"already running, pid {process.pid}" in done.stderr
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
