"""What a durable step costs beside a bare DBOS step, and where a rehearsal's time goes; how soon a
stage is up and gone.

    python bench/engine.py [--steps 300] [--rounds 5] [--rehearsal PLAYBOOK]

The two step loops run in turn in one process, each on a new file; the ratio is that of medians.
Cost grows linearly with the number of steps; a step's record of n checks adds one journal line a
check. `--rehearsal` (a playbook; the shipped one by default, "" for none) is run as a process of
its own and its wall time is split by its journal.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from dbos import DBOS, SetWorkflowID

from golive.drillkit.records import Check, CheckVerdict, Outcome, StepRecord
from golive.kernel.json import Json
from golive.ports.clock import SystemClock
from golive.rehearsal.engine import Engine, Halt
from golive.rehearsal.folder import RunFolder, RunSettings
from golive.rehearsal.journal import Journal
from golive.stage import Stage

NOW = "2024-05-30T08:00:00.000Z"


def record() -> StepRecord:
    check = Check("figure", "it holds", True, True, CheckVerdict.PASS)
    return StepRecord("step", Outcome.PASSED, NOW, NOW, {"figure": 1}, (check,))


def bare(folder: Path, steps: int) -> float:
    """Seconds for `steps` bare DBOS steps that return the same JSON."""
    file = folder / "dbos.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    DBOS(config={"name": "bare", "system_database_url": f"sqlite:///{file}", "log_level": "ERROR",
                 "executor_id": "bare", "application_version": "1"})  # fmt: skip
    value = record().to_json()
    taken: list[float] = []

    def body() -> None:
        begun = time.perf_counter()
        for number in range(steps):
            DBOS.run_step({"name": f"step-{number}"}, lambda: value)
        taken.append(time.perf_counter() - begun)

    workflow = DBOS.workflow(name="bare")(body)
    DBOS.launch()
    with SetWorkflowID("bare"):
        DBOS.start_workflow(workflow).get_result()
    DBOS.destroy(destroy_registry=True)
    return taken[0]


def golive(folder: Path, steps: int) -> float:
    """Seconds for `steps` of Golive's own, each with its journal lines and one check."""
    settings = RunSettings("bench-run", "p.md", "d" * 64, ".", "v", True, "now", "memory")
    run = RunFolder.create(folder, settings, {})
    journal = Journal(run.events, SystemClock())
    engine = Engine(run, settings, Halt())
    taken: list[float] = []

    def act() -> StepRecord:
        journal.step("item/1", "step", None)
        found = record()
        journal.check("item/1", "step", found.checks[0])
        journal.step("item/1", "step", found)
        return found

    def body() -> Json:
        begun = time.perf_counter()
        for number in range(steps):
            engine.step(f"step-{number}", act)
        taken.append(time.perf_counter() - begun)
        engine.over()
        return None

    running = engine.start(body, lambda _: False)
    while not running.over():
        threading.Event().wait(0.01)
    engine.close()
    journal.close()
    return taken[0]


def timed(loop: Callable[[Path, int], float], steps: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return loop(Path(folder), steps) / steps


def durable_steps(steps: int, rounds: int) -> None:
    timed(bare, 20), timed(golive, 20)
    pairs = [(timed(bare, steps), timed(golive, steps)) for _ in range(rounds)]
    one, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"bare DBOS step   {one * 1000:6.2f} ms")
    print(f"Golive step      {other * 1000:6.2f} ms   {other / one:.2f} x bare (aim: at most 1.50)")


def rehearsal(playbook: str) -> None:
    """Run the playbook and split its wall time by its journal."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "golive", "rehearse", playbook, "--practice", "--json",
                "--state", f"{folder}/state", "--vault-root", folder]  # fmt: skip
        begun = time.perf_counter()
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            peak = _Peak(process.pid)
            events = [json.loads(line) for line in process.stdout]
            process.wait()
        wall = time.perf_counter() - begun
    steps, open_at = 0.0, {}
    stage = 0.0
    for event in events:
        at = datetime.fromisoformat(event["at"]).timestamp()
        if event["event"] == "started":
            started = at
        elif event["event"] == "stage":
            stage = at - started
        elif event["event"] == "step" and event["state"] == "started":
            open_at[event["item"], event["step"]] = at
        elif event["event"] == "step":
            steps += at - open_at.pop((event["item"], event["step"]))
    own = wall - stage - steps
    print(f"rehearsal        {wall:6.2f} s, exit {process.returncode}")
    print(f"  stage start    {stage:6.2f} s  {stage / wall:5.1%}")
    print(f"  drills' steps  {steps:6.2f} s  {steps / wall:5.1%}   (target and waiting)")
    print(f"  Golive's own   {own:6.2f} s  {own / wall:5.1%}   (aim: under 15 %)")
    print(f"  peak memory    {peak.stop():6.0f} MB        (aim: under 250 MB)")


def stage() -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = Stage(Path(folder) / "stage")
        moments = [time.perf_counter()]
        one.up(attached=True)
        moments.append(time.perf_counter())
        one.down()
        moments.append(time.perf_counter())
    up, down = (later - earlier for earlier, later in pairwise(moments))
    print(f"a new stage is up after {up:.2f} s (aim: 10) and gone after {down:.2f} s (aim: 1)")


class _Peak:
    """The most memory that one process has held, by /proc where there is one."""

    def __init__(self, pid: int) -> None:
        self._file = Path(f"/proc/{pid}/status")
        self._most = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(0.1):
            try:
                lines = self._file.read_text().splitlines()
            except OSError:
                return
            for line in lines:
                if line.startswith("VmHWM:"):
                    self._most = max(self._most, int(line.split()[1]) / 1024)

    def stop(self) -> float:
        self._done.set()
        self._thread.join()
        return self._most or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rehearsal", default="playbooks/fixnado-v1.00.md")
    options = parser.parse_args()
    durable_steps(options.steps, options.rounds)
    stage()
    if options.rehearsal:
        rehearsal(options.rehearsal)


if __name__ == "__main__":
    main()
