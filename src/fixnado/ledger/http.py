"""`/v1/ledger`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from fixnado.ledger import service
from fixnado.ledger.model import Account, Entry, totals
from fixnado.platform.access import Role
from fixnado.platform.database import UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.moments import Moment
from fixnado.platform.web import Caller, Db, Identifier, Routes
from fixnado.platform.wire import Incoming, Line, Outgoing, Reference

routes = Routes("ledger")
READERS = frozenset({Role.FINANCE, Role.COMPLIANCE, Role.ADMIN})


class AccountView(Outgoing):
    id: str
    code: str
    name: str
    kind: str
    currency: str
    balance_minor: int


class Accounts(Outgoing):
    accounts: tuple[AccountView, ...]
    totals: dict[str, int]
    """The sum of all balances by currency: zero, or the books are broken."""


class EntryView(Outgoing):
    transaction_id: str
    position: int
    account: str
    account_name: str
    side: str
    currency: str
    amount_minor: int
    description: str
    case_reference: str | None
    posted_by: str
    posted_at: Moment
    reverses_id: str | None


class Entries(Outgoing):
    entries: tuple[EntryView, ...]
    totals: dict[str, int]


class Reversal(Incoming):
    reason: Line


@routes.add("GET", "/ledger/accounts", roles=READERS, summary="Accounts and balances")
def accounts(db: Db) -> Accounts:
    """Every account with its balance: debits positive, credits negative, in minor units."""
    found = db.read(service.accounts)
    views = tuple(AccountView.model_validate(one) for one in found)
    return Accounts(accounts=views, totals=_sums(found))


@routes.add("GET", "/ledger/entries", roles=READERS, summary="Entries")
def entries(
    db: Db,
    case: Annotated[Reference | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Entries:
    """The entries of a case, or of the last transactions, with their sum by currency."""
    return _entries(db.read(lambda unit: service.entries(unit, case, limit)))


@routes.add(
    "POST",
    "/ledger/transactions/{transaction_id}/reverse",
    roles=frozenset({Role.FINANCE}),
    status=201,
    refusals=(404, 409),
    response_model=Entries,
    summary="Reverse a transaction",
)
def reverse(
    db: Db,
    caller: Caller,
    transaction_id: Identifier,
    body: Reversal,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Post the opposite of a transaction. Needs an Idempotency-Key; can be done once."""

    def work(unit: UnitOfWork) -> Entries:
        reversing = service.reverse(unit, transaction_id, caller.user_id, body.reason)
        return _entries(service.transaction(unit, reversing))

    operation = f"ledger.reverse:{transaction_id}"
    return once(db, Ask(caller, idempotency_key, operation, body, for_ever=True), work)


def _entries(found: Sequence[Entry]) -> Entries:
    views = tuple(EntryView.model_validate(entry) for entry in found)
    return Entries(entries=views, totals=totals(found))


def _sums(found: Sequence[Account]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for account in found:
        sums[account.currency] = sums.get(account.currency, 0) + account.balance_minor
    return sums
