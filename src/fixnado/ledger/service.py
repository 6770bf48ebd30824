"""Posting, reversing, reading. What was posted stays; a mistake is answered by its opposite."""

from __future__ import annotations

from fixnado.ledger import store
from fixnado.ledger.errors import (
    AlreadyPosted,
    AlreadyReversed,
    NoSuchAccount,
    NoSuchTransaction,
    NotATransaction,
)
from fixnado.ledger.model import Account, Entry, Posting, check, reversal
from fixnado.platform.database import UnitOfWork


def post(unit: UnitOfWork, posting: Posting) -> str:
    """Put `posting` into the books; the transaction's id.

    Unbalanced, NotATransaction or NoSuchAccount when it can't stand there; AlreadyPosted when its
    source is there already.
    """
    check(posting.lines)
    wanted = {line.account_id for line in posting.lines}
    for missing in sorted(wanted - store.known_accounts(unit, wanted)):
        raise NoSuchAccount(missing)
    if store.posted(unit, posting.source):
        raise AlreadyPosted(posting.source)
    return store.add(unit, posting)


def reverse(unit: UnitOfWork, transaction_id: str, posted_by: str, reason: str) -> str:
    """Post the opposite of a transaction, once; the new transaction's id."""
    entries = store.entries_of(unit, transaction_id)
    if not entries:
        raise NoSuchTransaction
    if store.reversed_already(unit, transaction_id):
        raise AlreadyReversed
    if entries[0].reverses_id:
        raise NotATransaction("a reversal is not reversed; post anew instead")
    return post(
        unit,
        Posting(
            source=f"reversal:{transaction_id}",
            description=f"Reversal: {reason}"[:200],
            lines=reversal(entries),
            posted_by=posted_by,
            case_reference=entries[0].case_reference,
            reverses_id=transaction_id,
        ),
    )


def transaction(unit: UnitOfWork, transaction_id: str) -> list[Entry]:
    """The entries of one transaction; NoSuchTransaction where there is none."""
    entries = store.entries_of(unit, transaction_id)
    if not entries:
        raise NoSuchTransaction
    return entries


def entries(unit: UnitOfWork, case: str | None, limit: int) -> list[Entry]:
    """Those of one case, or of the last `limit` transactions."""
    return store.entries_of_case(unit, case) if case else store.latest(unit, limit)


def accounts(unit: UnitOfWork) -> list[Account]:
    """Every account with its balance."""
    return store.balances(unit)
