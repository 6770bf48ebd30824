"""The refunds desk of the memory target."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from typing import TypeVar

from golive.adapters.memory.refund_books import (
    LARGE_MINOR,
    OPEN,
    RefundBooks,
    next_update,
)
from golive.adapters.memory.world import Fault, Side, World
from golive.kernel.ids import idempotency_key
from golive.kernel.times import rfc3339
from golive.ports.marketplace import Refused, Session
from golive.ports.refunds import (
    CaseNote,
    Document,
    LedgerAccount,
    LedgerRow,
    Order,
    Payout,
    RefundCase,
    Settlement,
)

_FINANCE = ("finance",)
_READERS = ("finance", "compliance", "admin")
_WORKERS = ("finance", "support", "compliance")
_SEE_ALL = (*_WORKERS, "admin")
T = TypeVar("T")


class MemoryRefunds(ABC):
    """`golive.ports.refunds.Refunds`, for `MemoryMarketplace`."""

    url: str
    _world: World
    _refunds: RefundBooks
    _pick: Callable[[], Side]

    @abstractmethod
    def _serve(self, route: str, session: Session | None = None) -> None:
        """Answer an ordinary request, or raise what it comes to."""

    @abstractmethod
    def _role(self, session: Session) -> str:
        """The role that the service takes the caller for."""

    # -- orders ----------------------------------------------------------------------------------

    def orders(self, session: Session) -> Sequence[Order]:
        self._enter("orders", session)
        mine = [one for one in self._refunds.orders.values() if one.buyer_id == session.user_id]
        return [replace(one, milestones=()) for one in mine]

    def order(self, session: Session, order_id: str) -> Order:
        self._enter("order", session)
        return self._order(order_id)

    def note_inspection(
        self, session: Session, order_id: str, milestone_id: str, result: str, key: str
    ) -> Order:
        self._enter("note_inspection", session, ("operations", "support"))

        def work() -> Order:
            order = self._order(order_id)
            if order.status in ("completed", "cancelled"):
                raise self._no("note_inspection", 409)
            stones = [
                replace(one, status=result) if one.id == milestone_id else one
                for one in order.milestones
            ]
            changed = replace(order, status="disputed", milestones=tuple(stones))
            self._refunds.orders[order_id] = changed
            return changed

        return self._once("note_inspection", "inspection-noted", milestone_id, key, work)

    # -- cases -----------------------------------------------------------------------------------

    def find_refund(self, session: Session, reference: str) -> RefundCase | None:
        self._enter("find_refund", session)
        return next((one for one in self._visible(session) if one.reference == reference), None)

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
        self._enter("open_refund", session)

        def work() -> RefundCase:
            kept = self._order(order.id)
            failed = {one.id for one in kept.milestones if one.status == "failed"}
            known = [one for one in self._refunds.cases.values() if one.status != "declined"]
            taken = any(
                one.reference == reference or one.milestone_id == milestone_id for one in known
            )
            if taken or milestone_id not in failed or not kept.held_minor:
                raise self._no("open_refund", 409)
            if kept.buyer_id != session.user_id:
                raise self._no("open_refund", 403)
            return self._opened(session, kept, milestone_id, reference, report, key)

        return self._once("open_refund", "refund-opened", reference, key, work)

    def refund(self, session: Session, case_id: str) -> RefundCase:
        self._enter("refund", session)
        return self._case(session, case_id)

    def refund_queue(self, session: Session, queue: str) -> Sequence[RefundCase]:
        self._enter("refund_queue", session)
        return [one for one in self._visible(session) if queue in ("", one.queue)]

    def take_refund(self, session: Session, case_id: str, key: str) -> RefundCase:
        def work(case: RefundCase) -> RefundCase:
            status = "in_review" if case.status == "received" else case.status
            at = case.acknowledged_at or self._now()
            taken = replace(case, status=status, acknowledged_at=at)
            return self._noted(taken, session, "assigned", "taken")

        return self._act("take_refund", session, _WORKERS, case_id, key, OPEN, work)

    def attach_to_refund(
        self, session: Session, case_id: str, document: Document, key: str
    ) -> RefundCase:
        def work(case: RefundCase) -> RefundCase:
            return self._noted(
                self._refunds.filed(case, document, key), session, "evidence", document.name
            )

        roles = ("user", *_WORKERS)
        return self._act("attach_to_refund", session, roles, case_id, key, OPEN, work)

    def refund_file(self, session: Session, case_id: str, attachment_id: str) -> bytes:
        self._enter("refund_file", session)
        self._case(session, case_id)
        if attachment_id not in self._refunds.files:
            raise self._no("refund_file", 404)
        return self._refunds.files[attachment_id]

    def decide_refund(
        self, session: Session, case_id: str, outcome: str, note: str, key: str
    ) -> RefundCase:
        def work(case: RefundCase) -> RefundCase:
            escalated = case.status == "escalated"
            wrong_desk = escalated != (self._role(session) == "compliance")
            if wrong_desk or session.user_id == case.opened_by:
                raise self._no("decide_refund", 403)
            amount = 0 if outcome == "declined" else case.requested_minor or 0
            status = "approved" if amount else "declined"
            if amount > LARGE_MINOR and not escalated:
                status = "escalated"
            who = {"confirmed_by" if escalated else "decided_by": session.user_id}
            done = replace(case, status=status, outcome=outcome, decided_minor=amount, **who)  # type: ignore[arg-type]
            return self._noted(done, session, status, note)

        roles = ("finance", "compliance")
        return self._act("decide_refund", session, roles, case_id, key, OPEN, work)

    # -- money -----------------------------------------------------------------------------------

    def settle_refund(self, session: Session, case_id: str, key: str) -> Settlement:
        def work(case: RefundCase) -> Settlement:
            case = self._owed(case)
            if self._pick().components["payouts"][0] == "error":
                return Settlement(self._refunds.kept(replace(case, status="payout_pending")), None)
            return self._paid(case, session, "provider", key)

        payable = ("approved", "payout_pending")
        return self._act("settle_refund", session, _FINANCE, case_id, key, payable, work)

    def pay_by_hand(
        self,
        session: Session,
        reference: str,
        reason: str,  # noqa: ARG002
        key: str,
    ) -> Settlement:
        def work(case: RefundCase) -> Settlement:
            return self._paid(self._owed(case), session, "manual", key)

        payable = ("approved", "payout_pending")
        return self._act("pay_by_hand", session, _FINANCE, reference, key, payable, work)

    def manual_payouts(self, session: Session) -> Sequence[Payout]:
        self._enter("manual_payouts", session, _READERS)
        found = self._refunds.payouts.values()
        return [one for one in found if (one.method, one.status) == ("manual", "paid")]

    def payout_list(self, session: Session) -> bytes:
        rows = "".join(
            f"<tr><td>{escape(one.case_reference)}<td>{escape(one.payee)}"
            f"<td>£{(one.amount_minor or 0) // 100:,}.{(one.amount_minor or 0) % 100:02d}</tr>"
            for one in self.manual_payouts(session)
        )
        return f"<!doctype html><title>Payouts</title><table>{rows}</table>".encode()

    def reconcile_payout(
        self, session: Session, payout_id: str, bank_reference: str, key: str
    ) -> Payout:
        self._enter("reconcile_payout", session, _FINANCE)

        def work() -> Payout:
            payout = self._payout("reconcile_payout", payout_id)
            self._refunds.post(
                self._of(payout), "Seen at the bank", "manual-payouts", "bank", self._clock
            )
            seen = replace(payout, status="reconciled", bank_reference=bank_reference)
            self._refunds.payouts[payout_id] = seen
            return seen

        return self._once("reconcile_payout", "payout-reconciled", payout_id, key, work)

    def return_payout(
        self,
        session: Session,
        payout_id: str,
        reason: str,  # noqa: ARG002
        key: str,
    ) -> Settlement:
        self._enter("return_payout", session, _FINANCE)

        def work() -> Settlement:
            payout = self._payout("return_payout", payout_id)
            case = self._of(payout)
            self._refunds.reverse(case, payout.transaction_id, self._clock)
            failed = replace(payout, status="failed")
            self._refunds.payouts[payout_id] = failed
            return Settlement(self._refunds.kept(replace(case, status="payout_pending")), failed)

        return self._once("return_payout", "payout-returned", payout_id, key, work)

    def ledger_rows(self, session: Session, reference: str) -> Sequence[LedgerRow]:
        self._enter("ledger_rows", session, _READERS)
        rows = [one for one in self._refunds.rows if one.case_reference == reference]
        return rows[:-1] if self._world.has(Fault.LEDGER_UNBALANCED) else rows

    def ledger_accounts(self, session: Session) -> Sequence[LedgerAccount]:
        self._enter("ledger_accounts", session, _READERS)
        sums: dict[tuple[str, str], int] = {}
        for one in self._refunds.rows:
            account = (one.account, one.currency)
            sums[account] = sums.get(account, 0) + (one.amount_minor or 0)
        return [LedgerAccount(*account, balance) for account, balance in sorted(sums.items())]

    # -- inside ----------------------------------------------------------------------------------

    def _enter(self, route: str, session: Session, roles: Sequence[str] = ()) -> None:
        self._world.call(f"marketplace.{route}")
        self._serve(route, session)
        if roles and self._role(session) not in roles:
            raise self._no(route, 403)

    def _act(
        self,
        route: str,
        session: Session,
        roles: Sequence[str],
        case_id: str,
        key: str,
        statuses: Sequence[str],
        work: Callable[[RefundCase], T],
    ) -> T:
        self._enter(route, session, roles)

        def begin() -> T:
            case = self._case(session, case_id)
            if case.status not in statuses:
                raise self._no(route, 409)
            return work(case)

        return self._once(
            route, route.replace("_", "-"), case_id, f"{session.user_id} {key}", begin
        )

    def _once(self, route: str, kind: str, subject: str, key: str, work: Callable[[], T]) -> T:
        def told() -> None:
            self._world.changed(f"marketplace.{route}", kind, subject)

        return self._refunds.once(f"{route} {subject} {key}", work, told)

    def _opened(
        self,
        session: Session,
        order: Order,
        milestone_id: str,
        reference: str,
        report: Document,
        key: str,
    ) -> RefundCase:
        now = self._world.clock.now()
        case = RefundCase(
            id=idempotency_key("memory", key),
            reference=reference,
            status="received",
            queue="finance",
            order_id=order.id,
            milestone_id=milestone_id,
            preferred_outcome="full_refund",
            currency=order.currency,
            requested_minor=order.held_minor,
            opened_by=session.user_id,
            opened_at=rfc3339(now),
            acknowledge_by=rfc3339(now + timedelta(hours=24)),
            acknowledged_at="",
            next_update_due=next_update(now),
            outcome="",
            decided_minor=None,
            decided_by="",
            confirmed_by="",
            policy_version="",
            attachments=(),
            notes=(),
            raw={},
        )
        opened = self._noted(case, session, "opened", f"Launch rehearsal {reference}")
        return self._noted(
            self._refunds.filed(opened, report, key), session, "evidence", report.name
        )

    def _owed(self, case: RefundCase) -> RefundCase:
        if case.status == "approved":
            self._refunds.release(case)
            self._refunds.post(case, "Refund decided", "escrow", "refunds-payable", self._clock)
        return case

    def _paid(self, case: RefundCase, session: Session, method: str, key: str) -> Settlement:
        if self._refunds.living(case) is not None:
            raise self._no("pay", 409)
        out = "bank" if method == "provider" else "manual-payouts"
        what = f"Refund paid ({method})"
        payout = Payout(
            id=idempotency_key("memory payout", key),
            case_reference=case.reference,
            method=method,
            status="paid",
            amount_minor=case.decided_minor,
            currency=case.currency,
            payee="A user",
            transaction_id=self._refunds.post(case, what, "refunds-payable", out, self._clock),
            bank_reference="",
        )
        self._refunds.payouts[payout.id] = payout
        settled = self._noted(replace(case, status="settled"), session, "settled", method)
        return Settlement(settled, payout)

    def _payout(self, route: str, payout_id: str) -> Payout:
        payout = self._refunds.payouts.get(payout_id)
        if payout is None:
            raise self._no(route, 404)
        if payout.status != "paid":
            raise self._no(route, 409)
        return payout

    def _of(self, payout: Payout) -> RefundCase:
        cases = self._refunds.cases.values()
        return next(one for one in cases if one.reference == payout.case_reference)

    def _noted(self, case: RefundCase, session: Session, kind: str, text: str) -> RefundCase:
        note = CaseNote(kind, session.user_id, text, self._now())
        due = next_update(self._world.clock.now())
        return self._refunds.kept(replace(case, notes=(*case.notes, note), next_update_due=due))

    def _visible(self, session: Session) -> Sequence[RefundCase]:
        everything = self._role(session) in _SEE_ALL
        found = self._refunds.cases.values()
        return [one for one in found if everything or one.opened_by == session.user_id]

    def _case(self, session: Session, case_id: str) -> RefundCase:
        for one in self._visible(session):
            if case_id in (one.id, one.reference):
                return one
        raise self._no("refund", 404)

    def _order(self, order_id: str) -> Order:
        if order_id not in self._refunds.orders:
            raise self._no("order", 404)
        return self._refunds.orders[order_id]

    def _clock(self) -> datetime:
        return self._world.clock.now()

    def _now(self) -> str:
        return rfc3339(self._clock())

    def _no(self, route: str, status: int) -> Refused:
        return Refused(f"answered {status}", status=status, where=f"{self.url} {route}")
