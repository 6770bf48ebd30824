"""The durable engine's settings, each with what went wrong without it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from golive.kernel.errors import BadInput
from golive.kernel.json import Json, JsonObject
from golive.rehearsal.engine import Engine, Halt, JsonSerializer, send
from golive.rehearsal.folder import AlreadyRunning, RunFolder, RunSettings


def settings(name: str = "run-a", digest: str = "d" * 64) -> RunSettings:
    return RunSettings(name, "p.md", digest, ".", "vault", True, "now", "memory")


def make(tmp_path: Path, name: str = "run-a") -> RunFolder:
    return RunFolder.create(tmp_path, settings(name), {})


def is_abort(message: JsonObject) -> bool:
    return message.get("action") == "abort"


def run(folder: RunFolder, *steps: str, halt: Halt | None = None) -> tuple[Json, list[str]]:
    """One process's turn: carry the named steps out, return the result and what really ran."""
    ran: list[str] = []
    engine = Engine(folder, folder.settings(), halt or Halt())

    def act(step: str) -> Json:
        ran.append(step)
        return step

    def workflow() -> Json:
        found = [engine.durable(step, lambda step=step: act(step)) for step in steps]
        engine.over()
        return found

    running = engine.start(workflow, is_abort)
    while not running.over():
        time.sleep(0.01)
    result = running.result()
    engine.close()
    return result, ran


def test_the_journal_is_write_ahead_and_private(tmp_path: Path) -> None:
    folder = make(tmp_path)
    run(folder, "one")
    with sqlite3.connect(folder.database) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert folder.database.stat().st_mode & 0o077 == 0


def test_a_second_start_runs_nothing_again(tmp_path: Path) -> None:
    folder = make(tmp_path)
    assert run(folder, "one", "two") == (["one", "two"], ["one", "two"])
    assert run(folder, "one", "two") == (["one", "two"], [])


def test_the_lock_names_the_process_that_holds_the_run(tmp_path: Path) -> None:
    folder = make(tmp_path)
    assert folder.runner() is None
    with folder.locked():
        assert folder.runner() == os.getpid()
        with (
            pytest.raises(AlreadyRunning, match=f"already running, pid {os.getpid()}"),
            folder.locked(),
        ):
            pass
    assert folder.runner() is None


def test_a_killed_process_lets_go_of_the_lock(tmp_path: Path) -> None:
    folder = make(tmp_path)
    program = (
        "import sys, time; from pathlib import Path\n"
        "from golive.rehearsal.folder import RunFolder\n"
        "with RunFolder(Path(sys.argv[1])).locked():\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder.path)], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        assert folder.runner() == child.pid
        child.kill()
        child.wait()
    with folder.locked():
        pass


def test_another_runs_work_is_never_taken_over(tmp_path: Path) -> None:
    """Each run has a file of its own, so a resumed one can't see the other's pending steps."""
    first, second = make(tmp_path, "run-a"), make(tmp_path, "run-b")
    run(first, "one")
    assert run(second, "one") == (["one"], ["one"])
    assert first.database != second.database


def test_an_act_reaches_a_waiting_run_at_once_and_once(tmp_path: Path) -> None:
    folder = make(tmp_path)
    engine = Engine(folder, folder.settings(), Halt())
    got: list[tuple[JsonObject | None, float]] = []

    def workflow() -> Json:
        got.append((engine.receive(20), time.monotonic()))
        got.append((engine.receive(0.3), time.monotonic()))
        engine.over()
        return None

    running = engine.start(workflow, is_abort)
    time.sleep(0.3)
    sent = time.monotonic()
    for _ in range(2):
        send(folder, {"hello": 1}, key="the-same")
    while not running.over():
        time.sleep(0.01)
    engine.close()
    assert got[0][0] == {"hello": 1}
    # polled every 50 ms; DBOS's own default of one second would show here
    assert got[0][1] - sent < 0.8
    assert got[1][0] is None


def test_an_abort_reaches_a_step_that_is_under_way(tmp_path: Path) -> None:
    folder, halt = make(tmp_path), Halt()
    engine = Engine(folder, folder.settings(), halt)
    begun = threading.Event()

    def step() -> Json:
        begun.set()
        return halt.event.wait(10) and halt.called_off

    def workflow() -> Json:
        cut_short = engine.durable("long", step)
        message = engine.receive(10)
        engine.over()
        return [cut_short, dict(message or {})]

    running = engine.start(workflow, is_abort)
    assert begun.wait(10)
    send(folder, {"action": "abort", "comment": "enough"}, key="k", steers=True)
    while not running.over():
        time.sleep(0.01)
    assert running.result() == [True, {"action": "abort", "comment": "enough"}]
    engine.close()


def test_nothing_is_pickled(tmp_path: Path) -> None:
    folder = make(tmp_path)
    run(folder, "one")
    with sqlite3.connect(folder.database) as connection:
        rows = connection.execute("SELECT output FROM operation_outputs").fetchall()
    connection.close()
    assert "one" in [json.loads(row[0]) for row in rows if row[0]]
    with pytest.raises(TypeError):
        JsonSerializer().serialize(object())


def test_a_run_of_another_format_is_refused(tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder.path / "run.json").write_text('{"rehearsal": "run-a"}')
    with pytest.raises(BadInput, match="not a run's settings"):
        folder.settings()
