"""Transactions and their entries. Debits are positive, credits negative; no float anywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fixnado.ledger.errors import NotATransaction, Unbalanced

BANK: Final = "bank"
ESCROW: Final = "escrow"
REFUNDS_PAYABLE: Final = "refunds-payable"
MANUAL_PAYOUTS: Final = "manual-payouts"


@dataclass(frozen=True)
class Line:
    """One side of a posting: an account's code, a currency, and an amount in minor units."""

    account: str
    currency: str
    amount_minor: int

    @property
    def account_id(self) -> str:
        return f"{self.account}:{self.currency}"


@dataclass(frozen=True)
class Posting:
    """What is to be posted. `source` says what caused it, and can be posted once only."""

    source: str
    description: str
    lines: tuple[Line, ...]
    posted_by: str
    case_reference: str | None = None
    reverses_id: str | None = None


@dataclass(frozen=True)
class Entry:
    transaction_id: str
    position: int
    account: str
    account_name: str
    currency: str
    amount_minor: int
    description: str
    case_reference: str | None
    posted_by: str
    posted_at: datetime
    reverses_id: str | None

    @property
    def side(self) -> str:
        return "debit" if self.amount_minor > 0 else "credit"


@dataclass(frozen=True)
class Account:
    id: str
    code: str
    name: str
    kind: str
    currency: str
    balance_minor: int


def move(source: str, target: str, currency: str, amount_minor: int) -> tuple[Line, Line]:
    """Money out of `source` (credited) into `target` (debited)."""
    return Line(target, currency, amount_minor), Line(source, currency, -amount_minor)


def totals(lines: Iterable[Line | Entry]) -> dict[str, int]:
    """The sum by currency; all zero where the books balance."""
    found: dict[str, int] = defaultdict(int)
    for line in lines:
        found[line.currency] += line.amount_minor
    return dict(sorted(found.items()))


def check(lines: tuple[Line, ...]) -> None:
    """NotATransaction or Unbalanced, when `lines` can't stand in the books."""
    if len(lines) < 2:
        raise NotATransaction("it has fewer than two entries")
    if any(line.amount_minor == 0 for line in lines):
        raise NotATransaction("an entry moves nothing")
    for currency, amount in totals(lines).items():
        if amount:
            raise Unbalanced(currency, amount)


def reversal(entries: Iterable[Entry]) -> tuple[Line, ...]:
    """The same entries the other way round."""
    return tuple(Line(one.account, one.currency, -one.amount_minor) for one in entries)
