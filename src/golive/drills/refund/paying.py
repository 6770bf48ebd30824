"""The case is paid through the provider, once however often it is asked for; then the bank gives
the money back, which is reversed in the books and paid again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from golive.drillkit.attempts import attempted, refused, told
from golive.drills.refund.books import remembered, seen
from golive.drills.refund.params import Ctx, Desk, Ground, at_desk, case_id, ground
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.ports.marketplace import Refused
from golive.ports.refunds import LedgerRow, Settlement

Rows = Sequence[LedgerRow] | None
CONFLICT = (409,)
"""How what was paid already must be refused."""


def settle(ctx: Ctx) -> Json:
    """Pay, and ask twice more: with the same key, and with another."""
    desk, chosen, identifier = at_desk(ctx), ground(ctx, "case"), case_id(ctx, "case")
    if chosen is None or not identifier:
        raise ctx.fail("there is no case to settle")

    def pay(key: str) -> Settlement:
        return desk.market.settle_refund(desk.as_(ctx.params.finance), identifier, ctx.key(key))

    settled = attempted(ctx, "settled", "Finance settles the case", lambda: pay("settle"))
    if settled is None:
        return None
    ctx.equals("settled-status", "the case is settled", "settled", settled.case.status or None)
    method = settled.payout.method if settled.payout else ""
    ctx.equals("paid-by-provider", "the payout provider paid it", "provider", method or None)
    before = rows_of(ctx, desk, chosen)
    ask_again(ctx, chosen, "settlement", settled, lambda: pay("settle"), lambda: pay("settle-2"))
    after = rows_of(ctx, desk, chosen)
    nothing_added(ctx, chosen, before, after)
    return {
        "payout": settled.payout.id if settled.payout else "",
        "transaction": settled.payout.transaction_id if settled.payout else "",
        "rows": remembered(after or ()),
    }


def bounce(ctx: Ctx) -> Json:
    """The bank gives the money back: owed again, and paid again."""
    desk, identifier = at_desk(ctx), case_id(ctx, "case")
    paid = ctx.memo.get("settle")
    payout = str(paid.get("payout") or "") if isinstance(paid, dict) else ""
    claim = "a payout that came back is taken note of, and the refund is owed again"
    if not payout:
        ctx.holds("returned", claim, None, detail="there was no payout that could come back")
        return None
    back = attempted(
        ctx,
        "return-noted",
        "Finance can note that a payout came back",
        lambda: desk.market.return_payout(
            desk.as_(ctx.params.finance),
            payout,
            "Rehearsal: the account was closed",
            ctx.key("return"),
        ),
    )
    if back is None:
        return None
    ctx.equals("returned", claim, "payout_pending", back.case.status or None)
    again = attempted(
        ctx,
        "paid-again",
        "what is owed again can be paid again",
        lambda: desk.market.settle_refund(
            desk.as_(ctx.params.finance), identifier, ctx.key("settle-anew")
        ),
    )
    if again is None:
        return None
    other = again.payout.id if again.payout else ""
    ctx.holds(
        "another-payout",
        "the second payout is another one, so that both are in the records",
        bool(other) and other != payout,
    )
    return {"payout": other}


def ask_again(
    ctx: Ctx,
    ground: Ground,
    what: str,
    first: Settlement,
    same: Callable[[], Settlement],
    other: Callable[[], Settlement],
) -> None:
    """Nobody is paid twice: the same key has the same answer, another key is refused."""
    claim = f"the same {what} asked for again, by the same key, has the same answer"
    try:
        repeated = same()
        paid = first.payout.id if first.payout else ""
        again = repeated.payout.id if repeated.payout else ""
        ctx.equals(ground.check(f"{what}-repeated"), claim, paid, again)
    except Refused as refusal:
        # no keys, but no second payout either
        ctx.holds(ground.check(f"{what}-repeated"), claim, False, detail=told(refusal))
    except PortError as error:
        ctx.holds(ground.check(f"{what}-repeated"), claim, None, detail=told(error))
    twice = ground.check(f"{what}-twice-refused")
    refused(ctx, twice, f"a second {what} is refused", CONFLICT, other)


def rows_of(ctx: Ctx, desk: Desk, ground: Ground) -> Rows:
    """The entries of a case as they are now; None, told in the log, where they can't be read."""
    try:
        return desk.market.ledger_rows(desk.as_(ctx.params.finance), ground.reference)
    except PortError as error:
        ctx.log(f"the entries of {ground.reference} can't be read: {told(error)}")
        return None


def nothing_added(ctx: Ctx, ground: Ground, before: Rows, after: Rows) -> None:
    """The books are the same before and after the repeats."""
    known = before is not None and after is not None and bool(before)
    then, now = [seen(one) for one in before or ()], [seen(one) for one in after or ()]
    added = len([one for one in now if one not in then]) + len(set(then) - set(now))
    ctx.at_most(
        ground.check("entries_added_by_repeats"),
        "asking again has put nothing into the books",
        0,
        added if known else None,
        unit="entries",
        detail=f"{len(then)} entries before, {len(now)} after",
    )
