"""A refund case, and the rules of deciding it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from fixnado.platform import calendar
from fixnado.platform.access import Principal, Role
from fixnado.refunds.errors import NotByYou, NotNow, TooMuch

ESCALATION_MINOR: Final = 1_000_000
"""£10,000, and the same number in other currencies: more than this goes to risk and compliance."""
ACKNOWLEDGE_WITHIN: Final = timedelta(hours=24)
UPDATE_EVERY_WORKING_DAYS: Final = 2
_PLACE: Final = "GB"
_ZONE: Final = ZoneInfo("Europe/London")
_CLOSE_OF_BUSINESS: Final = time(17, 0)


class Status(StrEnum):
    RECEIVED = "received"
    IN_REVIEW = "in_review"
    ESCALATED = "escalated"
    APPROVED = "approved"
    DECLINED = "declined"
    PAYOUT_PENDING = "payout_pending"
    SETTLED = "settled"


class Queue(StrEnum):
    FINANCE = "finance"
    RISK = "risk"
    PAYOUTS = "payouts"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What the buyer would like, and what is decided."""

    FULL_REFUND = "full_refund"
    PARTIAL_REFUND = "partial_refund"
    DECLINED = "declined"


OPEN: Final = frozenset({Status.RECEIVED, Status.IN_REVIEW, Status.ESCALATED})
QUEUES: Final = {
    Status.RECEIVED: Queue.FINANCE,
    Status.IN_REVIEW: Queue.FINANCE,
    Status.ESCALATED: Queue.RISK,
    Status.APPROVED: Queue.PAYOUTS,
    Status.PAYOUT_PENDING: Queue.PAYOUTS,
    Status.DECLINED: Queue.CLOSED,
    Status.SETTLED: Queue.CLOSED,
}


@dataclass(frozen=True)
class Case:
    id: str
    reference: str
    status: Status
    order_id: str
    order_reference: str
    milestone_id: str
    milestone_title: str
    preferred_outcome: Outcome
    requested_minor: int
    refundable_minor: int
    currency: str
    reason: str
    buyer_id: str
    opened_by: str
    opened_at: datetime
    acknowledge_by: datetime
    next_update_due: datetime
    policy_version: str | None
    """The refund policy's version that the buyer had acknowledged, None when they had not."""
    policy_acknowledged_at: datetime | None
    acknowledged_at: datetime | None = None
    assignee: str | None = None
    outcome: Outcome | None = None
    decided_minor: int | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    confirmed_by: str | None = None
    """Who confirmed a large decision for risk and compliance."""
    confirmed_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def queue(self) -> Queue:
        return QUEUES[self.status]


@dataclass(frozen=True)
class Note:
    """One line of a case's notes."""

    kind: str
    actor_id: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Evidence:
    id: str
    case_id: str
    kind: str
    file_name: str
    media_type: str
    bytes: int
    sha256: str
    added_by: str
    added_at: datetime


@dataclass(frozen=True)
class Decision:
    outcome: Outcome
    amount_minor: int | None
    note: str


def next_update(now: datetime) -> datetime:
    """Close of business two working days on, where the marketplace works."""
    day = now.astimezone(_ZONE).date()
    due = calendar.add_working(_PLACE, day, UPDATE_EVERY_WORKING_DAYS)
    return datetime.combine(due, _CLOSE_OF_BUSINESS, _ZONE).astimezone(UTC)


def amount_of(case: Case, decision: Decision) -> int:
    """What `decision` gives back, in minor units; TooMuch when there isn't that much."""
    if decision.outcome is Outcome.DECLINED:
        return 0
    whole = decision.outcome is Outcome.FULL_REFUND
    amount = case.refundable_minor if whole else decision.amount_minor or case.requested_minor
    if amount > case.refundable_minor:
        raise TooMuch(amount, case.refundable_minor)
    return amount


def decided(case: Case, caller: Principal, amount_minor: int) -> Status:
    """The status that a decision of `caller` leads to; NotNow or NotByYou where it is not theirs.

    Finance decides; a large amount is confirmed by compliance, by another person. Nobody decides
    a case that they opened.
    """
    if case.status not in OPEN:
        raise NotNow(case.status.value, "decided")
    if caller.user_id == case.opened_by:
        raise NotByYou("who opened a case does not decide it")
    escalated = case.status is Status.ESCALATED
    if escalated != (caller.role is Role.COMPLIANCE):
        desk = "risk and compliance" if escalated else "finance"
        raise NotByYou(f"this decision is with {desk}")
    if escalated and caller.user_id == case.decided_by:
        raise NotByYou("a large refund is confirmed by another person than decided it")
    if not amount_minor:
        return Status.DECLINED
    if amount_minor > ESCALATION_MINOR and not escalated:
        return Status.ESCALATED
    return Status.APPROVED
