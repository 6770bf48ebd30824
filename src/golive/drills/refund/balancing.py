"""The books at the end: every row kept as a table, then reckoned again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from golive.drillkit.attempts import attempted
from golive.drills.refund import books
from golive.drills.refund.params import Ctx, Desk, Ground, at_desk, case_id, grounds
from golive.kernel.json import Json
from golive.ports.refunds import LedgerAccount, LedgerRow, RefundCase

_REMEMBERED = {"case": "settle", "fallback": "by-hand"}


def balance(ctx: Ctx) -> Json:
    """Read, keep, judge."""
    desk = at_desk(ctx)
    by_case: dict[str, Sequence[LedgerRow]] = {}
    for ground in grounds(ctx):
        found = attempted(
            ctx,
            ground.check("ledger-read"),
            f"the ledger gives the entries of {ground.reference}",
            lambda ground=ground: desk.market.ledger_rows(  # type: ignore[misc]
                desk.as_(ctx.params.finance), ground.reference
            ),
        )
        if found is not None:
            by_case[ground.part] = found
    rows = [row for some in by_case.values() for row in some]
    ctx.save("ledger", books.to_csv(rows), fidelity=desk.market.fidelity)
    _judge_rows(ctx, rows)
    for ground in grounds(ctx):
        if ground.part in by_case:
            _judge_case(ctx, desk, ground, by_case[ground.part])
    _judge_reversal(ctx, by_case.get("case", ()))
    _judge_accounts(ctx, desk)
    sums: dict[str, Json] = dict(books.totals(rows))
    return {"entries": len(rows), "totals": sums}


def _judge_rows(ctx: Ctx, rows: Sequence[LedgerRow]) -> None:
    """Reckoned here; what the service says of its own sums is not asked."""
    unread = sum(one.amount_minor is None for one in rows)
    ctx.at_most(
        "unreadable_entries",
        "every entry has an amount in whole minor units",
        0,
        unread if rows else None,
        unit="entries",
    )
    wrong = books.imbalances(rows)
    ctx.at_most(
        "ledger_imbalance",
        "the legs of every transaction sum to zero, in each currency",
        0,
        len(wrong) if rows else None,
        unit="transactions",
        detail="; ".join(one.words() for one in wrong),
    )
    sums = books.totals(rows)
    off = {currency: amount for currency, amount in sums.items() if amount}
    ctx.at_most(
        "currency_imbalance",
        "the entries of the cases sum to zero in each currency",
        0,
        len(off) if rows else None,
        unit="currencies",
        detail=", ".join(books.money(currency, amount) for currency, amount in sums.items()),
    )


def _judge_case(ctx: Ctx, desk: Desk, ground: Ground, rows: Sequence[LedgerRow]) -> None:
    params = ctx.params
    case = attempted(
        ctx,
        ground.check("case-read"),
        "the case can be read beside its entries",
        lambda: desk.market.refund(desk.as_(params.finance), case_id(ctx, ground.part)),
    )
    decided, currency = _decided(case)
    ctx.equals(
        ground.check("paid_minor"),
        f"what has left for {ground.reference}, less what came back, is the decided amount: once",
        books.amount(currency, decided),
        books.amount(currency, books.left(rows, params.cash, currency))
        if rows and decided is not None
        else None,
    )
    ctx.equals(
        ground.check("owed_minor"),
        f"nothing is owed for {ground.reference} any more",
        books.money(currency, 0),
        books.money(currency, books.on(rows, (params.payable,), currency)) if rows else None,
    )
    strangers = [one for one in rows if one.case_reference not in ("", ground.reference)]
    ctx.at_most(
        ground.check("foreign_entries"),
        "every entry names this case",
        0,
        len(strangers) if rows else None,
        unit="entries",
    )
    memo = ctx.memo.get(_REMEMBERED[ground.part])
    earlier = memo.get("rows") if isinstance(memo, Mapping) else None
    ctx.at_most(
        ground.check("entries_changed"),
        "every entry that was there before is there still, as it was",
        0,
        books.forgotten(earlier, rows) if earlier else None,
        unit="entries",
    )


def _decided(case: RefundCase | None) -> tuple[int | None, str]:
    return (case.decided_minor, case.currency) if case else (None, "")


def _judge_reversal(ctx: Ctx, rows: Sequence[LedgerRow]) -> None:
    paid = ctx.memo.get("settle")
    transaction = str(paid.get("transaction") or "") if isinstance(paid, Mapping) else ""
    ctx.holds(
        "reversal-visible",
        "the payout that came back is answered by its exact opposite, and both stay in the books",
        books.mirrored(rows, transaction) if transaction and ctx.memo.get("bounce") else None,
    )


def _judge_accounts(ctx: Ctx, desk: Desk) -> None:
    """Of the whole market: other people's business must balance as well."""
    found = attempted(
        ctx,
        "accounts-read",
        "the ledger gives every account with its balance",
        lambda: desk.market.ledger_accounts(desk.as_(ctx.params.finance)),
    )
    if found is None:
        return
    off = _off(found)
    known = bool(found) and all(one.balance_minor is not None for one in found)
    ctx.at_most(
        "accounts_imbalance",
        "all accounts together sum to zero in each currency",
        0,
        len(off) if known else None,
        unit="currencies",
        detail=", ".join(f"off by {books.money(name, amount)}" for name, amount in off.items()),
    )


def _off(accounts: Sequence[LedgerAccount]) -> Mapping[str, int]:
    sums: dict[str, int] = {}
    for one in accounts:
        sums[one.currency] = sums.get(one.currency, 0) + (one.balance_minor or 0)
    return {currency: amount for currency, amount in sums.items() if amount}
