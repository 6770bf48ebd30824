"""The books balance, whatever is done to them, and whoever tries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fixnado.ledger import service
from fixnado.ledger.errors import (
    AlreadyPosted,
    AlreadyReversed,
    NoSuchAccount,
    NotATransaction,
    Unbalanced,
)
from fixnado.ledger.model import Line, Posting, move
from fixnado.platform.database import Database
from fixnado_world import Running, Sqlite

CODES = ("bank", "escrow", "refunds-payable", "manual-payouts", "fees")


@pytest.fixture
def books(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def _posting(*lines: Line, source: str | None = None) -> Posting:
    return Posting(source or f"test:{uuid4()}", "A test", lines, "somebody", "RF-TEST-1")


def test_a_posting_and_its_reversal_leave_nothing(books: Database) -> None:
    before = {one.id: one.balance_minor for one in books.read(service.accounts)}
    lines = move("escrow", "refunds-payable", "GBP", 12_345)
    posted = books.write(lambda unit: service.post(unit, _posting(*lines)))
    after = {one.id: one.balance_minor for one in books.read(service.accounts)}
    assert after["escrow:GBP"] - before["escrow:GBP"] == -12_345
    assert after["refunds-payable:GBP"] - before["refunds-payable:GBP"] == 12_345
    books.write(lambda unit: service.reverse(unit, posted, "somebody", "a mistake"))
    assert {one.id: one.balance_minor for one in books.read(service.accounts)} == before
    with pytest.raises(AlreadyReversed):
        books.write(lambda unit: service.reverse(unit, posted, "somebody", "again"))


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ((), NotATransaction),
        ((Line("bank", "GBP", 1),), NotATransaction),
        ((Line("bank", "GBP", 0), Line("escrow", "GBP", 0)), NotATransaction),
        ((Line("bank", "GBP", 2), Line("escrow", "GBP", -1)), Unbalanced),
        ((Line("bank", "GBP", 1), Line("escrow", "EUR", -1)), Unbalanced),
        ((Line("moon", "GBP", 1), Line("escrow", "GBP", -1)), NoSuchAccount),
        ((Line("bank", "XXX", 1), Line("escrow", "XXX", -1)), NoSuchAccount),
    ],
)
def test_what_can_not_stand_in_the_books(
    books: Database, lines: tuple[Line, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        books.write(lambda unit: service.post(unit, _posting(*lines)))


def test_the_same_source_is_posted_once(books: Database) -> None:
    lines = move("bank", "escrow", "EUR", 5)
    books.write(lambda unit: service.post(unit, _posting(*lines, source="order:1")))
    with pytest.raises(AlreadyPosted):
        books.write(lambda unit: service.post(unit, _posting(*lines, source="order:1")))


ATTACKS = {
    "change an amount": "UPDATE ledger_entries SET amount_minor = amount_minor + 1",
    "move to another account": "UPDATE ledger_entries SET account_id = 'fees:GBP'",
    "delete entries": "DELETE FROM ledger_entries",
    "delete a transaction": "DELETE FROM ledger_transactions",
    "rewrite history": "UPDATE ledger_transactions SET description = 'nothing happened'",
    "add to a sealed transaction": (
        "INSERT INTO ledger_entries SELECT transaction_id, 99, account_id, currency, 1 "
        "FROM ledger_entries WHERE position = 1"
    ),
    "seal nothing": (
        "INSERT INTO ledger_transactions (id, source, description, posted_by, posted_at) "
        "SELECT 'x', 'x', 'x', 'x', posted_at FROM ledger_transactions LIMIT 1"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_itself_refuses(books: Database, attack: str) -> None:
    before = books.read(lambda unit: service.entries(unit, None, 200))
    assert before
    with pytest.raises(DBAPIError, match="ledger:"):
        books.write(lambda unit: unit.connection.execute(text(ATTACKS[attack])))
    assert books.read(lambda unit: service.entries(unit, None, 200)) == before


def test_the_database_refuses_what_does_not_balance(books: Database) -> None:
    def attack(unit) -> None:  # type: ignore[no-untyped-def]
        entry = text("INSERT INTO ledger_entries VALUES ('x', :n, :account, 'GBP', :amount)")
        unit.connection.execute(entry, {"n": 1, "account": "bank:GBP", "amount": 100})
        unit.connection.execute(entry, {"n": 2, "account": "escrow:GBP", "amount": -99})
        head = text(
            "INSERT INTO ledger_transactions (id, source, description, posted_by, posted_at) "
            "VALUES ('x', 'x', 'x', 'x', :now)"
        )
        unit.connection.execute(head, {"now": "2026-01-01 00:00:00+00:00"})

    with pytest.raises(DBAPIError, match="does not balance"):
        books.write(attack)


def test_entries_that_nobody_seals_are_gone(books: Database) -> None:
    orphan = text("INSERT INTO ledger_entries VALUES ('orphan', 1, 'bank:GBP', 'GBP', 7)")
    with pytest.raises(DBAPIError):
        books.write(lambda unit: unit.connection.execute(orphan))
    assert all(
        one.transaction_id != "orphan"
        for one in books.read(lambda unit: service.entries(unit, None, 200))
    )


@pytest.fixture(scope="module")
def shared_books(sqlite_kind: Sqlite) -> Iterator[Database]:
    database = Database(sqlite_kind.fresh())
    yield database
    database.close()


amounts = st.integers(-(10**12), 10**12)
lines = st.lists(
    st.builds(Line, st.sampled_from(CODES), st.sampled_from(["GBP", "EUR", "USD"]), amounts),
    max_size=5,
)
acts = st.lists(st.one_of(lines, st.integers(0, 20)), max_size=8)


@given(acts)
def test_the_books_balance_after_any_sequence(shared_books: Database, acts: list) -> None:
    """Postings of any kind (some made to balance, most refused) and reversals of any of them."""
    posted: list[str] = []
    for act in acts:
        try:
            if isinstance(act, int):
                if posted:
                    victim = posted[act % len(posted)]
                    posted.append(
                        shared_books.write(
                            lambda unit, victim=victim: service.reverse(unit, victim, "x", "x")
                        )
                    )
            else:
                sums: dict[str, int] = defaultdict(int)
                for line in act:
                    sums[line.currency] += line.amount_minor
                rest = [Line("fees", currency, -amount) for currency, amount in sums.items()]
                complete = _posting(*act, *(rest if len(act) % 2 else ()))
                posted.append(shared_books.write(lambda unit, it=complete: service.post(unit, it)))
        except (NotATransaction, Unbalanced, AlreadyReversed):
            continue
    balances: dict[str, int] = defaultdict(int)
    for account in shared_books.read(service.accounts):
        balances[account.currency] += account.balance_minor
    assert set(balances.values()) == {0}


def test_finance_reads_and_reverses_over_the_wire_once(market: Running) -> None:
    finance = market.as_("finance")
    accounts = finance.get("/v1/ledger/accounts").raise_for_status().json()
    assert set(accounts["totals"].values()) == {0}
    entries = finance.get("/v1/ledger/entries").raise_for_status().json()
    assert set(entries["totals"].values()) == {0}
    victim = entries["entries"][0]["transactionId"]
    path, body = f"/v1/ledger/transactions/{victim}/reverse", {"reason": "opened twice"}
    assert finance.post(path, json=body).status_code == 400
    key = {"Idempotency-Key": "reverse-1"}
    first = finance.post(path, json=body, headers=key)
    assert first.status_code == 201
    again = finance.post(path, json=body, headers=key)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = finance.post(path, json={"reason": "another"}, headers=key)
    assert other.status_code == 422
    assert finance.post(path, json=body, headers={"Idempotency-Key": "2"}).status_code == 409
    missing = "/v1/ledger/transactions/none/reverse"
    assert finance.post(missing, json=body, headers={"Idempotency-Key": "3"}).status_code == 404
    after = finance.get("/v1/ledger/accounts").json()
    assert set(after["totals"].values()) == {0}
