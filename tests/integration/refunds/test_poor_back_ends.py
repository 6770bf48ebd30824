"""The drill in front of marketplaces that lack what it asks for: a complete run, no crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import run_drill
from golive.drills.refund import Refund
from poor_world import ANSWERS, Serve, always, served
from poor_world.spoilt import failed, unknown


@pytest.fixture
def serving() -> Iterator[Serve]:
    with served() as serve:
        yield serve


@pytest.mark.parametrize(("status", "body"), ANSWERS)
def test_every_route_answers_the_same(
    serving: Serve, tmp_path: Path, status: int, body: str
) -> None:
    run = run_drill(Refund(), {}, serving(always(status, body)), tmp_path)
    assert run.record.outcome is Outcome.FAILED
    assert "order-found" in failed(run)
    if body not in ("{}", "[]"):
        assert body[2:10] in run.check("order-found").detail
    assert not [one for one in run.record.steps if "itself broke" in one.error]


class Plain:
    """Cases and nothing else: no reference, no digest, no queue, no clock, no keys, no books."""

    def __init__(self) -> None:
        self.status = "received"
        self.reason = ""

    def __call__(self, method: str, path: str, body: Any) -> tuple[int, str]:
        path, _, query = path.removeprefix("/api/v1").partition("?")
        stone = {"id": "m1", "title": "Work", "status": "failed"}
        order = {"id": "o1", "status": "placed", "currency": "GBP", "escrowMinor": 500}
        if path == "/orders":
            return 200, json.dumps([order])
        if path.startswith("/orders/"):
            return 200, json.dumps({**order, "milestones": [stone]})
        if path == "/refunds" and method == "POST":
            if "reference" in body:
                return 422, '{"detail": "reference: extra fields not permitted"}'
            self.reason = body["reason"]
            return 201, json.dumps(self._case())
        if path == "/refunds":
            listed = [] if "queue" in query or not self.reason else [self._case()]
            return 200, json.dumps({"items": listed})
        if path == "/refunds/17":
            return 200, json.dumps(self._case())
        if path == "/refunds/17/decide":
            self.status = "approved"
            return 200, json.dumps(self._case())
        if path == "/refunds/17/settle":
            self.status = "settled"
            return 200, json.dumps(self._case())
        return 404, '{"message": "Cannot do that"}'

    def _case(self) -> dict[str, Any]:
        return {"id": "17", "status": self.status, "orderId": "o1", "milestoneId": "m1",
                "currency": "GBP", "reason": self.reason, "requestedMinor": 500}  # fmt: skip


def test_a_desk_without_references_digests_queue_clock_keys_or_books(
    serving: Serve, tmp_path: Path
) -> None:
    run = run_drill(Refund(), {}, serving(Plain()), tmp_path)
    assert {
        "order-found-fallback",
        "reference-kept",
        "report-digest",
        "in-finance-queue",
        "case-taken",
        "update-recorded",
        "buyer-decides-refused",
        "others-case-closed",
        "untouched",
        "settlement-twice-refused",
        "ledger-read",
        "accounts-read",
    } <= failed(run)
    assert {
        "acknowledgement_hours",
        "update_working_days",
        "ledger_imbalance",
        "acks_missing",
        "reversal-visible",
        "paid-by-hand",
    } <= unknown(run)
    assert "Cannot do that" in run.check("ledger-read").detail
    assert run.check("inspection-noted").verdict is CheckVerdict.PASS
    assert not [one for one in run.record.steps if "itself broke" in one.error]
    assert b"settled" in run.files["section/1/case-notes.md"]
    assert run.files["section/1/ledger-entries.csv"].startswith(b"case,posted_at,")
