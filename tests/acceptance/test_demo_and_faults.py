"""Healthy: READY. Bad: NOT READY, with its reason, and traffic proven on the old side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.command_line import Golive

pytestmark = pytest.mark.alone


def verdict_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    (verdict,) = [event for event in events if event["event"] == "verdict"]
    return verdict


def checks_of(events: list[dict[str, Any]]) -> dict[str, str]:
    return {
        event["check"]["id"]: event["check"]["verdict"]
        for event in events
        if event["event"] == "check"
    }


def test_a_healthy_launch(golive: Golive) -> None:
    events = golive.demo()
    assert events[0]["rehearsal"]
    verdict = verdict_of(events)
    assert events[-1]["code"] == 0, (verdict, events[-1]["stderr"])
    assert events[-2] == verdict
    assert verdict["verdict"] == "ready"
    assert verdict["practice"] is True
    assert {"reasons", "open_human_items", "fidelity", "vault", "seal"} <= verdict.keys()
    checks = checks_of(events)
    assert checks["failed_requests"] == "pass"
    assert checks["rollback_seconds"] == "pass"
    vault = Path(verdict["vault"])
    assert golive.run("verify", str(vault)).returncode == 0
    assert golive.run("report", str(vault), "--output", "again.html").returncode == 0
    (left,) = golive.state.glob("*/report.html")
    assert left.read_bytes() == (golive.folder / "again.html").read_bytes()
    (vault / "data/golive/facts.json").chmod(0o644)
    (vault / "data/golive/facts.json").write_text("{}")
    changed = golive.run("verify", str(vault))
    assert changed.returncode == 1
    assert "golive/facts.json" in changed.stdout
    assert golive.run("report", str(vault)).returncode == 1


@pytest.mark.parametrize(
    "fault",
    [
        "incoming-5xx",
        # the cutover's own tests have these every time
        pytest.param("incoming-slow", marks=pytest.mark.endurance),
        pytest.param("incoming-crash", marks=pytest.mark.endurance),
        pytest.param("readiness-stale", marks=pytest.mark.endurance),
    ],
)
def test_a_bad_launch_is_found_and_traffic_is_back(golive: Golive, fault: str) -> None:
    events = golive.demo("--fault", fault)
    verdict = verdict_of(events)
    assert events[-1]["code"] == 1, (verdict, events[-1]["stderr"])
    assert verdict["verdict"] == "not-ready"
    assert verdict["reasons"]
    assert all(reason["file"] and reason["line"] for reason in verdict["reasons"])
    if fault != "readiness-stale":
        assert checks_of(events)["traffic_on_old_side"] == "pass"
