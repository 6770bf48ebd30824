"""The books of a case, reckoned again from their rows. Pure; money is whole minor units."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from golive.drillkit.cells import cell
from golive.kernel.json import Json
from golive.ports.refunds import LedgerRow

_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
_COLUMNS = (
    "case", "posted_at", "transaction_id", "position", "account", "side", "currency",
    "amount_minor", "amount", "description", "posted_by", "reverses_id",
)  # fmt: skip
Seen = tuple[str, int, str, str, int | None]
"""What makes a row the same row: transaction, position, account, currency, amount."""


@dataclass(frozen=True)
class Imbalance:
    """A transaction whose legs in one currency don't sum to zero."""

    transaction: str
    description: str
    case: str
    currency: str
    off_minor: int
    legs: int

    def words(self) -> str:
        missing = "a leg is missing" if self.legs == 1 else f"{self.legs} legs"
        return (
            f"transaction {self.transaction} of {self.case} ({self.description}) is off by "
            f"{money(self.currency, self.off_minor)}: {missing}"
        )


def imbalances(rows: Sequence[LedgerRow]) -> Sequence[Imbalance]:
    """Every transaction that doesn't balance, by currency, in order of appearance."""
    legs: dict[tuple[str, str], list[LedgerRow]] = defaultdict(list)
    for row in rows:
        legs[row.transaction_id, row.currency].append(row)
    found = []
    for (transaction, currency), some in legs.items():
        off = sum(one.amount_minor or 0 for one in some)
        if off or len(some) < 2:
            first = some[0]
            found.append(
                Imbalance(
                    transaction, first.description, first.case_reference, currency, off, len(some)
                )
            )
    return found


def totals(rows: Sequence[LedgerRow]) -> Mapping[str, int]:
    """The sum of every currency; zero where the books balance."""
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row.currency] += row.amount_minor or 0
    return dict(sorted(sums.items()))


def left(rows: Sequence[LedgerRow], cash: Collection[str], currency: str) -> int:
    """How much money has gone out by the accounts `cash`, what came back taken off."""
    return -on(rows, cash, currency)


def on(rows: Sequence[LedgerRow], accounts: Collection[str], currency: str) -> int:
    """The balance of `accounts`: debits positive."""
    mine = [one for one in rows if one.account in accounts and one.currency == currency]
    return sum(one.amount_minor or 0 for one in mine)


def mirrored(rows: Sequence[LedgerRow], transaction: str) -> bool:
    """Whether another transaction says that it reverses this one, and is its exact opposite."""
    legs = Counter(_leg(one) for one in rows if one.transaction_id == transaction)
    opposite = Counter(_leg(one, -1) for one in rows if one.reverses_id == transaction)
    return bool(legs) and legs == opposite


def _leg(row: LedgerRow, sign: int = 1) -> tuple[str, str, int]:
    return (row.account, row.currency, sign * (row.amount_minor or 0))


def seen(row: LedgerRow) -> Seen:
    return (row.transaction_id, row.position, row.account, row.currency, row.amount_minor)


def remembered(rows: Sequence[LedgerRow]) -> Json:
    """Rows as a step may return them."""
    return [list(seen(one)) for one in rows]


def forgotten(memo: Json, rows: Sequence[LedgerRow]) -> int:
    """How many of the rows remembered are no longer there as they were."""
    now = {seen(one) for one in rows}
    then = memo if isinstance(memo, list) else []
    return sum(tuple(one) not in now for one in then if isinstance(one, list))


def money(currency: str, minor: int) -> str:
    """`£184.50`; `-£184.50`; `184.50 CHF` where the currency has no sign here."""
    sign, minor = ("-", -minor) if minor < 0 else ("", minor)
    figure = f"{minor // 100:,}.{minor % 100:02d}"
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{figure}" if symbol else f"{sign}{figure} {currency}".rstrip()


def amount(currency: str, minor: int | None) -> str | None:
    """`money`, for a check: no two amounts of a currency read alike. None of None."""
    return None if minor is None else money(currency, minor)


def to_csv(rows: Sequence[LedgerRow]) -> str:
    """The rows as a table (RFC 4180) that a spreadsheet opens without running anything."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for one in rows:
        amount = one.amount_minor
        writer.writerow(
            (
                *map(cell, (one.case_reference, one.posted_at, one.transaction_id)),
                one.position,
                cell(one.account),
                "" if amount is None else "debit" if amount > 0 else "credit",
                cell(one.currency),
                "" if amount is None else amount,
                ""
                if amount is None
                else f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}",
                *map(cell, (one.description, one.posted_by, one.reverses_id)),
            )
        )
    return text.getvalue()
