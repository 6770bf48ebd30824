"""The incident drill in front of marketplaces that lack what it asks for: no crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.incident import IncidentDrill
from poor_world import ANSWERS, Serve, always, served


@pytest.fixture
def serving() -> Iterator[Serve]:
    with served() as serve:
        yield serve


def failed(run: DrillRun) -> dict[str, str]:
    wrong = CheckVerdict.FAIL
    return {one.id: one.detail for one in run.record.checks if one.verdict is wrong}


@pytest.mark.parametrize(("status", "body"), ANSWERS)
def test_every_route_answers_the_same(
    serving: Serve, tmp_path: Path, status: int, body: str
) -> None:
    run = run_drill(IncidentDrill(), {}, serving(always(status, body)), tmp_path)
    assert run.record.outcome is Outcome.FAILED
    found = failed(run)
    assert set(found) >= {"incident-raised"}
    if body not in ("{}", "[]"):
        assert body[2:10] in found["incident-raised"]


@pytest.mark.parametrize("by_reference", [True, False])
def test_incidents_alone_without_escalation_drafts_or_ledger(
    serving: Serve, tmp_path: Path, by_reference: bool
) -> None:
    """It keeps incidents with few fields, with or without our reference, and knows nothing else."""
    kept: dict[str, str] = {}

    def respond(method: str, path: str, sent: Any) -> tuple[int, str]:
        plain = path.partition("?")[0].removeprefix("/api/v1")
        if plain == "/incidents" and method == "GET":
            return 200, json.dumps([kept] if kept else [])
        if plain == "/incidents":
            kept.update(id="17", status="open", severity=sent["severity"])
            if by_reference:
                kept["reference"] = sent["reference"]
        elif plain == "/incidents/17/resolve":
            kept["status"] = "resolved"
        elif not plain.startswith("/incidents/17") or plain.count("/") > 2:
            return 404, '{"message": "Cannot POST"}'
        return 200, json.dumps(kept)

    run = run_drill(IncidentDrill(), {"deliver_within": 0.3}, serving(respond), tmp_path)
    found = failed(run)
    assert ("incident-reference" in found) == (not by_reference)
    assert {
        "escalated",
        "drafts-kept",
        "acknowledgement-taken",
        "incident-mitigated",
        "resolved-at",
        "public-page-read",
        "ledger-read",
    } <= found.keys()
    assert "Cannot POST" in found["escalated"]
    assert run.files["section/1/incident-ledger.json"]
    assert [step.error for step in run.record.steps] == [""] * len(run.record.steps)
