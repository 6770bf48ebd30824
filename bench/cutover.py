"""Switch latency, way back and lost requests of a cutover, beside a bare proxy reconfiguration.

    python bench/cutover.py [--minute 0] [--rate 2000] [--patience 60]

One stage, one run. First the yardstick: bare changes of the proxy's weights by its admin API, each
timed until the answer, on an idle proxy and under the drill's load. What this machine serves:
open-loop load on a route without a database, doubled until some of it fails or waits for a tenth
of a second, then halved in between. Then the whole drill (shift, abort by each trigger, rollback,
proof, promotion) at 80 % of that, or at `--rate`.

`--minute` is how many seconds stand for one of AWS's minutes: at 0 nothing is to be seen half-way,
so the shift is called off at an event, with all traffic over. `--patience` is how many seconds a
request has before it counts as unanswered: more than the usual ten tell what is late from what is
lost. The way back does not grow with the rate; judging samples does, linearly.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from golive.adapters.probe import OpenLoopProbe
from golive.bootstrap import build_target
from golive.drillkit.records import ItemRecord
from golive.drillkit.testing import run_drill
from golive.drills.blue_green import BlueGreen
from golive.kernel.doors import SCHEME, DoorConnection
from golive.kernel.json import JsonObject
from golive.playbook.model import Limit
from golive.ports.probe import ProbeSample, figures_of
from golive.ports.target import Target
from golive.stage import Stage, StageStatus
from golive.stage.caddy import PRODUCTION

ROUNDS = 20
SHARE = 0.8
LEAST, MOST = 125.0, 16_000.0
"""Requests a second between which is looked for what this machine serves."""
NARROW = 1.15
"""How much further apart what is served and what is not may lie."""
TRIAL = 3.0
LATE = 0.1
"""Seconds that one of a hundred requests may take: beyond it they queue, and nothing is left for
the drill's own work."""
PATIENT = {
    name: Limit(at_most=600_000) for name in ("incoming_p95_ms", "old_p95_ms", "shift_p95_ms")
}
"""A rate beyond what this machine serves queues; what is asked here is whether any is lost."""
TRIGGERS = ["request", "alarm", "hook-failure", "command"]


def bare(admin: str) -> float:
    """Median milliseconds of a change of weights, asked of the proxy itself."""
    times = []
    for number in range(ROUNDS):
        begun = time.perf_counter()
        _change(admin, [9, 1] if number % 2 else [8, 2])
        times.append(time.perf_counter() - begun)
        time.sleep(0.05)
    _change(admin, [1, 0])
    return statistics.median(times) * 1000


def bare_under_load(target: Target, url: str, admin: str, rate: float, work: Path) -> float:
    running = target.probe.start(url, rate=rate, log=work / "bare.jsonl")
    try:
        return bare(admin)
    finally:
        running.stop()


def _change(admin: str, turns: Sequence[int]) -> None:
    connection = DoorConnection(Path(admin.removeprefix(SCHEME)), timeout=5)
    try:
        path = f"/id/{PRODUCTION}/load_balancing/selection_policy/weights"
        connection.request("PATCH", path, json.dumps(turns), {"Content-Type": "application/json"})
        assert connection.getresponse().status == 200
    finally:
        connection.close()


def served(target: Target, url: str, work: Path) -> float:
    """Requests a second that this machine serves now; prints each trial."""
    good, rate = 0.0, LEAST
    while rate <= MOST and _trial(target, url, rate, work / f"{rate:g}.jsonl"):
        good, rate = rate, rate * 2
    while good and rate / good > NARROW:
        middle = (good + rate) / 2
        if _trial(target, url, middle, work / f"{middle:g}.jsonl"):
            good = middle
        else:
            rate = middle
    return good


def _trial(target: Target, url: str, rate: float, log: Path) -> bool:
    """Whether every request of a few seconds is answered, and none but one of a hundred late."""
    running = target.probe.start(url, rate=rate, log=log)
    time.sleep(TRIAL)
    figures = figures_of(running.stop())
    well = figures.failed == 0 and figures.p99 is not None and figures.p99 < LATE
    p99 = None if figures.p99 is None else round(figures.p99 * 1000, 1)
    shown = {"rate": rate, "failed": figures.failed, "p99_ms": p99, "served": well}
    print(json.dumps(shown), flush=True)
    return well


def drill(target: Target, work: Path, rate: float, minute: float) -> dict[str, Any]:
    """The drill's own figures, by trigger."""
    params: JsonObject = {
        "incoming": "blue",
        "rate": rate,
        "stalled_after": 60,
        "abort_by": TRIGGERS,
        "abort_at": "50%" if minute else "AfterAllowTraffic",
    }
    begun = time.perf_counter()
    done = run_drill(BlueGreen(), params, target, work, expect=PATIENT)
    took = time.perf_counter() - begun
    requests = json.loads(_file(done.files, "traffic.json"))["whole"]
    last = {check.id: check.measured for check in done.record.checks}
    found = {
        "outcome": done.record.outcome.value,
        "minute_seconds": json.loads(_file(done.files, "record.json"))["stageMinuteSeconds"],
        "rate": rate,
        "seconds": round(took, 2),
        "whole": requests,
        "answers": _answers(_file(done.files, "samples.jsonl")),
        "failed_requests": last.get("failed_requests"),
        "misrouted_requests": last.get("misrouted_requests"),
        "by_trigger": {name: _of(done.record, name) for name in TRIGGERS},
    }
    errors = [f"{one.name}: {one.error}" for one in done.record.steps if one.error]
    return {**found, "errors": errors} if errors else found


def _file(files: Any, ending: str) -> bytes:
    found: bytes = next(data for path, data in files.items() if path.endswith(ending))
    return found


def _answers(log: bytes) -> dict[str, int]:
    """How many by status and side; `0` is no answer in time."""
    rows = (ProbeSample(*json.loads(line)) for line in log.splitlines())
    return dict(Counter(f"{one.status} {one.side}".strip() for one in rows))


def _of(record: ItemRecord, trigger: str) -> dict[str, Any]:
    """Switch and proof of one trigger's return."""
    step = "prove" if trigger == TRIGGERS[0] else f"prove-{trigger}"
    checks = {c.id: c.measured for one in record.steps if one.name == step for c in one.checks}
    return {name: checks.get(name) for name in ("switch_ms", "rollback_seconds")}


@contextmanager
def stage(folder: Path, minute: float) -> Iterator[StageStatus]:
    made = Stage(folder, minute=minute)
    try:
        yield made.up(attached=True)
    finally:
        made.down()


def target_of(found: StageStatus, patience: float) -> Target:
    target = build_target(found.config)
    patient = OpenLoopProbe(
        found.authority, "X-Fixnado-Instance", target.probe.fidelity, timeout=patience
    )
    return replace(target, probe=patient)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rate", type=float, help="80 %% of what is found, where not given")
    options.add_argument("--minute", type=float, default=0.0)
    options.add_argument("--patience", type=float, default=10.0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name, stage(Path(name) / "stage", chosen.minute) as found:
        folder, target = Path(name), target_of(found, chosen.patience)
        idle = bare(found.urls["admin"])
        print(json.dumps({"bare_reconfiguration_ms": round(idle, 2)}), flush=True)
        production, rate = found.urls["production"], chosen.rate
        if rate is None:
            most = served(target, production, folder)
            print(json.dumps({"served": most}), flush=True)
            rate = round(most * SHARE)
        yardstick = bare_under_load(target, production, found.urls["admin"], rate, folder)
        print(json.dumps({"bare_reconfiguration_under_load_ms": round(yardstick, 2)}), flush=True)
        figures = drill(target, folder / "work", rate, chosen.minute)
    asked = [figures["by_trigger"][name]["switch_ms"] for name in ("request", "command")]
    if any(asked):  # 0 is no request after the trigger: too few to tell
        figures["switch_to_bare"] = round(max(one or 0.0 for one in asked) / yardstick, 2)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
