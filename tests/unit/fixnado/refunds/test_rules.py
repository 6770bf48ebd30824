"""Who may decide what, and when the next word is due."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixnado.platform.access import Principal, Role
from fixnado.refunds.errors import NotByYou, NotNow, TooMuch
from fixnado.refunds.model.cases import (
    ESCALATION_MINOR,
    OPEN,
    Case,
    Decision,
    Outcome,
    Status,
    amount_of,
    decided,
    next_update,
)

NOW = datetime(2024, 5, 30, 9, tzinfo=UTC)


def _case(**more: Any) -> Case:
    known = {
        "id": "c",
        "reference": "RF-1",
        "status": Status.RECEIVED,
        "order_id": "o",
        "order_reference": "FX-1",
        "milestone_id": "m",
        "milestone_title": "Inspection",
        "preferred_outcome": Outcome.FULL_REFUND,
        "requested_minor": 500,
        "refundable_minor": 2_000_000,
        "currency": "GBP",
        "reason": "x",
        "buyer_id": "buyer",
        "opened_by": "buyer",
        "opened_at": NOW,
        "acknowledge_by": NOW,
        "next_update_due": NOW,
        "policy_version": None,
        "policy_acknowledged_at": None,
    }
    return Case(**{**known, **more})


@given(
    st.sampled_from(Status),
    st.sampled_from([Role.FINANCE, Role.COMPLIANCE]),
    st.sampled_from(["buyer", "first", "second"]),
    st.integers(0, 2 * ESCALATION_MINOR),
)
def test_every_decision_has_the_right_person_behind_it(
    status: Status, role: Role, who: str, amount: int
) -> None:
    case = _case(status=status, decided_by="first" if status is Status.ESCALATED else None)
    caller = Principal(who, role, "s")
    try:
        after = decided(case, caller, amount)
    except NotNow:
        assert status not in OPEN
        return
    except NotByYou:
        wrong_desk = (status is Status.ESCALATED) != (role is Role.COMPLIANCE)
        assert who == "buyer" or wrong_desk or (status is Status.ESCALATED and who == "first")
        return
    assert status in OPEN
    assert who != case.opened_by
    if after is Status.APPROVED and amount > ESCALATION_MINOR:
        assert role is Role.COMPLIANCE
        assert who != case.decided_by
    assert (after is Status.DECLINED) == (amount == 0)


def test_amounts_stay_within_what_is_held() -> None:
    case = _case()
    assert amount_of(case, Decision(Outcome.DECLINED, 5, "x")) == 0
    assert amount_of(case, Decision(Outcome.FULL_REFUND, None, "x")) == case.refundable_minor
    assert amount_of(case, Decision(Outcome.PARTIAL_REFUND, None, "x")) == 500
    with pytest.raises(TooMuch):
        amount_of(case, Decision(Outcome.PARTIAL_REFUND, case.refundable_minor + 1, "x"))


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2024-05-30T09:00", "2024-06-03T16:00"),  # Thursday to Monday
        ("2024-05-24T09:00", "2024-05-29T16:00"),  # Friday, a bank holiday on the Monday
        ("2024-12-24T09:00", "2024-12-30T17:00"),  # Christmas, in winter time
    ],
)
def test_the_next_word_is_due_two_working_days_on(now: str, due: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_update(moment) == datetime.fromisoformat(due).replace(tzinfo=UTC)
