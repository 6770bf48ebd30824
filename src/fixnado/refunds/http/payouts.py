"""`/v1/payouts`: paying by hand on the day the provider is down, and afterwards."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from starlette.responses import HTMLResponse, Response

from fixnado.platform.access import Role
from fixnado.platform.database import UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.web import Caller, Db, Identifier, Routes
from fixnado.refunds.http.views import (
    Failure,
    ManualPayout,
    PayoutList,
    PayoutView,
    Reconciliation,
    SettlementView,
    payout_view,
    settlement_view,
)
from fixnado.refunds.model.payouts import Payout
from fixnado.refunds.service import settling

routes = Routes("refunds", prefix="/v1/payouts")
_FINANCE = frozenset({Role.FINANCE})
_READERS = frozenset({Role.FINANCE, Role.COMPLIANCE, Role.ADMIN})
Waiting = Annotated[bool, Query()]
Limit = Annotated[int, Query(ge=1, le=500)]
_ZONE = ZoneInfo("Europe/London")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
_STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#000;background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #767676;padding:.35rem .5rem;"
    "text-align:left;vertical-align:top}td.n,th.n{text-align:right;white-space:nowrap}"
    "td:first-child,td.t{white-space:nowrap}th:last-child{width:22%}"
    "tr{break-inside:avoid}@page{size:A4 landscape;margin:1.5cm}"
)


@routes.add(
    "POST",
    "/manual",
    roles=_FINANCE,
    status=201,
    refusals=(404, 409),
    response_model=SettlementView,
    summary="Pay a refund by hand",
)
def pay(
    db: Db, caller: Caller, body: ManualPayout, idempotency_key: IdempotencyKey = None
) -> Response:
    """For a decided refund that has no payout. Needs an Idempotency-Key."""

    def work(unit: UnitOfWork) -> SettlementView:
        return settlement_view(settling.pay_by_hand(unit, caller, body.case, body.reason))

    return once(db, Ask(caller, idempotency_key, "payouts.manual", body, for_ever=True), work)


@routes.add("GET", "/manual", roles=_READERS, summary="Payouts by hand")
def listed(db: Db, waiting: Waiting = False, limit: Limit = 200) -> PayoutList:
    """The oldest first, with sums; `waiting` for those that the bank has not shown."""
    found = db.read(lambda unit: settling.manual(unit, waiting=waiting, limit=limit))
    return PayoutList(payouts=tuple(payout_view(one) for one in found), totals=_totals(found))


@routes.add(
    "GET",
    "/manual/list",
    roles=_READERS,
    response_class=HTMLResponse,
    summary="The same, to print",
)
def printable(db: Db, waiting: Waiting = True, limit: Limit = 500) -> Response:
    """A table in pounds and pence, with room for a signature."""
    found = db.read(lambda unit: settling.manual(unit, waiting=waiting, limit=limit))
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return HTMLResponse(
        _page(found), headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    )


@routes.add(
    "POST",
    "/manual/{payout_id}/reconcile",
    roles=_FINANCE,
    refusals=(404, 409),
    response_model=PayoutView,
    summary="The bank shows it",
)
def reconcile(
    db: Db,
    caller: Caller,
    payout_id: Identifier,
    body: Reconciliation,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Matches a manual payout with the bank's statement. Needs an Idempotency-Key."""

    def work(unit: UnitOfWork) -> PayoutView:
        return payout_view(settling.reconcile(unit, caller, payout_id, body.bank_reference))

    operation = f"payouts.reconcile:{payout_id}"
    ask = Ask(caller, idempotency_key, operation, body, status=200, for_ever=True)
    return once(db, ask, work)


@routes.add(
    "POST",
    "/{payout_id}/fail",
    roles=_FINANCE,
    refusals=(404, 409),
    response_model=SettlementView,
    summary="A payout came back",
)
def fail(
    db: Db,
    caller: Caller,
    payout_id: Identifier,
    body: Failure,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Reverses it in the books; the refund is owed again. Needs an Idempotency-Key."""

    def work(unit: UnitOfWork) -> SettlementView:
        return settlement_view(settling.fail(unit, caller, payout_id, body.reason))

    operation = f"payouts.fail:{payout_id}"
    ask = Ask(caller, idempotency_key, operation, body, status=200, for_ever=True)
    return once(db, ask, work)


def _totals(found: list[Payout]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for one in found:
        totals[one.currency] = totals.get(one.currency, 0) + one.amount_minor
    return dict(sorted(totals.items()))


def _money(currency: str, minor: int) -> str:
    return f"{_SYMBOLS[currency]}{minor // 100:,}.{minor % 100:02d}"


def _on_paper(moment: datetime) -> str:
    """`30 May 2024, 14:32`, by the clock of those who read it."""
    local = moment.astimezone(_ZONE)
    return f"{local.day} {_MONTHS[local.month - 1]} {local:%Y, %H:%M}"


def _page(found: list[Payout]) -> str:
    rows = "".join(
        f"<tr><td>{escape(one.case_reference)}</td><td>{escape(one.payee_name)}</td>"
        f'<td class="n">{_money(one.currency, one.amount_minor)}</td>'
        f'<td>{escape(one.reason)}</td><td class="t">{_on_paper(one.paid_at)}</td>'
        f"<td>{escape(one.bank_reference or '')}</td><td></td></tr>"
        for one in found
    )
    sums = "".join(
        f'<tr><th colspan="2">Total</th><th class="n">{_money(currency, minor)}</th>'
        '<td colspan="4"></td></tr>'
        for currency, minor in _totals(found).items()
    )
    heads = ("Case", "Payee", "Amount", "Reason", "Paid", "Bank reference", "Signature")
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        f"<title>Manual payouts</title><style>{_STYLE}</style></head><body>"
        f"<h1>Manual payouts</h1><p>{len(found)} to check against the bank, times in London.</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody><tfoot>{sums}</tfoot></table>"
        "</body></html>"
    )
