"""The readiness drill in front of instances that get it wrong, each in its own way."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.memory import Fault, MemoryTarget
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.readiness import Readiness
from golive.kernel.errors import Unreachable
from golive.kernel.fidelity import Fidelity
from golive.playbook.model import Limit
from golive.ports.marketplace import ReadinessFile
from golive.ports.metrics import MetricSample
from golive.ports.target import Target

QUICK = {"within_seconds": 0.2}


def carry_out(target: Target, work: Path, **params: Any) -> DrillRun:
    return run_drill(Readiness(), {**QUICK, **params}, target, work)


def failed(run: DrillRun) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is not CheckVerdict.PASS}


class Wrapped:
    """A readiness file that a test spoils."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, inner: ReadinessFile) -> None:
        self.inner, self.reads = inner, 0

    def read(self) -> bytes:
        self.reads += 1
        return self.spoil(self.inner.read())

    def spoil(self, data: bytes) -> bytes:
        return data


def with_file(target: Target, kind: type[Wrapped]) -> Target:
    return replace(target, readiness_files={"blue": kind(target.readiness_files["blue"])})


def test_a_good_instance_passes_and_is_left_as_found(tmp_path: Path) -> None:
    memory = MemoryTarget()
    run = carry_out(memory.build(), tmp_path, component="search")
    assert run.record.outcome is Outcome.PASSED
    assert failed(run) == set()
    toggled = [effect for effect in memory.effects if effect.kind == "component-toggled"]
    assert {effect.subject for effect in toggled} == {"blue/search"}
    assert len(toggled) == 8 + 12 + 1
    assert toggled[-1].detail == "ready"
    rows = json.loads(run.files["section/1/readiness-toggles.json"])["toggles"]
    assert [row["metric"] for row in rows] == [0.75, 1, 0, 1, 0.5, 1, 0.25, 1]
    assert b"fixnado_readiness_status" in run.files["section/1/readiness-metrics.txt"]
    assert json.loads(run.files["section/1/readiness-snapshot.json"])["status"] == "ready"


def test_what_was_not_ready_is_not_made_ready(tmp_path: Path) -> None:
    memory = MemoryTarget()
    market = memory.build().instances["green"]
    market.toggle_component(market.login("operations"), "payments", "degraded")
    run = carry_out(memory.build(), tmp_path, side="old", component="payments")
    assert run.record.outcome is Outcome.PASSED
    assert memory.effects[-1].detail == "degraded"


def test_a_file_that_never_changes(tmp_path: Path) -> None:
    memory = MemoryTarget(faults=[Fault.READINESS_STALE])
    run = carry_out(memory.build(), tmp_path)
    assert run.record.outcome is Outcome.FAILED
    assert {"toggles_shown"} <= failed(run)
    assert run.check("toggles_shown").measured == 0
    assert run.check("readiness_seconds").verdict is CheckVerdict.INCONCLUSIVE
    assert run.check("restored").verdict is CheckVerdict.PASS
    names = [(step.name, step.undo, step.outcome) for step in run.record.steps]
    assert ("burst", False, Outcome.SKIPPED) in names
    assert ("toggle", True, Outcome.PASSED) in names, "what was toggled is put back"
    assert memory.effects[-1].detail == "ready"


def test_the_playbooks_limit_counts(tmp_path: Path) -> None:
    run = run_drill(
        Readiness(),
        QUICK,
        MemoryTarget().build(),
        tmp_path,
        expect={"readiness_seconds": Limit(at_most=0.0)},
    )
    assert failed(run) == {"readiness_seconds"}
    assert run.check("readiness_seconds").loosened_from is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not JSON"),
        (b"[]", "no object"),
        (b"[" * 100_000, "not JSON"),
        (b'{"status": "fine"}', "components is no object"),
        (b'{"status": "fine", "components": {}}', "unknown status 'fine'"),
        (b'{"status":"ready","components":{},"generatedAt":"2024-05-30T09:00:00"}', "generatedAt"),
        (b'{"status":"ready","components":{"a":1}}', "generatedAt"),
    ],
)
def test_files_that_are_no_snapshot(tmp_path: Path, content: bytes, told: str) -> None:
    class Other(Wrapped):
        def spoil(self, data: bytes) -> bytes:
            return content

    run = carry_out(with_file(MemoryTarget().build(), Other), tmp_path)
    assert failed(run) == {"snapshot_structure"}
    assert told in run.check("snapshot_structure").detail
    assert run.files["section/1/readiness-snapshot.json"] == content, "kept before it is judged"


def test_a_component_that_is_not_there(tmp_path: Path) -> None:
    memory = MemoryTarget()
    run = carry_out(memory.build(), tmp_path, component="teleport")
    assert "database" in run.check("snapshot_structure").detail
    assert memory.count("component-toggled") == 0


def test_a_file_left_by_an_earlier_process(tmp_path: Path) -> None:
    class Old(Wrapped):
        def spoil(self, data: bytes) -> bytes:
            document = json.loads(data) | {"startedAt": "2020-01-01T00:00:00Z"}
            return json.dumps(document).encode()

    run = carry_out(with_file(MemoryTarget().build(), Old), tmp_path)
    assert "snapshot_process" in failed(run)


def test_a_file_that_disagrees_is_not_what_is_put_back(tmp_path: Path) -> None:
    """It may still say what it said at the start, when nothing was ready yet."""

    class Starting(Wrapped):
        def spoil(self, data: bytes) -> bytes:
            return data.replace(b'"ready"', b'"initialising"')

    memory = MemoryTarget()
    run = carry_out(with_file(memory.build(), Starting), tmp_path)
    assert {"snapshot_agrees", "toggles_shown"} <= failed(run)
    assert memory.effects[-1].detail == "ready"


def test_a_file_from_the_future(tmp_path: Path) -> None:
    class Early(Wrapped):
        def spoil(self, data: bytes) -> bytes:
            document = json.loads(data) | {"generatedAt": "2999-01-01T00:00:00Z"}
            return json.dumps(document).encode()

    run = carry_out(with_file(MemoryTarget().build(), Early), tmp_path)
    assert "snapshot_dated" in failed(run)


def test_a_half_written_file_is_noticed(tmp_path: Path) -> None:
    """It is whole again at the next look: only counting the looks shows it."""

    class Torn(Wrapped):
        def spoil(self, data: bytes) -> bytes:
            return data[: len(data) // 2] if self.reads % 3 == 0 else data

    run = carry_out(with_file(MemoryTarget().build(), Torn), tmp_path)
    assert {"snapshot_whole"} <= failed(run)


def test_a_lost_last_state(tmp_path: Path) -> None:
    """The file drops what follows the first changes: a debounce without a trailing edge."""

    class Lossy(Wrapped):
        last = b""
        changes = 0

        def spoil(self, data: bytes) -> bytes:
            if data != self.last and self.changes < 9:
                self.last, self.changes = data, self.changes + 1
            return self.last

    run = carry_out(with_file(MemoryTarget().build(), Lossy), tmp_path)
    assert {"burst_last", "burst_seconds", "burst_metric"} <= failed(run)
    assert run.check("burst_seconds").verdict is CheckVerdict.INCONCLUSIVE


class Numbers:
    """Metrics of which a test decides the figure."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, samples: Sequence[MetricSample]) -> None:
        self._samples = samples

    def scrape(self) -> tuple[bytes, Sequence[MetricSample]]:
        return b"x 1\n", self._samples


def sample(value: float, component: str = "database") -> MetricSample:
    return MetricSample("fixnado_readiness_status", value, {"component": component})


@pytest.mark.parametrize(
    ("samples", "verdict"),
    [
        ([sample(1.0)], CheckVerdict.FAIL),
        ([], CheckVerdict.INCONCLUSIVE),
        ([sample(1.0, "search")], CheckVerdict.INCONCLUSIVE),
        ([sample(1.0), sample(0.0)], CheckVerdict.INCONCLUSIVE),
    ],
)
def test_a_metric_that_does_not_follow(
    tmp_path: Path, samples: Sequence[MetricSample], verdict: CheckVerdict
) -> None:
    target = replace(MemoryTarget().build(), metrics={"blue": Numbers(samples)})
    run = carry_out(target, tmp_path)
    assert run.check("metric_agrees").verdict is verdict
    assert "metric_agrees" in failed(run)


def test_a_target_without_metrics_is_not_a_pass(tmp_path: Path) -> None:
    run = carry_out(replace(MemoryTarget().build(), metrics={}), tmp_path)
    assert run.record.outcome is Outcome.FAILED
    assert failed(run) == {"snapshot_agrees", "metric_agrees", "burst_metric"}


@pytest.mark.parametrize("missing", ["readiness_files", "instances"])
def test_a_target_that_lacks_a_part_is_told_which(tmp_path: Path, missing: str) -> None:
    target = replace(MemoryTarget().build(), **{missing: {}})  # type: ignore[arg-type]
    run = carry_out(target, tmp_path)
    assert run.record.outcome is Outcome.FAILED
    assert "blue" in run.record.steps[0].error


def test_called_off_in_the_middle_it_is_put_back(tmp_path: Path) -> None:
    memory, stop = MemoryTarget(), threading.Event()

    def after_three(call: str) -> None:
        if memory.count("component-toggled") == 3:
            stop.set()

    memory.world.observers.append(after_three)
    run = run_drill(Readiness(), QUICK, memory.build(), tmp_path, stop=stop, called_off=True)
    assert run.record.outcome is Outcome.ABORTED
    assert memory.effects[-1].detail == "ready"
    assert "section/1/readiness-toggles.json" in run.files, "what was measured is kept"


def test_an_instance_that_goes_away(tmp_path: Path) -> None:
    memory = MemoryTarget()

    def unreachable(call: str) -> None:
        if call == "marketplace.toggle_component" and memory.count("component-toggled") == 2:
            raise Unreachable("gone", where="blue")

    memory.world.observers.append(unreachable)
    run = carry_out(memory.build(), tmp_path)
    assert run.record.outcome is Outcome.FAILED
    assert "gone" in next(step.error for step in run.record.steps if step.name == "toggle")
    assert "section/1/readiness-toggles.json" in run.files
