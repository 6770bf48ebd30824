"""The books in the database. It refuses changes by itself; nothing here tries any."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    Select,
    String,
    Table,
    func,
    select,
)

from fixnado.ledger.model import Account, Entry, Posting
from fixnado.platform.database import UnitOfWork, UtcMoment, metadata
from fixnado.platform.ids import new_id

accounts = Table(
    "ledger_accounts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("code", String(32), nullable=False),
    Column("name", String(100), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("currency", String(3), nullable=False),
)
transactions = Table(
    "ledger_transactions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("source", String(120), nullable=False, unique=True),
    Column("description", String(200), nullable=False),
    Column("case_reference", String(64)),
    Column("posted_by", String(36), nullable=False),
    Column("posted_at", UtcMoment, nullable=False),
    Column("reverses_id", String(36), ForeignKey("ledger_transactions.id"), unique=True),
)
entries = Table(
    "ledger_entries",
    metadata,
    Column("transaction_id", String(36), ForeignKey("ledger_transactions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("account_id", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    CheckConstraint("amount_minor <> 0"),
    ForeignKeyConstraint(
        ["account_id", "currency"], ["ledger_accounts.id", "ledger_accounts.currency"]
    ),
)


def add(unit: UnitOfWork, posting: Posting) -> str:
    """Write the entries, then the transaction that seals them; its id."""
    transaction_id = new_id()
    rows = [
        {
            "transaction_id": transaction_id,
            "position": position,
            "account_id": line.account_id,
            "currency": line.currency,
            "amount_minor": line.amount_minor,
        }
        for position, line in enumerate(posting.lines, start=1)
    ]
    unit.connection.execute(entries.insert(), rows)
    head = {name: value for name, value in asdict(posting).items() if name != "lines"}
    sealed = {**head, "id": transaction_id, "posted_at": unit.now}
    unit.connection.execute(transactions.insert(), sealed)
    return transaction_id


def known_accounts(unit: UnitOfWork, account_ids: set[str]) -> set[str]:
    """Those of `account_ids` that exist."""
    query = select(accounts.c.id).where(accounts.c.id.in_(account_ids))
    return set(unit.connection.execute(query).scalars())


def posted(unit: UnitOfWork, source: str) -> bool:
    query = select(transactions.c.id).where(transactions.c.source == source)
    return unit.connection.execute(query).first() is not None


def reversed_already(unit: UnitOfWork, transaction_id: str) -> bool:
    query = select(transactions.c.id).where(transactions.c.reverses_id == transaction_id)
    return unit.connection.execute(query).first() is not None


def entries_of(unit: UnitOfWork, transaction_id: str) -> list[Entry]:
    return _entries(unit, _joined().where(transactions.c.id == transaction_id))


def entries_of_case(unit: UnitOfWork, reference: str) -> list[Entry]:
    return _entries(unit, _joined().where(transactions.c.case_reference == reference))


def latest(unit: UnitOfWork, limit: int) -> list[Entry]:
    """The entries of the last `limit` transactions, in order of posting."""
    newest = select(transactions.c.id).order_by(transactions.c.posted_at.desc()).limit(limit)
    return _entries(unit, _joined().where(transactions.c.id.in_(newest)))


def balances(unit: UnitOfWork) -> list[Account]:
    """Every account with the sum of its entries."""
    query = (
        select(accounts, func.coalesce(func.sum(entries.c.amount_minor), 0).label("balance_minor"))
        .outerjoin(entries, entries.c.account_id == accounts.c.id)
        .group_by(*accounts.c)
        .order_by(accounts.c.code, accounts.c.currency)
    )
    return [
        Account(**{**row, "balance_minor": int(row["balance_minor"])})
        for row in unit.connection.execute(query).mappings()
    ]


def _joined() -> Select[tuple[object, ...]]:
    return (
        select(
            entries.c.transaction_id,
            entries.c.position,
            accounts.c.code.label("account"),
            accounts.c.name.label("account_name"),
            entries.c.currency,
            entries.c.amount_minor,
            transactions.c.description,
            transactions.c.case_reference,
            transactions.c.posted_by,
            transactions.c.posted_at,
            transactions.c.reverses_id,
        )
        .join(transactions, transactions.c.id == entries.c.transaction_id)
        .join(accounts, accounts.c.id == entries.c.account_id)
    )


def _entries(unit: UnitOfWork, query: Select[tuple[object, ...]]) -> list[Entry]:
    # what is posted at one moment is told apart by its source, the same way every time
    order = (transactions.c.posted_at, transactions.c.source, entries.c.position)
    ordered = query.order_by(*order)
    return [Entry(**row) for row in unit.connection.execute(ordered).mappings()]
