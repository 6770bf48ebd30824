"""`golive.ports.refunds.Refunds` over the service's HTTP contract."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from golive.adapters.fixnado_http import refund_reading as reading
from golive.adapters.fixnado_http.reading import Calls, listed
from golive.adapters.fixnado_http.wire import redacted
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.ports.marketplace import Refused, Session
from golive.ports.refunds import (
    Document,
    LedgerAccount,
    LedgerRow,
    Order,
    Payout,
    RefundCase,
    Settlement,
)

_PAGE = 200
"""The longest list that the contract allows."""
_UNKNOWN_FIELD = (400, 422)


class RefundsCalls(Calls):
    """The routes of refunds, payouts and the ledger, for `FixnadoMarketplace`."""

    def orders(self, session: Session) -> Sequence[Order]:
        reply = self._signed("GET", f"/orders?limit={_PAGE}", session)
        return [reading.order(one) for one in listed(reply, "orders", "items", "data")]

    def order(self, session: Session, order_id: str) -> Order:
        return reading.order(self._signed("GET", f"/orders/{_part(order_id)}", session).object())

    def note_inspection(
        self, session: Session, order_id: str, milestone_id: str, result: str, key: str
    ) -> Order:
        path = f"/orders/{_part(order_id)}/milestones/{_part(milestone_id)}/inspection"
        body: Json = {"result": result}
        return reading.order(self._signed("POST", path, session, body, key).object())

    def find_refund(self, session: Session, reference: str) -> RefundCase | None:
        try:
            found = reading.case(self._signed("GET", _case(reference), session).object())
        except Refused as refusal:
            if refusal.status not in (400, 404, 422):
                raise
            reply = self._signed("GET", f"/refunds?limit={_PAGE}", session)
            cases = [reading.case(one) for one in listed(reply, "cases", "refunds", "items")]
            return next((one for one in cases if reading.ours(one, reference)), None)
        if not reading.ours(found, reference):
            raise PortError(
                f"asked for {reference}, it answered with another case",
                where=_case(reference),
                answer=str(dict(found.raw))[:500],
            )
        return found

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
        body: dict[str, Json] = {
            "orderId": order.id,
            "milestoneId": milestone_id,
            "inspectionReport": _file(report),
            "preferredOutcome": "full_refund",
            # also in the words, for a back end that keeps no references
            "reason": f"The inspection failed. Launch rehearsal {reference}",
            "reference": reference,
        }
        try:
            reply = self._signed("POST", "/refunds", session, body, key)
        except Refused as refusal:
            if refusal.status not in _UNKNOWN_FIELD:
                raise
            del body["reference"]
            reply = self._signed("POST", "/refunds", session, body, f"{key}-plain")
        return reading.case(reply.object())

    def refund(self, session: Session, case_id: str) -> RefundCase:
        return reading.case(self._signed("GET", _case(case_id), session).object())

    def refund_queue(self, session: Session, queue: str) -> Sequence[RefundCase]:
        query = urlencode({"queue": queue, "limit": _PAGE} if queue else {"limit": _PAGE})
        reply = self._signed("GET", f"/refunds?{query}", session)
        return [reading.case(one) for one in listed(reply, "cases", "refunds", "items")]

    def take_refund(self, session: Session, case_id: str, key: str) -> RefundCase:
        reply = self._signed("POST", f"{_case(case_id)}/assign", session, {}, key)
        return reading.case(reply.object())

    def attach_to_refund(
        self, session: Session, case_id: str, document: Document, key: str
    ) -> RefundCase:
        body: Json = {"kind": document.kind, "file": _file(document)}
        reply = self._signed("POST", f"{_case(case_id)}/evidence", session, body, key)
        return reading.case(reply.object())

    def refund_file(self, session: Session, case_id: str, attachment_id: str) -> bytes:
        path = f"{_case(case_id)}/evidence/{_part(attachment_id)}"
        return self._signed("GET", path, session).data

    def decide_refund(
        self, session: Session, case_id: str, outcome: str, note: str, key: str
    ) -> RefundCase:
        body: Json = {"outcome": outcome, "note": note}
        reply = self._signed("POST", f"{_case(case_id)}/decide", session, body, key)
        return reading.case(reply.object())

    def settle_refund(self, session: Session, case_id: str, key: str) -> Settlement:
        path = f"{_case(case_id)}/settle"
        return reading.settlement(self._signed("POST", path, session, None, key).object())

    def pay_by_hand(self, session: Session, reference: str, reason: str, key: str) -> Settlement:
        body: Json = {"case": reference, "reason": reason}
        reply = self._signed("POST", "/payouts/manual", session, body, key)
        return reading.settlement(reply.object())

    def manual_payouts(self, session: Session) -> Sequence[Payout]:
        reply = self._signed("GET", f"/payouts/manual?waiting=true&limit={_PAGE}", session)
        return [reading.payout(one) for one in listed(reply, "payouts", "items", "data")]

    def payout_list(self, session: Session) -> bytes:
        reply = self._signed("GET", "/payouts/manual/list", session)
        if reply.text.lstrip()[:1] != "<":
            raise PortError(
                "the answer is no page to print", where=reply.where, answer=redacted(reply.text)
            )
        return reply.data

    def reconcile_payout(
        self, session: Session, payout_id: str, bank_reference: str, key: str
    ) -> Payout:
        path = f"/payouts/manual/{_part(payout_id)}/reconcile"
        body: Json = {"bankReference": bank_reference}
        return reading.payout(self._signed("POST", path, session, body, key).object())

    def return_payout(self, session: Session, payout_id: str, reason: str, key: str) -> Settlement:
        path = f"/payouts/{_part(payout_id)}/fail"
        body: Json = {"reason": reason}
        return reading.settlement(self._signed("POST", path, session, body, key).object())

    def ledger_rows(self, session: Session, reference: str) -> Sequence[LedgerRow]:
        query = urlencode({"case": reference})
        reply = self._signed("GET", f"/ledger/entries?{query}", session)
        return [reading.row(one) for one in listed(reply, "entries", "items", "data")]

    def ledger_accounts(self, session: Session) -> Sequence[LedgerAccount]:
        reply = self._signed("GET", "/ledger/accounts", session)
        return [reading.account(one) for one in listed(reply, "accounts", "items", "data")]


def _part(text: str) -> str:
    return quote(text, safe="")


def _case(case_id: str) -> str:
    return f"/refunds/{_part(case_id)}"


def _file(document: Document) -> Json:
    return {
        "fileName": document.name,
        "mediaType": document.media_type,
        "contentBase64": base64.b64encode(document.content).decode(),
    }
