"""The dashboards drill: marks, pictures and data; nothing passes for what was not measured."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.grafana import Grafana
from golive.adapters.memory import MemoryTarget
from golive.adapters.memory.series import MemorySeries
from golive.adapters.prometheus_api import PrometheusSeries
from golive.drillkit import chart
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.dashboards import DashboardsDrill
from golive.kernel.fidelity import Fidelity
from golive.kernel.times import parse_rfc3339
from golive.ports.target import Target
from grafana_world import TOKEN, FakeGrafana, grafana

BOARDS = ("timeline-hub", "commerce", "infrastructure")
PANEL = chart.line_chart("p", [chart.Line("a", [(0, 1.0), (9, 2.0)])], y_label="n", width_px=300)


def cut_over(memory: MemoryTarget) -> Target:
    """After a cutover that was called off and came back, and some customers."""
    target = memory.build()
    deployer, way_in = target.deployer, target.production
    assert deployer is not None and way_in is not None
    session = way_in.login()
    for _ in range(4):
        way_in.timeline_hub(session)
        way_in.commerce_snapshot(session, "user")
    made = deployer.create(
        incoming="blue",
        version="1.00",
        config="CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        description="golive test-run-1 cutover/1 shift k-1",
    )
    while memory.world.weights["blue"] < 30:
        deployer.get(made)
    deployer.stop(made, rollback=True)
    undone = deployer.get(made).rollback.rollback_id
    while not deployer.get(undone).status.final:
        deployer.target(undone)
    # anything but a stage, whose scraper would be waited for
    return replace(target, config=target.config.model_copy(update={"kind": "remote"}))


def drilled(target: Target, tmp_path: Path, **params: Any) -> DrillRun:
    return run_drill(DashboardsDrill(), params, target, tmp_path)


def read(run: DrillRun, name: str) -> Any:
    return json.loads(run.files[f"section/1/{name}.json"])


def test_every_board_is_drawn_with_data_and_every_event_is_marked(tmp_path: Path) -> None:
    run = drilled(cut_over(MemoryTarget()), tmp_path, before="2s", after="1s", rate_over="2s")
    assert run.record.outcome is Outcome.PASSED
    marked = read(run, "annotations")
    labels = [one["label"] for one in marked["annotations"]]
    assert labels[0] == "deployment begins"
    assert {"BeforeInstall", "deployment stopped", "rollback begins", "rollback succeeded"} <= set(
        labels
    )
    moments = [parse_rfc3339(one["at"]) for one in marked["annotations"]]
    start, end = (parse_rfc3339(marked["window"][name]) for name in ("from", "to"))
    assert moments == sorted(moments)
    assert moments[0] - start == timedelta(seconds=2)
    assert end <= moments[-1] + timedelta(seconds=1)
    assert marked["postedTo"] is None
    assert all({"golive", "cutover"} <= set(one["tags"]) for one in marked["annotations"])
    for board in BOARDS:
        assert run.files[f"section/1/{board}.png"].startswith(b"\x89PNG")
        data = read(run, board)
        assert data["picture"]["fidelity"] == "simulated"
        assert all(one["lines"] and one["query"] for one in data["panels"])
        for line in (line for panel in data["panels"] for line in panel["lines"]):
            times = [at for at, _ in line["points"]]
            assert times == sorted(times) and line["name"]


@pytest.mark.parametrize(
    ("part", "said"),
    [("series", "metrics over time"), ("deployer", "deployer"), ("deployments", "deployments")],
)
def test_a_part_that_the_target_lacks_is_named(tmp_path: Path, part: str, said: str) -> None:
    lacking: dict[str, Any] = {part: None}
    run = drilled(replace(cut_over(MemoryTarget()), **lacking), tmp_path)
    assert run.record.outcome is Outcome.FAILED
    assert said in " ".join(step.error for step in run.record.steps)


def test_another_rehearsals_cutover_and_metrics_that_do_not_answer_prove_nothing(
    tmp_path: Path,
) -> None:
    away = PrometheusSeries("http://127.0.0.1:9", Fidelity.LIVE)
    target = replace(cut_over(MemoryTarget()), series=away)
    run = run_drill(DashboardsDrill(), {}, target, tmp_path, rehearsal="another-run")
    assert run.check("cutover_events").verdict is CheckVerdict.INCONCLUSIVE
    assert read(run, "annotations")["annotations"] == []
    told = [one for one in run.record.checks if one.id.startswith("infrastructure_")]
    assert told and {one.verdict for one in told} == {CheckVerdict.INCONCLUSIVE}
    assert "no metrics" in told[0].detail
    assert read(run, "infrastructure")["panels"][0]["error"]


def with_grafana(world: FakeGrafana, **more: Any) -> Target:
    there = Grafana(world.url, lambda: TOKEN, fidelity=Fidelity.LOCAL, **more)
    return replace(cut_over(MemoryTarget()), dashboards=there)


def test_a_grafana_gets_dashboards_and_annotations_once_and_draws(tmp_path: Path) -> None:
    with grafana(PANEL) as world:
        target = with_grafana(world)
        run, again = drilled(target, tmp_path), drilled(target, tmp_path)
        assert run.record.outcome is again.record.outcome is Outcome.PASSED
        assert set(world.dashboards) == {f"fixnado-{board}" for board in BOARDS}
        posted = read(run, "annotations")["annotations"]
        assert len(world.annotations) == len(posted) == len({one["id"] for one in posted})
        assert {one["uid"][0] for one in world.rendered} == set(world.dashboards)
        assert read(run, "commerce")["picture"]["by"] == f"Grafana at {world.url}"
        assert read(run, "commerce")["picture"]["fidelity"] == "local"


def test_without_a_renderer_it_is_drawn_here_and_what_was_changed_there_is_left(
    tmp_path: Path,
) -> None:
    with grafana(PANEL) as world:
        world.renders = False
        world.dashboards["fixnado-commerce"] = {"uid": "fixnado-commerce", "title": "Mine"}
        run = drilled(with_grafana(world), tmp_path)
        picture = read(run, "timeline-hub")["picture"]
        assert (picture["by"], picture["fidelity"]) == ("Golive", "simulated")
        assert "no image renderer" in picture["why"]
        assert run.check("commerce_as_code").verdict is CheckVerdict.FAIL
        assert run.check("infrastructure_as_code").verdict is CheckVerdict.PASS
        assert world.dashboards["fixnado-commerce"]["title"] == "Mine"
        assert run.files["section/1/commerce.png"]


def test_what_does_not_answer_fails_its_checks_and_loses_no_evidence(tmp_path: Path) -> None:
    """A Grafana behind a broken gateway, and a panel for which nobody keeps anything."""
    memory = MemoryTarget()
    target = replace(cut_over(memory), series=MemorySeries(memory.world, absent=["fixnado_orders"]))
    with grafana(PANEL) as world:
        world.broken = 502, b"<html>gateway</html>"
        there = Grafana(world.url, lambda: TOKEN)
        run = drilled(replace(target, dashboards=there), tmp_path)
    assert run.check("annotations_posted").verdict is CheckVerdict.FAIL
    assert run.check("commerce_as_code").verdict is CheckVerdict.FAIL
    assert run.check("cutover_events").verdict is CheckVerdict.PASS
    assert run.check("commerce_orders").verdict is CheckVerdict.INCONCLUSIVE
    assert read(run, "annotations")["postedTo"] is None
    assert all(run.files[f"section/1/{board}.png"] for board in BOARDS)
    empty = [one["panel"] for one in read(run, "commerce")["panels"] if not one["lines"]]
    assert "orders" in empty
