"""Reckoning the books again from their rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drills.refund import books
from golive.ports.refunds import LedgerRow

_ACCOUNTS = ("escrow", "refunds-payable", "bank", "manual-payouts")


def row(
    transaction: str, account: str, amount: int | None, currency: str = "GBP", **more: str
) -> LedgerRow:
    return LedgerRow(
        transaction_id=transaction,
        position=1,
        account=account,
        currency=currency,
        amount_minor=amount,
        description=more.get("description", "Refund"),
        case_reference="RF-1",
        posted_by="somebody",
        posted_at="2024-05-30T13:30:00.000Z",
        reverses_id=more.get("reverses", ""),
    )


@st.composite
def balanced(draw: st.DrawFn) -> Sequence[LedgerRow]:
    """Transactions of two to four legs in one or two currencies, each summing to zero."""
    rows = []
    for number in range(draw(st.integers(1, 5))):
        for currency in draw(st.sets(st.sampled_from(["GBP", "EUR"]), min_size=1)):
            amounts = draw(st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=3))
            for amount in [*amounts, -sum(amounts)]:
                account = draw(st.sampled_from(_ACCOUNTS))
                rows.append(row(f"t{number}", account, amount, currency))
    return rows


@given(balanced(), st.randoms())
def test_balanced_books_balance_in_any_order(rows: Sequence[LedgerRow], chance: object) -> None:
    shuffled = sorted(rows, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert books.imbalances(shuffled) == []
    assert set(books.totals(shuffled).values()) == {0}


@given(balanced(), st.data())
def test_a_leg_that_is_missing_or_changed_is_found(
    rows: Sequence[LedgerRow], data: st.DataObject
) -> None:
    legs = [number for number, one in enumerate(rows) if one.amount_minor]
    if not legs:
        return
    place = data.draw(st.sampled_from(legs))
    lost = rows[place]
    spoilt = [*rows[:place], *rows[place + 1 :]]
    left = [one for one in spoilt if one.transaction_id == lost.transaction_id]
    if any(one.currency == lost.currency for one in left):
        (found,) = books.imbalances(spoilt)
        assert found.transaction == lost.transaction_id
        assert found.off_minor == -(lost.amount_minor or 0)
        assert lost.transaction_id in found.words()
    changed = [*spoilt, row(lost.transaction_id, lost.account, 1 + (lost.amount_minor or 0),
                            lost.currency)]  # fmt: skip
    assert [one.off_minor for one in books.imbalances(changed)] == [1]


def test_errors_that_cancel_out_are_found_by_transaction() -> None:
    rows = [row("t1", "bank", 5), row("t1", "escrow", -4), row("t2", "bank", 5),
            row("t2", "escrow", -6)]  # fmt: skip
    assert set(books.totals(rows).values()) == {0}
    assert [one.off_minor for one in books.imbalances(rows)] == [1, -1]


def test_a_single_leg_of_nothing_is_no_transaction() -> None:
    (found,) = books.imbalances([row("t1", "bank", 0)])
    assert "a leg is missing" in found.words()


def test_money_out_is_what_left_less_what_came_back() -> None:
    paid = [row("t1", "refunds-payable", 500), row("t1", "bank", -500)]
    back = [
        row("t2", "refunds-payable", -500, reverses="t1"),
        row("t2", "bank", 500, reverses="t1"),
    ]
    assert books.left(paid, ("bank",), "GBP") == 500
    assert books.left([*paid, *back], ("bank",), "GBP") == 0
    assert books.left(paid, ("bank",), "EUR") == 0
    assert books.mirrored([*paid, *back], "t1")
    assert not books.mirrored(paid, "t1")
    assert not books.mirrored([*paid, back[0]], "t1"), "half a reversal is none"
    assert not books.mirrored([*paid, *back, back[1]], "t1"), "nor is one and a half"


def test_what_was_there_must_be_there_still() -> None:
    rows = [row("t1", "bank", -5), row("t1", "escrow", 5)]
    memo = books.remembered(rows)
    assert books.forgotten(memo, [*rows, row("t2", "bank", 1)]) == 0
    assert books.forgotten(memo, rows[:1]) == 1
    assert books.forgotten(memo, [rows[0], row("t1", "escrow", 6)]) == 1


@pytest.mark.parametrize(
    ("currency", "minor", "shown"),
    [
        ("GBP", 18_450, "£184.50"),
        ("GBP", 1_250_000, "£12,500.00"),
        ("GBP", -5, "-£0.05"),
        ("EUR", 100, "€1.00"),
        ("CHF", 100, "1.00 CHF"),
        ("", 100, "1.00"),
    ],
)
def test_money_as_people_write_it(currency: str, minor: int, shown: str) -> None:
    assert books.money(currency, minor) == shown


def test_the_table_is_for_a_spreadsheet_and_runs_nothing() -> None:
    rows = [row("t1", "bank", -5, description='=HYPERLINK("http://x")'), row("t1", "escrow", None)]
    first, second = csv.DictReader(io.StringIO(books.to_csv(rows), newline=""))
    assert first["description"].startswith("'=")
    assert (first["amount_minor"], first["amount"], first["side"]) == ("-5", "-0.05", "credit")
    assert (second["amount_minor"], second["side"]) == ("", "")
