"""Settling through the books, and paying by hand when the provider is down.

Deciding owes the money: it leaves escrow for refunds payable. Paying takes it from there, to the
bank or to the manual payouts that the bank has not shown yet. A payout that failed is reversed,
and only then can there be another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fixnado.commerce import service as commerce
from fixnado.identity import service as identity
from fixnado.ledger import service as ledger
from fixnado.ledger.model import BANK, ESCROW, MANUAL_PAYOUTS, REFUNDS_PAYABLE, Posting, move
from fixnado.platform.access import Principal
from fixnado.platform.database import UnitOfWork
from fixnado.platform.ids import new_id
from fixnado.refunds.errors import NoSuchPayout, NotNow, PaidAlready
from fixnado.refunds.model.cases import Case, Note, Status
from fixnado.refunds.model.payouts import Method, Payout, PayoutStatus
from fixnado.refunds.service import desk
from fixnado.refunds.store import cases, payouts


@dataclass(frozen=True)
class Settlement:
    file: desk.File
    payout: Payout | None


def settle(unit: UnitOfWork, caller: Principal, case_id: str, *, provider_up: bool) -> Settlement:
    """Owe the decided amount and pay it, or leave it pending while the provider is down."""
    case = desk.see(unit, caller, case_id)
    if case.status not in (Status.APPROVED, Status.PAYOUT_PENDING):
        raise NotNow(case.status.value, "settled")
    if case.status is Status.APPROVED:
        _owe(unit, caller, case)
    if not provider_up:
        return Settlement(_pending(unit, caller, case), None)
    payout = _pay(unit, caller, case, Method.PROVIDER, "Refund by the payout provider")
    return Settlement(_settled(unit, caller, case, payout), payout)


def pay_by_hand(unit: UnitOfWork, caller: Principal, case_id: str, reason: str) -> Settlement:
    """Pay a decided refund without the provider; PaidAlready when it has a payout."""
    case = desk.see(unit, caller, case_id)
    if payouts.living(unit, case.id) is not None:
        raise PaidAlready
    if case.status not in (Status.APPROVED, Status.PAYOUT_PENDING):
        raise NotNow(case.status.value, "paid")
    if case.status is Status.APPROVED:
        _owe(unit, caller, case)
    payout = _pay(unit, caller, case, Method.MANUAL, reason)
    return Settlement(_settled(unit, caller, case, payout), payout)


def reconcile(unit: UnitOfWork, caller: Principal, payout_id: str, bank_reference: str) -> Payout:
    """The bank shows a manual payout: it leaves the account of those it did not."""
    payout = _living(unit, payout_id, "reconciled")
    if payout.method is not Method.MANUAL or payout.status is PayoutStatus.RECONCILED:
        raise NotNow(payout.status.value, "reconciled")
    _post(
        unit,
        caller,
        payout.case_reference,
        f"payout:{payout.id}:reconciled",
        f"Manual payout seen at the bank: {bank_reference}",
        (MANUAL_PAYOUTS, BANK),
        (payout.currency, payout.amount_minor),
    )
    seen = replace(
        payout,
        status=PayoutStatus.RECONCILED,
        bank_reference=bank_reference,
        reconciled_by=caller.user_id,
        reconciled_at=unit.now,
    )
    payouts.change(
        unit,
        payout.id,
        status=seen.status.value,
        bank_reference=seen.bank_reference,
        reconciled_by=seen.reconciled_by,
        reconciled_at=seen.reconciled_at,
    )
    return seen


def fail(unit: UnitOfWork, caller: Principal, payout_id: str, reason: str) -> Settlement:
    """A payout came back: reverse it in the books; the refund is owed again."""
    payout = _living(unit, payout_id, "failed")
    if payout.status is not PayoutStatus.PAID:
        raise NotNow(payout.status.value, "failed")
    ledger.reverse(unit, payout.transaction_id, caller.user_id, reason)
    payouts.change(unit, payout.id, status=PayoutStatus.FAILED.value)
    case = desk.see(unit, caller, payout.case_id)
    cases.change(unit, case.id, status=Status.PAYOUT_PENDING.value, settled_at=None)
    cases.note(unit, case.id, Note("payout failed", caller.user_id, reason, unit.now))
    owed = replace(case, status=Status.PAYOUT_PENDING, settled_at=None)
    failed = replace(payout, status=PayoutStatus.FAILED)
    return Settlement(desk.file(unit, owed), failed)


def manual(unit: UnitOfWork, *, waiting: bool, limit: int) -> list[Payout]:
    """Payouts made by hand, the oldest first."""
    return payouts.manual(unit, waiting=waiting, limit=limit)


def _owe(unit: UnitOfWork, caller: Principal, case: Case) -> None:
    amount = case.decided_minor or 0
    commerce.refund(unit, case.order_id, amount)
    _post(
        unit,
        caller,
        case.reference,
        f"refund:{case.id}:owed",
        f"Refund decided for {case.order_reference}",
        (ESCROW, REFUNDS_PAYABLE),
        (case.currency, amount),
    )


def _pay(unit: UnitOfWork, caller: Principal, case: Case, method: Method, reason: str) -> Payout:
    if payouts.living(unit, case.id) is not None:
        raise PaidAlready
    amount = case.decided_minor or 0
    attempt = payouts.attempts(unit, case.id) + 1
    transaction_id = _post(
        unit,
        caller,
        case.reference,
        f"refund:{case.id}:paid:{attempt}",
        f"Refund paid ({method.value})",
        (REFUNDS_PAYABLE, MANUAL_PAYOUTS if method is Method.MANUAL else BANK),
        (case.currency, amount),
    )
    payee = identity.person(unit, case.buyer_id)
    payout = Payout(
        id=new_id(),
        case_id=case.id,
        case_reference=case.reference,
        method=method,
        status=PayoutStatus.PAID,
        amount_minor=amount,
        currency=case.currency,
        payee_id=payee.id,
        payee_name=payee.name,
        reason=reason,
        transaction_id=transaction_id,
        paid_by=caller.user_id,
        paid_at=unit.now,
    )
    payouts.add(unit, payout)
    return payout


def _post(
    unit: UnitOfWork,
    caller: Principal,
    case_reference: str,
    source: str,
    description: str,
    accounts: tuple[str, str],
    money: tuple[str, int],
) -> str:
    """Debit the first account, credit the second."""
    debit, credit = accounts
    return ledger.post(
        unit,
        Posting(
            source=source,
            description=description[:200],
            lines=move(credit, debit, *money),
            posted_by=caller.user_id,
            case_reference=case_reference,
        ),
    )


def _pending(unit: UnitOfWork, caller: Principal, case: Case) -> desk.File:
    if case.status is not Status.PAYOUT_PENDING:
        cases.change(unit, case.id, status=Status.PAYOUT_PENDING.value)
        words = "owed; the payout provider is down, so it is paid by hand or later"
        cases.note(unit, case.id, Note("payout pending", caller.user_id, words, unit.now))
    return desk.file(unit, replace(case, status=Status.PAYOUT_PENDING))


def _settled(unit: UnitOfWork, caller: Principal, case: Case, payout: Payout) -> desk.File:
    cases.change(unit, case.id, status=Status.SETTLED.value, settled_at=unit.now)
    words = f"payout {payout.id} ({payout.method.value}), ledger {payout.transaction_id}"
    cases.note(unit, case.id, Note("settled", caller.user_id, words, unit.now))
    return desk.file(unit, replace(case, status=Status.SETTLED, settled_at=unit.now))


def _living(unit: UnitOfWork, payout_id: str, act: str) -> Payout:
    payout = payouts.get(unit, payout_id)
    if payout is None:
        raise NoSuchPayout
    if payout.status is PayoutStatus.FAILED:
        raise NotNow(payout.status.value, act)
    return payout
