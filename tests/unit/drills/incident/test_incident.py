"""The incident drill in front of a good marketplace and help desk, and of ones that fail in one thing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.memory import Fault, MemoryTarget
from golive.adapters.memory.marketplace import MemoryMarketplace
from golive.drillkit.records import Act, CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.incident import IncidentDrill
from golive.kernel.times import rfc3339
from golive.ports.clock import SystemClock
from golive.ports.helpdesk import Message
from golive.ports.incidents import PublicUpdate
from golive.ports.marketplace import Refused
from golive.ports.target import Target

OUTPUTS = {
    "escalation.json",
    "helpdesk-conversation.json",
    "public-draft.md",
    "incident-ledger.json",
    "incident-form.html",
}


def carry_out(target: Target, work: Path, **params: Any) -> DrillRun:
    return run_drill(IncidentDrill(), params, target, work)


def failed(run: DrillRun) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is CheckVerdict.FAIL}


def unknown(run: DrillRun) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is CheckVerdict.INCONCLUSIVE}


def ledger(run: DrillRun) -> Any:
    (path,) = [one for one in run.files if one.endswith("incident-ledger.json")]
    return json.loads(run.files[path])


def test_practice_goes_through_and_measures_nobody(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget().build(), tmp_path)
    assert (failed(run), unknown(run)) == (set(), set()), run.record.steps
    assert run.record.outcome is Outcome.PASSED
    assert {path.rpartition("/")[2] for path in run.files} == OUTPUTS
    kept = ledger(run)
    assert kept["mtta"]["seconds"] == kept["mttr"]["seconds"] == "not measured"
    assert kept["mttr"]["r"] == "resolved"
    assert kept["period"]["counts"] == {
        "total": 1,
        "acknowledged": 0,
        "unacknowledged": 1,
        "censored": 0,
        "resolved": 1,
    }
    assert "mtta_seconds" not in {check.id for check in run.record.checks}
    form = run.files["section/1/incident-form.html"].decode()
    assert "not measured" in form
    assert "nobody: this was practice" in form
    draft = run.files["section/1/public-draft.md"].decode()
    for stage in ("investigating", "identified", "monitoring", "resolved"):
        assert f"## {stage} (" in draft
