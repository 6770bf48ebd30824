"""A refund from the failed milestone to balanced books, over the wire."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fixnado_world import Running, email

REPORT = b"%PDF-1.7 The boiler leaks at the second joint."
_KEYS = count(1)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2024, 5, 30, 13, 30, tzinfo=UTC)  # a Thursday

    def __call__(self) -> datetime:
        return self.now


def key() -> dict[str, str]:
    return {"Idempotency-Key": f"test/{next(_KEYS)}"}


def post(market: Running, role: str, path: str, body: Any = None) -> httpx.Response:
    return market.as_(role).post(path, json=body, headers=key())


def document(payload: bytes = REPORT) -> dict[str, str]:
    return {
        "fileName": "inspection.pdf",
        "mediaType": "application/pdf",
        "contentBase64": base64.b64encode(payload).decode(),
    }


def disputed(market: Running, *, large: bool = False) -> dict[str, Any]:
    """An order of the rehearsal's user with a failed milestone and money in escrow."""
    orders = market.as_("user").get("/v1/orders?limit=200").json()["orders"]
    amount = 1_250_000 if large else 18_450
    order = next(one for one in orders if one["amountMinor"] == amount)
    found: dict[str, Any] = market.as_("user").get(f"/v1/orders/{order['id']}").json()
    return found


def opening(order: dict[str, Any], **more: Any) -> dict[str, Any]:
    failed = next(one for one in order["milestones"] if one["status"] == "failed")
    return {
        "orderId": order["id"],
        "milestoneId": failed["id"],
        "inspectionReport": document(),
        "preferredOutcome": "full_refund",
        "reason": "The boiler still leaks.",
        **more,
    }


def opened(market: Running, *, large: bool = False, **more: Any) -> dict[str, Any]:
    answer = post(market, "user", "/v1/refunds", opening(disputed(market, large=large), **more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def decide(market: Running, case: dict[str, Any], role: str = "finance", **more: Any) -> Any:
    body = {"outcome": "full_refund", "note": "The report is clear.", **more}
    return post(market, role, f"/v1/refunds/{case['id']}/decide", body)


def approved(market: Running, **more: Any) -> dict[str, Any]:
    case = opened(market, **more)
    assert decide(market, case).json()["status"] == "approved"
    return case


def entries(market: Running, case: dict[str, Any]) -> list[tuple[str, int]]:
    url = f"/v1/ledger/entries?case={case['reference']}"
    found = market.as_("finance").get(url).raise_for_status().json()
    assert set(found["totals"].values()) <= {0}
    return [(entry["account"], entry["amountMinor"]) for entry in found["entries"]]


def test_from_the_failed_milestone_to_balanced_books(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    case = opened(market, reference="RF-DRYRUN-118")
    assert case["reference"] == "RF-DRYRUN-118"
    assert (case["status"], case["queue"]) == ("received", "finance")
    assert case["acknowledgeBy"] == "2024-05-31T13:30:00.000Z"
    assert case["nextUpdateDue"] == "2024-06-03T16:00:00.000Z"  # Monday, over the weekend
    queue = market.as_("finance").get("/v1/refunds?queue=finance").json()["cases"]
    assert [one["reference"] for one in queue] == ["RF-DRYRUN-118"]
    clock.now += timedelta(minutes=10)
    taken = post(market, "finance", "/v1/refunds/RF-DRYRUN-118/assign").raise_for_status().json()
    assert taken["status"] == "in_review"
    assert taken["acknowledgedAt"] == "2024-05-30T13:40:00.000Z"
    decision = decide(market, case).raise_for_status().json()
    assert decision["decision"]["amountMinor"] == 18_450
    settled = post(market, "finance", f"/v1/refunds/{case['id']}/settle").raise_for_status().json()
    assert settled["status"] == "settled"
    assert settled["payout"]["method"] == "provider"
    assert entries(market, case) == [
        *(("escrow", 18_450), ("refunds-payable", -18_450)),
        *(("refunds-payable", 18_450), ("bank", -18_450)),
    ]
    notes = [note["kind"] for note in settled["notes"]]
    assert notes == ["opened", "evidence", "assigned", "approved", "settled"]
    order = market.as_("user").get(f"/v1/orders/{case['orderId']}").json()
    assert order["escrowStatus"] == "refunded"


def test_the_report_is_kept_byte_for_byte_and_shown_to_those_who_may(market: Running) -> None:
    case = opened(market)
    evidence = case["evidence"][0]
    assert evidence["sha256"] == hashlib.sha256(REPORT).hexdigest()
    for role in ("user", "finance", "support", "compliance"):
        found = market.as_(role).get(evidence["href"]).raise_for_status()
        assert found.content == REPORT
        assert found.headers["content-disposition"] == "attachment"
    assert market.as_("provider").get(evidence["href"]).status_code == 404
    assert market.as_("provider").get(f"/v1/refunds/{case['id']}").status_code == 404
    photo = {"kind": "photo", "file": document(b"\x89PNG"), "note": "Seen on Friday"}
    more = post(market, "user", f"/v1/refunds/{case['id']}/evidence", photo)
    assert [one["kind"] for one in more.json()["evidence"]] == ["inspection-report", "photo"]
    missing = market.as_("finance").get(f"/v1/refunds/{case['id']}/evidence/none")
    assert missing.status_code == 404


def test_a_large_refund_needs_compliance_and_another_person(market: Running) -> None:
    case = opened(market, large=True)
    first = decide(market, case).json()
    assert (first["status"], first["queue"]) == ("escalated", "risk")
    early = post(market, "finance", f"/v1/refunds/{case['id']}/settle")
    assert early.status_code == 409
    assert decide(market, case).status_code == 403
    confirmed = decide(market, case, "compliance").raise_for_status().json()
    assert confirmed["status"] == "approved"
    assert confirmed["decision"]["decidedBy"] != confirmed["decision"]["confirmedBy"]
    settled = post(market, "finance", f"/v1/refunds/{case['id']}/settle").raise_for_status()
    assert settled.json()["payout"]["amountMinor"] == 1_250_000


def test_compliance_may_lower_a_large_refund_but_not_raise_it(market: Running) -> None:
    case = opened(market, large=True)
    partial = {"outcome": "partial_refund", "amountMinor": 1_100_000}
    assert decide(market, case, **partial).json()["status"] == "escalated"
    assert decide(market, case, "compliance").status_code == 422
    lower = {"outcome": "partial_refund", "amountMinor": 900_000}
    assert decide(market, case, "compliance", **lower).json()["status"] == "approved"


def test_compliance_does_not_decide_the_small_ones(market: Running) -> None:
    assert decide(market, opened(market), "compliance").status_code == 403


def test_a_partial_refund_leaves_the_rest_in_escrow(market: Running) -> None:
    case = opened(market, preferredOutcome="partial_refund", amountMinor=5_000)
    decide(market, case, outcome="partial_refund").raise_for_status()
    settled = post(market, "finance", f"/v1/refunds/{case['id']}/settle").raise_for_status()
    assert settled.json()["payout"]["amountMinor"] == 5_000
    order = market.as_("user").get(f"/v1/orders/{case['orderId']}").json()
    assert (order["escrowStatus"], order["escrowMinor"]) == ("held", 13_450)


def test_a_declined_case_is_over_and_another_may_be_opened(market: Running) -> None:
    case = opened(market)
    again = post(market, "user", "/v1/refunds", opening(disputed(market)))
    assert again.status_code == 409
    declined = decide(market, case, outcome="declined").raise_for_status().json()
    assert (declined["status"], declined["queue"]) == ("declined", "closed")
    assert entries(market, case) == []
    assert decide(market, case).status_code == 409
    assert post(market, "finance", f"/v1/refunds/{case['id']}/settle").status_code == 409
    assert opened(market)["id"] != case["id"]


def test_what_is_no_ground_for_a_refund(market: Running) -> None:
    order = disputed(market)
    passed = next(one for one in order["milestones"] if one["status"] != "failed")
    for body, status in (
        (opening(order, milestoneId=passed["id"]), 409),
        (opening(order, orderId="none"), 404),
        (opening(order, amountMinor=18_451), 422),
        (opening(order, amountMinor=-1), 422),
        (opening(order, preferredOutcome="declined"), 422),
        (opening(order, inspectionReport={**document(), "contentBase64": "****"}), 422),
        # as good as "JVBERg==" to a lenient reader
        (opening(order, inspectionReport={**document(), "contentBase64": "JVBERh=="}), 422),
        (opening(order, inspectionReport={**document(), "mediaType": "text/html"}), 422),
        (opening(order, inspectionReport={**document(), "fileName": "../x"}), 422),
    ):
        assert post(market, "user", "/v1/refunds", body).status_code == status
    assert post(market, "provider", "/v1/refunds", opening(order)).status_code in (403, 404)
    assert market.as_("user").post("/v1/refunds", json=opening(order)).status_code == 400


def test_support_opens_for_the_buyer_and_nobody_decides_their_own(market: Running) -> None:
    answer = post(market, "support", "/v1/refunds", opening(disputed(market)))
    case = answer.raise_for_status().json()
    assert case["openedBy"] != case["buyerId"]
    assert market.as_("user").get(f"/v1/refunds/{case['reference']}").status_code == 200
    for role in ("support", "user", "admin"):
        assert decide(market, case, role).status_code == 403


def test_an_inspection_makes_a_milestone_fail(market: Running) -> None:
    orders = market.as_("user").get("/v1/orders?limit=200").json()["orders"]
    order = next(
        market.as_("user").get(f"/v1/orders/{one['id']}").json()
        for one in orders
        if one["status"] in ("placed", "in_progress") and one["escrowStatus"] == "held"
    )
    path = f"/v1/orders/{order['id']}/milestones/{order['milestones'][0]['id']}/inspection"
    assert post(market, "user", path, {"result": "failed"}).status_code == 403
    failed = post(market, "operations", path, {"result": "failed"}).raise_for_status().json()
    assert failed["status"] == "disputed"
    assert failed["milestones"][0]["status"] == "failed"
    body = opening(failed, amountMinor=100, preferredOutcome="partial_refund")
    mine = order["buyerId"] == market.login("user").json()["user"]["id"]
    assert post(market, "user", "/v1/refunds", body).status_code == (201 if mine else 403)


def test_the_list_for_the_bank_is_in_the_words_of_those_who_read_it(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    case = approved(market, reference="RF-1")
    post(market, "finance", "/v1/payouts/manual", {"case": case["reference"], "reason": "<b>Down"})
    page = market.as_("finance").get("/v1/payouts/manual/list").raise_for_status().text
    assert "30 May 2024, 14:30" in page, "London, not UTC"
    assert "&lt;b&gt;Down" in page


def test_the_day_the_provider_is_down(market: Running) -> None:
    case = approved(market)
    market.as_("operations").put(
        "/v1/admin/readiness/payouts", json={"status": "error", "error": "provider down"}
    ).raise_for_status()
    pending = post(market, "finance", f"/v1/refunds/{case['id']}/settle").raise_for_status().json()
    assert (pending["status"], pending["queue"], pending["payout"]) == (
        *("payout_pending", "payouts"),
        None,
    )
    paid = post(
        market,
        "finance",
        "/v1/payouts/manual",
        {"case": case["reference"], "reason": "Provider down"},
    )
    assert paid.status_code == 201
    payout = paid.json()["payout"]
    assert payout["method"] == "manual"
    twice = {"case": case["reference"], "reason": "Again"}
    assert post(market, "finance", "/v1/payouts/manual", twice).status_code == 409
    waiting = market.as_("finance").get("/v1/payouts/manual?waiting=true").json()
    assert [one["id"] for one in waiting["payouts"]] == [payout["id"]]
    assert waiting["totals"] == {"GBP": 18_450}
    page = market.as_("finance").get("/v1/payouts/manual/list").raise_for_status()
    assert "£184.50" in page.text
    assert case["reference"] in page.text
    assert "<script" not in page.text
    assert case["id"] not in page.text and payout["id"] not in page.text
    market.as_("operations").put("/v1/admin/readiness/payouts", json={"status": "ready"})
    back = post(market, "finance", f"/v1/refunds/{case['id']}/settle")
    assert back.status_code == 409
    seen = {"bankReference": "BACS-20240530-7"}
    path = f"/v1/payouts/manual/{payout['id']}/reconcile"
    assert post(market, "finance", path, seen).raise_for_status().json()["status"] == "reconciled"
    assert post(market, "finance", path, seen).status_code == 409
    assert entries(market, case) == [
        *(("escrow", 18_450), ("refunds-payable", -18_450)),
        *(("refunds-payable", 18_450), ("manual-payouts", -18_450)),
        *(("manual-payouts", 18_450), ("bank", -18_450)),
    ]
    assert market.as_("finance").get("/v1/payouts/manual?waiting=true").json()["payouts"] == []


def test_a_payout_that_came_back_is_reversed_and_may_be_paid_again(market: Running) -> None:
    case = approved(market)
    settled = post(market, "finance", f"/v1/refunds/{case['id']}/settle").json()
    failed = post(
        market, "finance", f"/v1/payouts/{settled['payout']['id']}/fail", {"reason": "Closed"}
    )
    assert failed.raise_for_status().json()["status"] == "payout_pending"
    again = post(market, "finance", f"/v1/refunds/{case['id']}/settle").raise_for_status().json()
    assert again["payout"]["id"] != settled["payout"]["id"]
    found = entries(market, case)
    assert sum(amount for account, amount in found if account == "bank") == -18_450
    assert sum(amount for account, amount in found if account == "refunds-payable") == 0
    gone = f"/v1/payouts/{settled['payout']['id']}/fail"
    assert post(market, "finance", gone, {"reason": "x"}).status_code == 409
    assert post(market, "finance", "/v1/payouts/none/fail", {"reason": "x"}).status_code == 404


def test_the_same_key_settles_once(market: Running) -> None:
    case = approved(market)
    headers = {"Idempotency-Key": "settle-once"}
    path = f"/v1/refunds/{case['id']}/settle"
    first = market.as_("finance").post(path, headers=headers).raise_for_status()
    again = market.as_("finance").post(path, headers=headers)
    assert again.json() == first.json()
    assert market.as_("finance").post(path).status_code == 400
    assert len(entries(market, case)) == 4


def test_the_database_allows_one_living_payout_and_no_change_of_notes(market: Running) -> None:
    case = approved(market)
    post(market, "finance", f"/v1/refunds/{case['id']}/settle").raise_for_status()
    copies = (
        "INSERT INTO payouts SELECT 'copy', case_id, case_reference, method, status, "
        "amount_minor, currency, payee_id, payee_name, reason, transaction_id, paid_by, paid_at, "
        "NULL, NULL, NULL FROM payouts"
    )
    for attack, words in (
        (copies, "(?i)unique|duplicate"),
        ("UPDATE refund_notes SET text = 'x'", "append only"),
        ("DELETE FROM refund_notes", "append only"),
    ):
        with pytest.raises(DBAPIError, match=words), market.db.engine.begin() as connection:
            connection.execute(text(attack))


def test_the_policy_that_the_buyer_acknowledged_stands_in_the_case(market: Running) -> None:
    policy = market.as_("user").get("/v1/legal/refund-policy").raise_for_status().json()
    market.as_("user").post(
        "/v1/legal/refund-policy/acknowledgements",
        json={"version": policy["version"], "contentSha256": policy["contentSha256"]},
    ).raise_for_status()
    case = opened(market)
    assert case["policyAcknowledgement"]["version"] == policy["version"]


def test_only_ones_own_cases_are_listed(market: Running) -> None:
    opened(market)
    assert len(market.as_("user").get("/v1/refunds").json()["cases"]) == 1
    assert market.as_("provider").get("/v1/refunds").json()["cases"] == []
    assert market.as_("finance").get("/v1/refunds?queue=risk").json()["cases"] == []
    assert market.as_("finance").get("/v1/refunds?status=received").json()["cases"]
    assert email("user") not in market.as_("finance").get("/v1/refunds").text
