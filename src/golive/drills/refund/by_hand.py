"""The day the payout provider is down: paid by hand, from a list on paper, and reconciled later."""

from __future__ import annotations

import re
from html import unescape

from golive.drillkit.attempts import attempted, refused
from golive.drills.refund.books import money, remembered
from golive.drills.refund.params import Ctx, Desk, Ground, at_desk, case_id, ground
from golive.drills.refund.paying import CONFLICT, ask_again, nothing_added, rows_of
from golive.kernel.ids import sha256_hex
from golive.kernel.json import Json
from golive.ports.refunds import Payout, Settlement

_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.I)
_ROW = re.compile(r"<tr\b", re.I)
_TAG = re.compile(r"<(style|script)\b.*?</\1>|<[^>]+>", re.I | re.S)
_ACTIVE = re.compile(r"<script\b|\son\w+\s*=|\bsrc\s*=|@import|url\(", re.I)
_REASON = "The payout provider is down"


def by_hand(ctx: Ctx) -> Json:
    """Switch the provider off, settle, pay by hand, switch it on again, settle once more. In one
    step: a stage that was killed comes back with its provider on."""
    desk, chosen, identifier = at_desk(ctx), ground(ctx, "fallback"), case_id(ctx, "fallback")
    if chosen is None or not identifier:
        ctx.holds("paid-by-hand", "a refund can be paid by hand", None,
                  detail="there is no second case to pay")  # fmt: skip
        return None
    try:
        made = _while_down(ctx, desk, chosen, identifier)
    finally:
        attempted(
            ctx, "provider-back", "the payout provider is switched on again", lambda: back(ctx)
        )
    if made is None or made.payout is None:
        return None
    refused(
        ctx,
        "provider-does-not-pay-too",
        "with the provider back, what was paid by hand is not paid again",
        CONFLICT,
        lambda: _settle(ctx, desk, identifier, "settle-late"),
    )
    after = rows_of(ctx, desk, chosen)
    return {"payout": made.payout.id, "rows": remembered(after or ())}


def back(ctx: Ctx) -> Json:
    """The provider on again; it may be on already."""
    desk = at_desk(ctx)
    desk.market.toggle_component(desk.as_(ctx.params.inspector), ctx.params.component, "ready")
    return ctx.params.component


def undo(ctx: Ctx) -> Json:
    """As `back`, where there was anything to switch."""
    return back(ctx) if ctx.params.provider_down else None


def _while_down(ctx: Ctx, desk: Desk, chosen: Ground, identifier: str) -> Settlement | None:
    def switch_off() -> bool:
        session = desk.as_(ctx.params.inspector)
        desk.market.toggle_component(session, ctx.params.component, "error")
        return True

    if attempted(ctx, "provider-down", "the payout provider can be switched off", switch_off):
        pending = attempted(
            ctx,
            "settled-while-down",
            "a case can be settled while the provider is down",
            lambda: _settle(ctx, desk, identifier, "settle-down"),
        )
        if pending is not None:
            _judge_pending(ctx, pending)

    def pay(key: str) -> Settlement:
        session = desk.as_(ctx.params.finance)
        return desk.market.pay_by_hand(session, chosen.reference, _REASON, ctx.key(key))

    made = attempted(ctx, "paid-by-hand", "Finance pays the refund by hand", lambda: pay("hand"))
    if made is None:
        return None
    ctx.equals(
        "paid-manually",
        "the payout says that it was made by hand",
        "manual",
        made.payout.method if made.payout else None,
    )
    _list(ctx, desk, chosen, made.payout)
    before = rows_of(ctx, desk, chosen)
    ask_again(ctx, chosen, "manual-payout", made, lambda: pay("hand"), lambda: pay("hand-2"))
    nothing_added(ctx, chosen, before, rows_of(ctx, desk, chosen))
    return made


def _settle(ctx: Ctx, desk: Desk, identifier: str, key: str) -> Settlement:
    return desk.market.settle_refund(desk.as_(ctx.params.finance), identifier, ctx.key(key))


def _judge_pending(ctx: Ctx, pending: Settlement) -> None:
    ctx.equals(
        "falls-to-hand",
        "while the provider is down the refund is owed, waits, and nobody claims to have paid it",
        "payout_pending",
        pending.case.status if pending.payout is None else "paid",
    )


def _list(ctx: Ctx, desk: Desk, chosen: Ground, payout: Payout | None) -> None:
    """What Finance takes to the bank, kept before it is judged."""
    page = attempted(
        ctx,
        "list-printed",
        "there is a list of manual payouts to print",
        lambda: desk.market.payout_list(desk.as_(ctx.params.finance)),
    )
    if page is None:
        return
    ctx.save("payouts", page, fidelity=desk.market.fidelity)
    html = page.decode("utf-8", "replace")
    # a table's rows one by one: another's amount beside this case would send the wrong money
    rows = [" ".join(unescape(_TAG.sub(" ", one)).split()) for one in _ROW.split(html)]
    amount = money(payout.currency, payout.amount_minor or 0) if payout else ""
    wanted = (chosen.reference, payout.payee if payout else "", amount)
    ctx.holds(
        "list-complete",
        "a line of the list names the case, who is paid, and the amount in pounds and pence",
        all(wanted) and any(all(one in row for one in wanted) for row in rows),
        detail=f"looked for {chosen.reference}, {amount or '(no payout)'} and "
        + ("the payee's name" if wanted[1] else "(nobody is named as the payee)"),
    )
    ids = _UUID.findall(" ".join(rows))
    ctx.holds(
        "list-readable",
        "the list is for people and for paper: no machine's ids, nothing that must be loaded",
        not ids and not _ACTIVE.search(html),
        detail=f"{len(ids)} ids of a machine",
    )


def reconcile(ctx: Ctx) -> Json:
    """The bank shows the payout: it leaves the list, and is not paid again."""
    desk, made = at_desk(ctx), ctx.memo.get("by-hand")
    payout = str(made.get("payout") or "") if isinstance(made, dict) else ""
    if not payout:
        ctx.holds("reconciled", "a payout by hand is reconciled with the bank", None,
                  detail="none was made")  # fmt: skip
        return None
    statement = f"REHEARSAL-{sha256_hex(ctx.key('bank').encode())[:10].upper()}"

    def act() -> Payout:
        session = desk.as_(ctx.params.finance)
        return desk.market.reconcile_payout(session, payout, statement, ctx.key("reconcile"))

    seen = attempted(ctx, "reconcile-noted", "Finance can note that the bank shows it", act)
    if seen is None:
        return None
    ctx.equals("reconciled", "a payout by hand is reconciled with the bank", "reconciled",
               seen.status or None)  # fmt: skip
    ctx.equals("bank-reference", "the bank's own reference is kept", statement, seen.bank_reference)
    waiting = attempted(
        ctx,
        "waiting-read",
        "what the bank has not shown yet can be listed",
        lambda: desk.market.manual_payouts(desk.as_(ctx.params.finance)),
    )
    if waiting is not None:
        ctx.holds(
            "off-the-list",
            "a reconciled payout waits no longer",
            all(one.id != payout for one in waiting),
        )
    return {"bankReference": seen.bank_reference}
