"""Whatever is done with refunds, in any order: the books balance, and nobody is paid twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixnado.commerce import service as commerce
from fixnado.identity import service as identity
from fixnado.ledger import service as ledger
from fixnado.ledger.model import totals
from fixnado.platform.access import Principal, Role
from fixnado.platform.database import Database, UnitOfWork
from fixnado.platform.errors import Conflict, Forbidden, Invalid, NotFound
from fixnado.refunds.model.cases import Case, Decision, Outcome, Status
from fixnado.refunds.service import desk, settling
from fixnado.refunds.service.desk import Opening, Upload
from fixnado_world import Postgres, Sqlite, email

REPORT = Upload("inspection-report", "r.pdf", "application/pdf", b"%PDF-1.7")
_REFUSALS = (Conflict, Forbidden, Invalid, NotFound)
_CASH = ("bank", "manual-payouts")


class Undone(Exception):
    """Ends a unit of work without a trace."""


@dataclass
class Day:
    """Cases over the orders in dispute of the rehearsal's buyer, in one unit of work."""

    unit: UnitOfWork
    cases: list[str] = field(default_factory=list)
    payouts: list[str] = field(default_factory=list)
    reversed_by_hand: bool = False
    provider_up: bool = True

    def __post_init__(self) -> None:
        people = {role: identity.find_by_email(self.unit, email(role)) for role in Role
                  if role is not Role.GUEST}  # fmt: skip
        self.staff = {
            role: Principal(person.id, role, "session") for role, person in people.items() if person
        }
        buyer = self.staff[Role.USER]
        self.orders = [
            order.id
            for order in commerce.recent_orders(self.unit, buyer, 50)
            if order.status == "disputed" and order.buyer_id == buyer.user_id
        ]

    def attempt(self, work: Callable[[], Any]) -> Any:
        """`work` in a transaction of its own within this one; None where it was refused."""
        try:
            with self.unit.connection.begin_nested():
                return work()
        except _REFUSALS:
            return None

    def open(self, number: int, amount: int | None) -> None:
        buyer = self.staff[Role.USER]
        order, milestones = commerce.order(self.unit, buyer, self.orders[number % len(self.orders)])
        failed = next(one for one in milestones if one.status == "failed")
        wish = Outcome.PARTIAL_REFUND if amount else Outcome.FULL_REFUND
        opening = Opening(order.id, failed.id, wish, amount, "It leaks.", None)
        made = self.attempt(lambda: desk.open_case(self.unit, buyer, opening, REPORT))
        if made:
            self.cases.append(made.case.id)

    def decide(self, number: int, role: Role, outcome: Outcome) -> None:
        self._with_case(
            number,
            lambda case: desk.decide(
                self.unit, self.staff[role], case, Decision(outcome, None, "clear")
            ),
        )

    def settle(self, number: int, role: Role) -> None:
        finance = self.staff[role]
        made = self._with_case(
            number,
            lambda case: settling.settle(self.unit, finance, case, provider_up=self.provider_up),
        )
        self._remember(made)

    def by_hand(self, number: int) -> None:
        finance = self.staff[Role.FINANCE]
        made = self._with_case(
            number, lambda case: settling.pay_by_hand(self.unit, finance, case, "down")
        )
        self._remember(made)

    def reconcile(self, number: int) -> None:
        finance = self.staff[Role.FINANCE]
        self._with_payout(
            number, lambda payout: settling.reconcile(self.unit, finance, payout, f"BANK-{number}")
        )

    def fail(self, number: int) -> None:
        finance = self.staff[Role.FINANCE]
        self._with_payout(
            number, lambda payout: settling.fail(self.unit, finance, payout, "came back")
        )

    def reverse(self, number: int) -> None:
        """Somebody reverses a transaction of a case past the refunds desk."""
        entries = [one for case in self.living() for one in self.entries(case)]
        if not entries:
            return
        victim = entries[number % len(entries)].transaction_id
        done = self.attempt(lambda: ledger.reverse(self.unit, victim, "somebody", "by hand"))
        self.reversed_by_hand = self.reversed_by_hand or bool(done)

    def toggle(self, _: int) -> None:
        self.provider_up = not self.provider_up

    def living(self) -> list[Case]:
        return [desk.see(self.unit, self.staff[Role.FINANCE], one) for one in self.cases]

    def entries(self, case: Case) -> list[Any]:
        return ledger.entries(self.unit, case.reference, 200)

    def _with_case(self, number: int, work: Callable[[str], Any]) -> Any:
        if self.cases:
            return self.attempt(lambda: work(self.cases[number % len(self.cases)]))
        return None

    def _with_payout(self, number: int, work: Callable[[str], Any]) -> None:
        if self.payouts:
            self.attempt(lambda: work(self.payouts[number % len(self.payouts)]))

    def _remember(self, made: Any) -> None:
        if made and made.payout:
            self.payouts.append(made.payout.id)


def hold(day: Day) -> None:
    """What must be true at every moment."""
    sums: dict[str, int] = {}
    for account in ledger.accounts(day.unit):
        sums[account.currency] = sums.get(account.currency, 0) + account.balance_minor
    assert set(sums.values()) == {0}
    for case in day.living():
        entries = day.entries(case)
        assert set(totals(entries).values()) <= {0}
        left = -sum(one.amount_minor for one in entries if one.account in _CASH)
        owed = -sum(one.amount_minor for one in entries if one.account == "refunds-payable")
        decided = case.decided_minor or 0
        assert left <= decided, "more was paid than was decided"
        if day.reversed_by_hand:
            continue
        paid = case.status is Status.SETTLED
        pending = case.status is Status.PAYOUT_PENDING
        assert left == (decided if paid else 0)
        assert owed == (decided if pending else 0)


numbers = st.integers(0, 7)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("open"), numbers, st.none() | st.integers(1, 20_000)),
        st.tuples(
            st.just("decide"),
            numbers,
            st.sampled_from([Role.FINANCE, Role.FINANCE, Role.COMPLIANCE, Role.USER]),
            st.sampled_from([Outcome.FULL_REFUND, Outcome.PARTIAL_REFUND, Outcome.DECLINED]),
        ),
        st.tuples(st.just("settle"), numbers, st.just(Role.FINANCE)),
        *(
            st.tuples(st.just(name), numbers)
            for name in ("by_hand", "reconcile", "fail", "reverse", "toggle")
        ),
    ),
    min_size=3,
    max_size=16,
)
START = (("open", 0, None), ("open", 1, None), ("decide", 0, Role.FINANCE, Outcome.FULL_REFUND),
         ("decide", 1, Role.FINANCE, Outcome.FULL_REFUND))  # fmt: skip
"""Most sequences should get as far as money."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def books(request: pytest.FixtureRequest) -> Iterator[Database]:
    kind: Sqlite | Postgres = request.getfixturevalue(f"{request.param}_kind")
    url = kind.fresh()
    database = Database(url)
    yield database
    database.close()
    kind.drop(url)


def _never_off(books: Database, given_acts: list[Any], begun: bool) -> None:
    def work(unit: UnitOfWork) -> None:
        day = Day(unit)
        for name, *rest in [*(START if begun else ()), *given_acts]:
            getattr(day, name)(*rest)
            hold(day)
        raise Undone

    with pytest.raises(Undone):
        books.write(work)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(given_acts=acts, begun=st.booleans())
def test_no_sequence_unbalances_the_books_or_pays_twice(
    books: Database, given_acts: list[Any], begun: bool
) -> None:
    _never_off(books, given_acts, begun)


@pytest.mark.endurance
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(given_acts=acts, begun=st.booleans())
def test_nor_do_many(books: Database, given_acts: list[Any], begun: bool) -> None:
    _never_off(books, given_acts, begun)


def test_the_sequences_get_as_far_as_money(books: Database) -> None:
    """The property above is about something: this day pays by the provider, by hand, and back."""

    def work(unit: UnitOfWork) -> None:
        day = Day(unit)
        later = (("settle", 0, Role.FINANCE), ("fail", 0), ("toggle", 0),
                 ("settle", 0, Role.FINANCE), ("by_hand", 0), ("reconcile", 1),
                 ("decide", 1, Role.COMPLIANCE, Outcome.FULL_REFUND), ("by_hand", 1))  # fmt: skip
        for name, *rest in (*START, *later):
            getattr(day, name)(*rest)
            hold(day)
        assert [one.status for one in day.living()] == [Status.SETTLED, Status.SETTLED]
        assert len(day.payouts) == 3
        raise Undone

    with pytest.raises(Undone):
        books.write(work)
