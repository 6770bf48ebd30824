"""Both drills in front of marketplaces that lack what they ask for: a complete run, no crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.data_governance import DataGovernanceDrill
from golive.drills.legal import Legal
from poor_world import ANSWERS, Serve, always, served

DRILLS = {
    "data-governance": lambda *rest: run_drill(DataGovernanceDrill(), {}, *rest),
    "legal": lambda *rest: run_drill(Legal(), {}, *rest),
}


@pytest.fixture
def serving() -> Iterator[Serve]:
    with served() as serve:
        yield serve


def failed(run: DrillRun) -> dict[str, str]:
    wrong = CheckVerdict.FAIL
    return {one.id: one.detail for one in run.record.checks if one.verdict is wrong}


@pytest.mark.parametrize("drill", DRILLS)
@pytest.mark.parametrize(("status", "body"), ANSWERS)
def test_every_route_answers_the_same(
    serving: Serve, tmp_path: Path, drill: str, status: int, body: str
) -> None:
    run = DRILLS[drill](serving(always(status, body)), tmp_path)
    assert run.record.outcome is Outcome.FAILED
    found = failed(run)
    assert found
    if body not in ("{}", "[]"):
        assert any(body[2:10] in detail for detail in found.values())


def test_a_desk_without_chunks_digests_or_dry_run(serving: Serve, tmp_path: Path) -> None:
    """It files, verifies and exports; the rest of the contract is unknown to it."""
    case = {
        "id": "17",
        "requestType": "access",
        "status": "received",
        "subjectEmail": "user@rehearsal.example",
        "requestedAt": "2024-05-30T12:00:00Z",
        "dueAt": "2024-06-29T12:00:00Z",
        "regionId": "GB",
    }
    held = {"user": {"id": "user"}, "orders": [{"id": "o1"}], "rentals": [], "conversations": []}

    def respond(method: str, path: str, sent: Any) -> tuple[int, str]:
        if path.endswith("/export"):
            return 200, json.dumps(
                {**case, "status": "completed", "payloadLocation": "/exports/17"}
            )
        if path.endswith("/payload"):
            return 200, json.dumps(held)
        if path.endswith("/purges"):
            return 200, '{"deleted": 3}'
        if "data-requests" in path:
            done = {**case, "status": "in_progress"} if path.endswith("/verify") else case
            return 200, json.dumps([] if "?" in path else done)
        return 404, '{"message": "Cannot GET"}'

    run = run_drill(DataGovernanceDrill(), {}, serving(respond), tmp_path)
    found: dict[str, Any] = failed(run)
    assert {
        "request-reference",
        "checksum_failures",
        "datasets_missing",
        "wrong-role-refused",
        "others-case-closed",
        "purge-reasons-expired",
        "due-date",
    } <= found.keys()
    assert run.check("due-date").expected == "2024-07-01"
    assert json.loads(run.files["section/1/export.json"])["orders"] == [{"id": "o1"}]
    assert run.files["section/1/purge.log"]
    assert run.files["section/1/case.json"]
