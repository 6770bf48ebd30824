"""The refund drill over the real desk and the real books."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.refund import Refund
from golive.ports.target import Target
from poor_world.spoilt import failed
from refund_world import target_of, told


def ledger(run: DrillRun) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run.files["section/1/ledger-entries.csv"].decode())))


def test_from_the_failed_milestone_to_balanced_books(
    target: Target, running: Any, tmp_path: Path
) -> None:
    run = run_drill(Refund(), {}, target, tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)
    finance = running.as_("finance")
    case = finance.get("/v1/refunds/RF-DRYRUN-118").json()
    assert case["status"] == "settled"
    rows = ledger(run)
    for name in ("RF-DRYRUN-118", "RF-DRYRUN-118-HAND"):
        kept = finance.get(f"/v1/ledger/entries?case={name}").json()["entries"]
        ours = [row for row in rows if row["case"] == name]
        assert [int(row["amount_minor"]) for row in ours] == [one["amountMinor"] for one in kept]
    assert sum(int(row["amount_minor"]) for row in rows) == 0
    reversed_ones = {row["reverses_id"] for row in rows} - {""}
    assert len(reversed_ones) == 1
    report = run.files["section/1/inspection-report.pdf"]
    assert report.startswith(b"%PDF-")
    served = finance.get(case["evidence"][0]["href"])
    assert hashlib.sha256(served.content).hexdigest() == hashlib.sha256(report).hexdigest()
    page = run.files["section/1/manual-payouts.html"].decode()
    assert "RF-DRYRUN-118-HAND" in page
    assert running.guest.get("/readyz").status_code == 200, "the provider is on again"
    risk = json.loads(run.files["section/1/risk-note.json"])
    assert risk["paidByHand"] and risk["reconciled"]
    assert risk["amountMinor"] > 1_000_000, "a large one, which needs two persons"


def test_the_notes_are_for_people(target: Target, running: Any, tmp_path: Path) -> None:
    run = run_drill(Refund(), {"provider_down": False}, target, tmp_path)
    notes = run.files["section/1/case-notes.md"].decode()
    ids = {running.login(role).json()["user"]["id"] for role in ("user", "finance")}
    table = notes.partition("| when (UTC)")[2]
    assert not [one for one in ids if one in table]
    assert "| finance | settled |" in table
    trail = run.files["section/1/acknowledgement-trail.csv"].decode()
    rows = list(csv.DictReader(io.StringIO(trail)))
    assert {"delivered", "decides and pays"} <= {row["part"] for row in rows}
    assert not [one for one in ids if one in trail]
    assert "@" not in trail


def test_a_leg_that_is_missing_is_found_and_named(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    running = start(fault="ledger-unbalanced")
    run = run_drill(Refund(), {}, target_of(running), tmp_path)
    assert run.record.outcome is Outcome.FAILED
    found = run.check("ledger_imbalance")
    assert found.verdict is CheckVerdict.FAIL
    assert "a leg is missing" in found.detail
    assert "RF-DRYRUN-118" in found.detail
    assert "ledger_imbalance" in failed(run) and "currency_imbalance" in failed(run)
    said = running.as_("finance").get("/v1/ledger/entries?case=RF-DRYRUN-118").json()
    assert set(said["totals"].values()) == {0}, "the service's own sums say nothing of it"
    transactions = {row["transaction_id"] for row in ledger(run)}
    assert any(one in found.detail for one in transactions)


def test_a_role_that_is_believed_opens_the_books(start: Callable[..., Any], tmp_path: Path) -> None:
    running = start(fault="role-from-header")
    run = run_drill(Refund(), {"provider_down": False}, target_of(running), tmp_path)
    assert "books-by-header-refused" in failed(run)
    assert run.check("role-in-header-refused").verdict is CheckVerdict.PASS, "it was their own case"


def test_a_second_rehearsal_has_cases_of_its_own(
    target: Target, running: Any, tmp_path: Path
) -> None:
    for number in (1, 2):
        work = tmp_path / str(number)
        work.mkdir()
        params = {"provider_down": False}
        run = run_drill(Refund(), params, target, work, rehearsal=f"run-{number}")
        assert run.record.outcome is Outcome.PASSED, told(run)
    cases = running.as_("finance").get("/v1/refunds").json()["cases"]
    assert {one["reference"] for one in cases} == {"RF-DRYRUN-118", "RF-DRYRUN-118-2"}


def test_who_has_not_acknowledged_the_policy_in_force_is_named_by_their_part(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    running = start()
    desk = running.as_("legal")
    made = desk.post(
        "/v1/admin/legal/refund-policy/versions",
        json={"summary": "Another owner", "version": "9.0", "content": "# Refunds\n\n## New\n\nX"},
        headers={"Idempotency-Key": "v9"},
    ).raise_for_status()
    path = f"/v1/admin/legal/refund-policy/versions/{made.json()['id']}/publish"
    desk.post(path, headers={"Idempotency-Key": "p9"}).raise_for_status()
    run = run_drill(Refund(), {"provider_down": False}, target_of(running), tmp_path)
    assert failed(run) == {"acks_missing"}, told(run)
    assert "delivered: outdated" in run.check("acks_missing").detail
