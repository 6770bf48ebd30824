"""What the memory target keeps of refunds: orders, cases, payouts, and books in double entry."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from golive.kernel.ids import idempotency_key
from golive.kernel.times import rfc3339
from golive.ports.refunds import (
    Attachment,
    Document,
    LedgerRow,
    Milestone,
    Order,
    Payout,
    RefundCase,
)

T = TypeVar("T")
Clock = Callable[[], datetime]

OPEN = ("received", "in_review", "escalated")
QUEUES = {
    "received": "finance",
    "in_review": "finance",
    "escalated": "risk",
    "approved": "payouts",
    "payout_pending": "payouts",
}
LARGE_MINOR = 1_000_000
_SATURDAY = 5


@dataclass
class RefundBooks:
    """State of the refunds desk. It belongs to the world and outlives every rehearsal; a test may
    change it."""

    orders: dict[str, Order] = field(default_factory=lambda: _orders())
    cases: dict[str, RefundCase] = field(default_factory=dict)
    payouts: dict[str, Payout] = field(default_factory=dict)
    rows: list[LedgerRow] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, object] = field(default_factory=dict)
    """Idempotency key to what it was answered with."""

    def once(self, key: str, work: Callable[[], T], told: Callable[[], None]) -> T:
        """`work`, or what came of it the first time. `told` comes after the answer is kept: who is
        cut off there finds it again, as with a service that keeps both in one transaction."""
        if key not in self.answers:
            self.answers[key] = work()
            told()
        return self.answers[key]  # type: ignore[return-value]

    def post(self, case: RefundCase, what: str, debit: str, credit: str, clock: Clock) -> str:
        """Two legs of the case's decided amount; the transaction's id."""
        return self._legs(case, what, ((debit, 1), (credit, -1)), clock)

    def reverse(self, case: RefundCase, transaction: str, clock: Clock) -> str:
        """The same legs the other way round."""
        legs = [(one.account, -1 if (one.amount_minor or 0) > 0 else 1)
                for one in self.rows if one.transaction_id == transaction]  # fmt: skip
        return self._legs(case, "Reversal", tuple(legs), clock, transaction)

    def living(self, case: RefundCase) -> Payout | None:
        """Its payout that has not failed."""
        mine = [one for one in self.payouts.values() if one.case_reference == case.reference]
        return next((one for one in mine if one.status != "failed"), None)

    def release(self, case: RefundCase) -> None:
        """The decided amount leaves the order's escrow."""
        order = self.orders[case.order_id]
        self.orders[order.id] = replace(order, held_minor=0)

    def _legs(
        self,
        case: RefundCase,
        what: str,
        legs: tuple[tuple[str, int], ...],
        clock: Clock,
        reverses: str = "",
    ) -> str:
        number = len({one.transaction_id for one in self.rows}) + 1
        transaction = f"txn-{number:04d}"
        self.rows += [
            LedgerRow(
                transaction_id=transaction,
                position=position,
                account=account,
                currency=case.currency,
                amount_minor=sign * (case.decided_minor or 0),
                description=what,
                case_reference=case.reference,
                posted_by="finance-1",
                posted_at=rfc3339(clock()),
                reverses_id=reverses,
            )
            for position, (account, sign) in enumerate(legs, start=1)
        ]
        return transaction

    def kept(self, case: RefundCase) -> RefundCase:
        """The case in the queue of its status, as it is found from now on."""
        queued = replace(case, queue=QUEUES.get(case.status, "closed"))
        self.cases[queued.id] = queued
        return queued

    def filed(self, case: RefundCase, document: Document, key: str) -> RefundCase:
        """The case with the document; its bytes are kept."""
        identifier = idempotency_key("memory file", key)
        self.files[identifier] = document.content
        digest = hashlib.sha256(document.content).hexdigest()
        size = len(document.content)
        kept = Attachment(identifier, document.kind, document.name, size, digest)
        return replace(case, attachments=(*case.attachments, kept))


def _orders() -> dict[str, Order]:
    """Of the account `user`: two small ones, a large one, and one that is over."""
    made = {}
    for number, (status, held, last) in enumerate(
        (
            ("placed", 98_930, "pending"),
            ("disputed", 1_250_000, "failed"),
            ("in_progress", 18_450, "pending"),
            ("completed", 0, "passed"),
        ),
        start=1,
    ):
        identifier = f"order-{number}"
        made[identifier] = Order(
            id=identifier,
            reference=f"FX-{number:06d}",
            status=status,
            buyer_id="user-1",
            provider_id="person-000",
            currency="GBP",
            held_minor=held,
            milestones=(
                Milestone(f"{identifier}-survey", "Survey", "passed"),
                Milestone(f"{identifier}-work", "Work done", last),
            ),
        )
    return made


def next_update(now: datetime) -> str:
    """Close of business in London, two weekdays on."""
    zone = ZoneInfo("Europe/London")
    day, left = now.astimezone(zone).date(), 2
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return rfc3339(datetime.combine(day, time(17), zone).astimezone(UTC))
