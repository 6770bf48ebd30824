"""Switch latency, way back and lost requests of a cutover, beside a bare proxy reconfiguration.

    python bench/cutover.py [--rate 2000] [--minute 0.1]

One stage, one run. First the yardstick: bare changes of the proxy's configuration by its admin
API, each timed until the answer. Then the whole drill (shift, abort by each trigger, rollback,
proof, promotion) under open-loop load on a route without a database. `--minute` is how many
seconds stand for one of AWS's minutes (at 0 nothing could be seen half-way). The way back does not
grow with the rate; judging samples does, linearly.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from golive.bootstrap import build_target
from golive.drillkit.records import ItemRecord
from golive.drillkit.testing import run_drill
from golive.drills.blue_green import BlueGreen
from golive.kernel.json import JsonObject
from golive.playbook.model import Limit
from golive.stage import Stage
from golive.stage.balancer import Balancer
from golive.stage.layout import Layout
from golive.stage.settings import load

ROUNDS = 20
PATIENT = {
    name: Limit(at_most=60_000) for name in ("incoming_p95_ms", "old_p95_ms", "shift_p95_ms")
}
"""A rate beyond what this machine serves queues; what is asked here is whether any is lost."""
TRIGGERS = ["request", "alarm", "hook-failure", "command"]


def bare(folder: Path) -> float:
    """Median milliseconds of a change of weights, asked of the proxy itself."""
    layout = Layout(folder)
    settings = load(layout)
    assert settings is not None
    balancer = Balancer(settings.ports, layout.traffic)
    times = []
    for number in range(ROUNDS):
        share = 10.0 * (number % 2)
        begun = time.perf_counter()
        balancer.shift({"green": 100.0 - share, "blue": share})
        times.append(time.perf_counter() - begun)
        time.sleep(0.05)
    balancer.shift({"green": 100.0, "blue": 0.0})
    return statistics.median(times) * 1000


def drill(config: Any, work: Path, rate: float) -> dict[str, Any]:
    """The drill's own figures, by trigger."""
    params: JsonObject = {
        "incoming": "blue",
        "rate": rate,
        "stalled_after": 30,
        "abort_by": TRIGGERS,
    }
    begun = time.perf_counter()
    done = run_drill(BlueGreen(), params, build_target(config), work, expect=PATIENT)
    took = time.perf_counter() - begun
    requests = json.loads(
        next(data for path, data in done.files.items() if path.endswith("traffic.json"))
    )["whole"]
    last = {check.id: check.measured for check in done.record.checks}
    return {
        "outcome": done.record.outcome.value,
        "seconds": round(took, 2),
        "requests_a_second": round(requests["requests"] / took),
        "whole": requests,
        "failed_requests": last.get("failed_requests"),
        "misrouted_requests": last.get("misrouted_requests"),
        "by_trigger": {name: _of(done.record, name) for name in TRIGGERS},
    }


def _of(record: ItemRecord, trigger: str) -> dict[str, Any]:
    """Switch and proof of one trigger's return."""
    step = "prove" if trigger == TRIGGERS[0] else f"prove-{trigger}"
    checks = {c.id: c.measured for one in record.steps if one.name == step for c in one.checks}
    return {name: checks.get(name) for name in ("switch_ms", "rollback_seconds")}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rate", type=float, default=2000.0)
    options.add_argument("--minute", type=float, default=0.1)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder) / "stage", minute=chosen.minute)
        config = stage.up(attached=True).config
        try:
            yardstick = bare(Path(folder) / "stage")
            print(json.dumps({"bare_reconfiguration_ms": round(yardstick, 2)}))
            figures = drill(config, Path(folder) / "work", chosen.rate)
        finally:
            stage.down()
    switch = figures["by_trigger"][TRIGGERS[0]]["switch_ms"]
    if switch is not None:
        figures["switch_to_bare"] = round(switch / yardstick, 2)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
