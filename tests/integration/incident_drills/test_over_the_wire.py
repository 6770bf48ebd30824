"""Both drills over the real marketplace, its outbox, and a help desk that may be away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.incident import IncidentDrill
from golive.drills.surge import SurgeDrill


def told(run: DrillRun) -> str:
    """Everything that didn't pass, for a failing test's message."""
    checks = [one for one in run.record.checks if one.verdict != "pass"]
    lines = [f"{one.id}: {one.verdict} {one.measured} {one.detail}" for one in checks]
    return "\n".join([*lines, *(step.error for step in run.record.steps if step.error)])


def failed(run: DrillRun) -> set[str]:
    return {one.id for one in run.record.checks if one.verdict is CheckVerdict.FAIL}


def test_from_the_trigger_to_the_form(world: Callable[..., Any], tmp_path: Path) -> None:
    there = world()
    run = run_drill(IncidentDrill(), {"team": 1}, there.target, tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)
    ledger = json.loads(run.files["section/1/incident-ledger.json"])
    assert ledger["differences"] == []
    assert ledger["byTheMarketplace"]["counts"]["acknowledgedByProgramAlone"] == 1
    assert there.running.guest.get("/v1/status-updates").json()["updates"] == []
    (conversation,) = there.desk.conversations()
    assert (conversation["status"], conversation["priority"]) == ("resolved", "urgent")
    assert there.desk.found()["doubles"] == {"conversations": [], "notes": []}


def test_away_and_back_it_is_told_once_though_answers_were_lost(
    world: Callable[..., Any], tmp_path: Path
) -> None:
    there = world("--away", "0.6", "--lose-first", "1")
    run = run_drill(IncidentDrill(), {"part": "raise"}, there.target, tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)
    detail = run.check("escalation-delivered").detail
    assert "the help desk answered 503" in detail
    assert "no answer" in detail
    assert there.desk.found()["counts"] == {"contacts": 1, "conversations": 1, "messages": 1}


def test_one_that_stays_away_fails_the_drill_by_name(
    world: Callable[..., Any], tmp_path: Path
) -> None:
    there = world("--away", "3600")
    run = run_drill(IncidentDrill(), {"part": "raise", "deliver_within": 1}, there.target, tmp_path)
    assert failed(run) == {"escalation-delivered", "bridge-read"}
    assert "still pending" in run.check("escalation-delivered").detail
    assert "asked to fail" in run.check("bridge-read").detail
    assert run.files["section/1/escalation.json"]


def test_a_label_that_the_account_never_defined_is_missing(
    world: Callable[..., Any], tmp_path: Path
) -> None:
    there = world("--labels", "incident,vip")
    run = run_drill(IncidentDrill(), {"part": "raise"}, there.target, tmp_path)
    assert failed(run) == {"bridge-labels"}
    assert run.check("bridge-labels").measured == ["sev1"]


def test_a_prepared_desk_is_ready_for_a_surge(world: Callable[..., Any], tmp_path: Path) -> None:
    there = world()
    params = {"hours": {"from": "07:00", "to": "22:00"}, "trial": {"team": 1}}
    run = run_drill(SurgeDrill(), params, there.target, tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)
    assert run.check("answers_missing").measured == 0
    late = run_drill(
        SurgeDrill(), {"hours": {"from": "06:00", "to": "23:59"}}, there.target, tmp_path
    )
    assert failed(late) == {"minutes_closed"}
    assert late.check("minutes_closed").measured == 7 * 180
