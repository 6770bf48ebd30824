"""The memory target and the real service keep the same refunds port: one suite, both back ends."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from golive.adapters.memory import MemoryTarget
from golive.ports.marketplace import Refused, Session
from golive.ports.refunds import Document, Order, RefundCase, Refunds
from golive.ports.target import Target

REPORT = Document("inspection-report", "report.pdf", "application/pdf", b"%PDF-1.7 It leaks.")


@pytest.fixture(params=["memory", "service"])
def market(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryTarget().build().production
    target: Target = request.getfixturevalue("target")
    return target.production


def status(ask: Any) -> int:
    with pytest.raises(Refused) as caught:
        ask()
    return caught.value.status


def an_order(market: Refunds, session: Session, *, large: bool) -> tuple[Order, str]:
    """One with money held, and its milestone that has failed."""
    for one in market.orders(session):
        held = one.held_minor or 0
        if (held and (held > 1_000_000) is large and one.status == "disputed") or (
            held and not large and held < 1_000_000 and one.status in ("placed", "in_progress")
        ):  # fmt: skip
            order = market.order(session, one.id)
            stone = order.milestones[-1].id
            operations = market.login("operations")
            return market.note_inspection(operations, order.id, stone, "failed", "i"), stone
    raise AssertionError("no such order")


def opened(market: Refunds, *, large: bool = False, reference: str = "RF-1") -> RefundCase:
    session = market.login("user")
    order, stone = an_order(market, session, large=large)
    return market.open_refund(
        session, order, stone, reference=reference, report=REPORT, key=f"open-{reference}"
    )


def approved(market: Refunds) -> RefundCase:
    case, finance = opened(market), market.login("finance")
    return market.decide_refund(finance, case.id, "full_refund", "clear", "decide")


def test_it_says_that_it_has_refunds(market: Any) -> None:
    assert isinstance(market, Refunds)


def test_a_case_is_opened_once_and_found(market: Refunds) -> None:
    session = market.login("user")
    assert market.find_refund(session, "RF-1") is None
    case = opened(market)
    assert (case.reference, case.status, case.queue) == ("RF-1", "received", "finance")
    assert case.preferred_outcome == "full_refund"
    (report,) = case.attachments
    assert report.sha256 == hashlib.sha256(REPORT.content).hexdigest()
    assert market.refund_file(market.login("finance"), case.id, report.id) == REPORT.content
    found = market.find_refund(session, "RF-1")
    assert found is not None and found.id == case.id
    assert [one.id for one in market.refund_queue(session, "")] == [case.id]
    queued = market.refund_queue(market.login("finance"), "finance")
    assert [one.id for one in queued] == [case.id]
    order = market.order(session, case.order_id)
    again = {"reference": "RF-2", "report": REPORT, "key": "another"}
    assert status(lambda: market.open_refund(session, order, case.milestone_id, **again)) == 409


def test_taken_decided_and_paid_once(market: Refunds) -> None:
    case, finance = opened(market), market.login("finance")
    taken = market.take_refund(finance, case.id, "take")
    assert taken.acknowledged_at and taken.status == "in_review"
    letter = Document("correspondence", "a.txt", "text/plain", b"Soon.")
    assert len(market.attach_to_refund(finance, case.id, letter, "letter").attachments) == 2
    assert status(lambda: market.settle_refund(finance, case.id, "early")) == 409
    decided = market.decide_refund(finance, case.id, "full_refund", "clear", "decide")
    assert (decided.status, decided.decided_minor) == ("approved", case.requested_minor)
    assert decided.decided_by == finance.user_id
    made = market.settle_refund(finance, case.id, "pay")
    assert made.payout is not None and made.payout.method == "provider"
    again = market.settle_refund(finance, case.id, "pay")
    assert again.payout is not None and again.payout.id == made.payout.id
    assert status(lambda: market.settle_refund(finance, case.id, "pay-2")) == 409
    rows = market.ledger_rows(finance, "RF-1")
    amount = case.requested_minor or 0
    assert [(one.account, one.amount_minor) for one in rows] == [
        *(("escrow", amount), ("refunds-payable", -amount)),
        *(("refunds-payable", amount), ("bank", -amount)),
    ]
    assert sum(one.balance_minor or 0 for one in market.ledger_accounts(finance)) == 0


def test_a_payout_that_came_back_is_reversed_and_paid_again(market: Refunds) -> None:
    case, finance = approved(market), market.login("finance")
    first = market.settle_refund(finance, case.id, "pay").payout
    assert first is not None
    back = market.return_payout(finance, first.id, "closed", "back")
    assert back.case.status == "payout_pending"
    assert status(lambda: market.return_payout(finance, first.id, "closed", "back-2")) == 409
    reversing = [one for one in market.ledger_rows(finance, "RF-1") if one.reverses_id]
    assert {one.reverses_id for one in reversing} == {first.transaction_id}
    second = market.settle_refund(finance, case.id, "anew").payout
    assert second is not None and second.id != first.id


def test_while_the_provider_is_down_it_is_paid_by_hand(market: Refunds) -> None:
    case, finance, operations = (
        approved(market),
        market.login("finance"),
        market.login("operations"),
    )
    market.toggle_component(operations, "payouts", "error")
    pending = market.settle_refund(finance, case.id, "down")
    assert (pending.payout, pending.case.status) == (None, "payout_pending")
    made = market.pay_by_hand(finance, "RF-1", "down", "hand").payout
    assert made is not None and made.method == "manual"
    assert status(lambda: market.pay_by_hand(finance, "RF-1", "down", "hand-2")) == 409
    assert [one.id for one in market.manual_payouts(finance)] == [made.id]
    page = market.payout_list(finance).decode()
    assert "RF-1" in page and "£" in page
    market.toggle_component(operations, "payouts", "ready")
    assert status(lambda: market.settle_refund(finance, case.id, "late")) == 409
    seen = market.reconcile_payout(finance, made.id, "BANK-1", "seen")
    assert (seen.status, seen.bank_reference) == ("reconciled", "BANK-1")
    assert market.manual_payouts(finance) == []
    assert status(lambda: market.return_payout(finance, made.id, "x", "x")) == 409


def test_a_large_one_needs_two_persons(market: Refunds) -> None:
    case, finance = opened(market, large=True), market.login("finance")
    first = market.decide_refund(finance, case.id, "full_refund", "clear", "decide")
    assert (first.status, first.queue) == ("escalated", "risk")
    alone = ("full_refund", "clear", "alone")
    assert status(lambda: market.decide_refund(finance, case.id, *alone)) == 403
    compliance = market.login("compliance")
    done = market.decide_refund(compliance, case.id, "full_refund", "clear", "confirm")
    assert (done.status, done.confirmed_by) == ("approved", compliance.user_id)


def test_who_may_not_is_refused(market: Refunds) -> None:
    case, user = opened(market), market.login("user")
    words = ("full_refund", "clear", "k")
    assert status(lambda: market.decide_refund(user, case.id, *words)) == 403
    assert status(lambda: market.decide_refund(market.login("compliance"), case.id, *words)) == 403
    assert status(lambda: market.settle_refund(user, case.id, "k")) == 403
    assert status(lambda: market.pay_by_hand(user, "RF-1", "x", "k")) == 403
    assert status(lambda: market.ledger_rows(user, "RF-1")) == 403
    assert status(lambda: market.ledger_accounts(user)) == 403
    assert status(lambda: market.refund(market.login("legal"), case.id)) in (403, 404)
    nobody = replace(user, user_id="", authorisation={})
    assert status(lambda: market.refund(nobody, case.id)) == 401
