"""The marketplace's refunds, its books, and paying by hand on the day the payout provider is down.

Money is whole minor units of a currency; debits are positive, credits negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from golive.kernel.json import JsonObject
from golive.ports.marketplace import Marketplace, Session


@dataclass(frozen=True)
class Milestone:
    id: str
    title: str
    status: str


@dataclass(frozen=True)
class Order:
    """An order as its buyer sees it; "" and None for what the answer doesn't say."""

    id: str
    reference: str
    status: str
    buyer_id: str
    provider_id: str
    currency: str
    held_minor: int | None
    """What is held for it and can be refunded; 0 where nothing is."""
    milestones: Sequence[Milestone]
    """Empty in a list of orders."""


@dataclass(frozen=True)
class Document:
    """A file that goes with a case. `kind`: `inspection-report`, `correspondence`, …"""

    kind: str
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Attachment:
    """What the marketplace says of a file that it keeps."""

    id: str
    kind: str
    name: str
    bytes: int | None
    sha256: str


@dataclass(frozen=True)
class CaseNote:
    kind: str
    actor: str
    """Who, by user id."""
    text: str
    at: str


@dataclass(frozen=True)
class RefundCase:
    """A case as the marketplace keeps it; "" and None for what it doesn't say."""

    id: str
    reference: str
    status: str
    """`received`, `in_review`, `escalated`, `approved`, `declined`, `payout_pending`, `settled`."""
    queue: str
    order_id: str
    milestone_id: str
    preferred_outcome: str
    currency: str
    requested_minor: int | None
    opened_by: str
    opened_at: str
    acknowledge_by: str
    acknowledged_at: str
    next_update_due: str
    outcome: str
    """What was decided."""
    decided_minor: int | None
    decided_by: str
    confirmed_by: str
    policy_version: str
    """Of the refund policy: what the buyer had acknowledged."""
    attachments: Sequence[Attachment]
    notes: Sequence[CaseNote]
    raw: JsonObject


@dataclass(frozen=True)
class Payout:
    id: str
    case_reference: str
    method: str
    """`provider` or `manual`."""
    status: str
    """`paid`, `reconciled`, `failed`."""
    amount_minor: int | None
    currency: str
    payee: str
    transaction_id: str
    bank_reference: str


@dataclass(frozen=True)
class Settlement:
    """A case after money was to move; `payout` is None where none was made."""

    case: RefundCase
    payout: Payout | None


@dataclass(frozen=True)
class LedgerRow:
    """One leg of a transaction. `amount_minor` None where it is no whole number."""

    transaction_id: str
    position: int
    account: str
    currency: str
    amount_minor: int | None
    description: str
    case_reference: str
    posted_by: str
    posted_at: str
    reverses_id: str
    """The transaction that this one reverses."""


@dataclass(frozen=True)
class LedgerAccount:
    code: str
    currency: str
    balance_minor: int | None


@runtime_checkable
class Refunds(Marketplace, Protocol):
    """One way in, with its refunds desk. What a session may not do is `Refused`, with the status;
    what repeats or comes too late is `Refused` with 409."""

    def address(self, role: str) -> str:
        """The e-mail address of the rehearsal account of `role`; NotConfigured without one."""
        ...

    def orders(self, session: Session) -> Sequence[Order]:
        """The account's newest orders."""
        ...

    def order(self, session: Session, order_id: str) -> Order: ...

    def note_inspection(
        self, session: Session, order_id: str, milestone_id: str, result: str, key: str
    ) -> Order:
        """What an inspection found: `passed` or `failed`."""
        ...

    def find_refund(self, session: Session, reference: str) -> RefundCase | None:
        """The case with our reference, also where the reference is only in its words."""
        ...

    def open_refund(
        self,
        session: Session,
        order: Order,
        milestone_id: str,
        *,
        reference: str,
        report: Document,
        key: str,
    ) -> RefundCase:
        """A case over a failed milestone; the whole of what is held is asked for."""
        ...

    def refund(self, session: Session, case_id: str) -> RefundCase: ...

    def refund_queue(self, session: Session, queue: str) -> Sequence[RefundCase]:
        """`finance`, `risk`, `payouts`; "" for all that the caller may see."""
        ...

    def take_refund(self, session: Session, case_id: str, key: str) -> RefundCase:
        """The caller works on it from now on; its buyer is told so."""
        ...

    def attach_to_refund(
        self, session: Session, case_id: str, document: Document, key: str
    ) -> RefundCase: ...

    def refund_file(self, session: Session, case_id: str, attachment_id: str) -> bytes: ...

    def decide_refund(
        self, session: Session, case_id: str, outcome: str, note: str, key: str
    ) -> RefundCase:
        """`full_refund`, `partial_refund` or `declined`."""
        ...

    def settle_refund(self, session: Session, case_id: str, key: str) -> Settlement:
        """Pay through the provider; without a payout where the provider is down."""
        ...

    def pay_by_hand(self, session: Session, reference: str, reason: str, key: str) -> Settlement:
        """Pay a decided refund without the provider."""
        ...

    def manual_payouts(self, session: Session) -> Sequence[Payout]:
        """Those that the bank has not shown yet."""
        ...

    def payout_list(self, session: Session) -> bytes:
        """The same as a page to print (HTML)."""
        ...

    def reconcile_payout(
        self, session: Session, payout_id: str, bank_reference: str, key: str
    ) -> Payout:
        """The bank shows it."""
        ...

    def return_payout(self, session: Session, payout_id: str, reason: str, key: str) -> Settlement:
        """The bank gave it back: reversed in the books, owed again."""
        ...

    def ledger_rows(self, session: Session, reference: str) -> Sequence[LedgerRow]:
        """Every entry of one case, in order of posting."""
        ...

    def ledger_accounts(self, session: Session) -> Sequence[LedgerAccount]:
        """Every account of the books with its balance."""
        ...
