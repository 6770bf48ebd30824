"""Drills over real parts: the marketplace, Terraform, Node."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.http import HttpRequest
from golive.drills.readiness import Readiness
from golive.drills.smoke import Smoke
from golive.drills.synthetic import Synthetic
from golive.drills.terraform_plan import TerraformPlan
from golive.kernel.fidelity import Fidelity

SMOKE = Path(__file__).parents[3] / "infra" / "stage" / "smoke"


def failed(run: DrillRun) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is not CheckVerdict.PASS}


def told(run: DrillRun) -> str:
    return "\n".join(f"{check.id}: {check.detail}" for check in run.record.checks) + "".join(
        step.error for step in run.record.steps
    )


def test_readiness(world: Any, tmp_path: Path) -> None:
    run = run_drill(Readiness(), {"burst": 50}, world.build(), tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)
    slowest = run.check("readiness_seconds").measured
    assert isinstance(slowest, float)
    assert 0 < slowest < 5
    assert {one.fidelity for one in run.record.evidence} == {Fidelity.LOCAL}
    assert world.market.health().ready, "left as found"


def test_a_stale_readiness_file(start: Callable[..., Any], tmp_path: Path) -> None:
    world = start(fault="readiness-stale")
    run = run_drill(Readiness(), {"within_seconds": 0.5}, world.build(), tmp_path)
    assert "toggles_shown" in failed(run)
    assert world.market.health().ready, "the instance is put back all the same"


def test_synthetic(world: Any, tmp_path: Path) -> None:
    run = run_drill(Synthetic(), {"rounds": 5}, world.build(), tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)


def test_synthetic_sees_a_bad_launch(start: Callable[..., Any], tmp_path: Path) -> None:
    """Health stays good: only what a person would do shows it."""
    world = start(fault="5xx")
    assert world.market.health().alive
    run = run_drill(Synthetic(), {"rounds": 20}, world.build(), tmp_path)
    assert "synthetic_failures" in failed(run)
    assert "500" in told(run)


def test_http(world: Any, tmp_path: Path) -> None:
    run = run_drill(
        HttpRequest(),
        {"url": "{incoming}/healthz", "expect_json": {"/status": "ok", "/version": "1.00"}},
        world.build(),
        tmp_path,
    )
    assert run.record.outcome is Outcome.PASSED, told(run)


def test_the_smoke_pack_without_node(world: Any, tmp_path: Path) -> None:
    target = world.build(smoke=(sys.executable, "smoke.py"))
    run = run_drill(Smoke(), {}, target, tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)
    assert run.check("tests").measured == 8


def test_the_smoke_pack_fails_with_the_target(start: Callable[..., Any], tmp_path: Path) -> None:
    world = start()
    market = world.market
    market.toggle_component(market.login("operations"), "commerce", "error")
    target = world.build(smoke=(sys.executable, "smoke.py"))
    run = run_drill(Smoke(), {}, target, tmp_path)
    assert {"exit_code", "failed"} == failed(run)
    assert "it is ready: it answered 503" in run.check("failed").detail


def test_the_smoke_pack_needs_a_target(world: Any, tmp_path: Path) -> None:
    command = [sys.executable, str(SMOKE / "smoke.py")]
    result = world.build().commands.run(command, cwd=tmp_path, env={}, timeout=30)
    assert result.exit_code == 2
    assert b"GOLIVE_TARGET_URL is not set" in result.stderr


@pytest.fixture(scope="session")
def vitest() -> None:
    """Installed by `npm ci` from the pack's lock, as the set-up does it."""
    if not (SMOKE / "node_modules").is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("the set-up has not installed infra/stage/smoke/node_modules")
        pytest.skip("not run: needs npm ci in infra/stage/smoke")


@pytest.mark.needs("npm")
@pytest.mark.usefixtures("vitest")
def test_the_smoke_pack_with_node(world: Any, tmp_path: Path) -> None:
    target = world.build(smoke=("npm", "test"), smoke_fallback=(sys.executable, "smoke.py"))
    run = run_drill(Smoke(), {}, target, tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)
    assert run.check("tests").measured == 8
    page = run.files["section/1/smoke-report.html"].decode()
    assert "<code>npm test</code>" in page
    assert "fallback" not in page


@pytest.mark.needs("npm")
@pytest.mark.usefixtures("vitest")
def test_vitest_refuses_an_option_of_jest(world: Any, tmp_path: Path) -> None:
    """A smoke command that runs no test fails, in the tool's own words."""
    command = ["npm", "test", "--", "--runInBand"]
    run = run_drill(Smoke(), {"command": command}, world.build(), tmp_path)
    assert {"exit_code", "report_read"} <= failed(run)
    assert "--runInBand" in run.check("exit_code").detail


def test_both_packs_test_the_same() -> None:
    ours = (SMOKE / "smoke.py").read_text()
    for file in (SMOKE / "tests").glob("*.test.js"):
        for line in file.read_text().splitlines():
            if line.strip().startswith("test('"):
                name = line.split("'")[1]
                assert f"def {name.replace(' ', '_')}(" in ours, f"smoke.py lacks {name!r}"
    assert ours.count("(target: Target) -> None:") == 8


def test_the_packs_lock_names_no_host() -> None:
    lock = json.loads((SMOKE / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert packages
    assert all("resolved" not in one and one["integrity"] for one in packages.values())
    assert "://" not in json.dumps([one.get("version") for one in packages.values()])


@pytest.mark.needs("terraform")
def test_the_stages_plan(world: Any, tmp_path: Path) -> None:
    target = world.build()
    for applied in (True, False):
        run = run_drill(TerraformPlan(), {"workspace": "staging-blue"}, target, tmp_path)
        assert run.record.outcome is Outcome.PASSED, told(run)
        assert run.record.steps[0].value == {"applied": applied}
    assert run.check("drift").measured == 0
    assert "all 6 checks" in run.check("failed_checks").claim


@pytest.mark.needs("terraform")
def test_a_plan_that_would_not_roll_back(world: Any, tmp_path: Path) -> None:
    """Terraform exits 0 for it: the check in the configuration is read from the JSON."""
    target = world.build()
    group = {
        "name": "g",
        "configuration": "c",
        "rollback_events": ["DEPLOYMENT_FAILURE"],
        "ready_wait_minutes": 0,
        "old_kept_minutes": 60,
    }
    params = {"workspace": "w", "variables": {"deployment_group": json.dumps(group)}}
    params["variables"] = {
        name: text.replace("{", "{{").replace("}", "}}")
        for name, text in params["variables"].items()  # type: ignore[attr-defined]
    }
    run = run_drill(TerraformPlan(), params, target, tmp_path)
    assert failed(run) == {"failed_checks"}
    assert "DEPLOYMENT_STOP_ON_REQUEST" in run.check("failed_checks").detail


@pytest.mark.needs("terraform")
def test_the_session_key_is_nowhere_in_the_evidence(world: Any, tmp_path: Path) -> None:
    key = "a-session-key-of-forty-characters-0123456"
    params = {"workspace": "w", "variables": {"session_key": key, "incoming": "green"}}
    run = run_drill(TerraformPlan(), params, world.build(), tmp_path)
    assert run.files
    assert all(key.encode() not in data for data in run.files.values())
    assert key not in json.dumps(run.record.to_json())


@pytest.mark.needs("terraform")
def test_a_change_is_shown_to_the_reviewers(world: Any, tmp_path: Path) -> None:
    target = world.build()
    run_drill(TerraformPlan(), {"workspace": "w"}, target, tmp_path)
    run = run_drill(
        TerraformPlan(), {"workspace": "w", "variables": {"incoming": "green"}}, target, tmp_path
    )
    assert run.record.outcome is Outcome.PASSED, told(run)
    summary = run.files["section/1/plan-summary.txt"].decode()
    assert 'terraform_data.instance["blue"]' in summary
    assert "output.incoming" in summary
