"""Orders, milestones and rentals in the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    RowMapping,
    String,
    Table,
    and_,
    func,
    or_,
    select,
    true,
)
from sqlalchemy import update as sql_update

from fixnado.commerce.model import (
    EscrowStatus,
    Milestone,
    Money,
    Order,
    OrderStatus,
    Rental,
    RentalStatus,
    Scope,
    Tally,
)
from fixnado.platform.database import UnitOfWork, UtcMoment, metadata
from fixnado.platform.streaming import stream

orders = Table(
    "orders",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("reference", String(32), nullable=False, unique=True),
    Column("buyer_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("provider_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("service", String(200), nullable=False),
    Column("status", String(16), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("escrow_status", String(16), nullable=False),
    Column("escrow_minor", BigInteger, nullable=False),
    Column("placed_at", UtcMoment, nullable=False),
    Column("due_at", UtcMoment, nullable=False),
    Column("completed_at", UtcMoment),
)
milestones = Table(
    "milestones",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("order_id", String(36), ForeignKey("orders.id"), nullable=False),
    Column("title", String(200), nullable=False),
    Column("status", String(16), nullable=False),
    Column("due_at", UtcMoment, nullable=False),
)
rentals = Table(
    "rentals",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("reference", String(32), nullable=False, unique=True),
    Column("renter_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("owner_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("asset", String(200), nullable=False),
    Column("status", String(16), nullable=False),
    Column("daily_rate_minor", BigInteger, nullable=False),
    Column("deposit_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("starts_at", UtcMoment, nullable=False),
    Column("ends_at", UtcMoment, nullable=False),
)
_TABLES = {"orders": orders, "milestones": milestones, "rentals": rentals}
_OPEN = (OrderStatus.PLACED, OrderStatus.IN_PROGRESS)


def add(unit: UnitOfWork, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        unit.connection.execute(_TABLES[table].insert(), list(rows))


def count_orders(unit: UnitOfWork, scope: Scope) -> Tally:
    return _tally(unit, orders.c.status, _orders_of(scope))


def count_rentals(unit: UnitOfWork, scope: Scope) -> Tally:
    return _tally(unit, rentals.c.status, _rentals_of(scope))


def revenue(unit: UnitOfWork, scope: Scope) -> tuple[Money, ...]:
    """The completed orders' amounts by currency."""
    done = and_(_orders_of(scope), orders.c.status == OrderStatus.COMPLETED)
    query = (
        select(orders.c.currency, func.sum(orders.c.amount_minor))
        .where(done)
        .group_by(orders.c.currency)
        .order_by(orders.c.currency)
    )
    return tuple(Money(row[0], int(row[1])) for row in unit.connection.execute(query))


def escrow(unit: UnitOfWork, scope: Scope) -> dict[str, tuple[Money, ...]]:
    """Escrow by status and currency; every status is there, if with nothing in it."""
    query = (
        select(orders.c.escrow_status, orders.c.currency, func.sum(orders.c.escrow_minor))
        .where(_orders_of(scope))
        .group_by(orders.c.escrow_status, orders.c.currency)
        .order_by(orders.c.escrow_status, orders.c.currency)
    )
    found: dict[str, list[Money]] = {status.value: [] for status in EscrowStatus}
    for status, currency, amount in unit.connection.execute(query):
        found[status].append(Money(currency, int(amount)))
    return {status: tuple(money) for status, money in found.items()}


def worries(unit: UnitOfWork, scope: Scope, *, escrow_before: datetime) -> dict[str, int]:
    """Counts of what alerts are made from: `overdue`, `disputed`, `old_escrow`, `late_rentals`."""
    mine = _orders_of(scope)
    held = orders.c.escrow_status == EscrowStatus.HELD
    conditions = {
        "overdue": and_(mine, orders.c.status.in_(_OPEN), orders.c.due_at < unit.now),
        "disputed": and_(mine, orders.c.status == OrderStatus.DISPUTED),
        "old_escrow": and_(mine, held, orders.c.placed_at < escrow_before),
    }
    found = {name: _count(unit, orders, where) for name, where in conditions.items()}
    late = and_(_rentals_of(scope), rentals.c.status == RentalStatus.LATE)
    return {**found, "late_rentals": _count(unit, rentals, late)}


def recent_orders(unit: UnitOfWork, scope: Scope, limit: int) -> list[Order]:
    """The newest orders first."""
    query = select(orders).where(_orders_of(scope)).order_by(orders.c.placed_at.desc(), orders.c.id)
    return [_order(row) for row in unit.connection.execute(query.limit(limit)).mappings()]


def recent_rentals(unit: UnitOfWork, scope: Scope, limit: int) -> list[Rental]:
    """The newest rentals first."""
    newest = select(rentals).where(_rentals_of(scope)).order_by(rentals.c.starts_at.desc())
    found = unit.connection.execute(newest.order_by(rentals.c.id).limit(limit)).mappings()
    return [Rental(**{**row, "status": RentalStatus(row["status"])}) for row in found]


def order(unit: UnitOfWork, order_id: str) -> Order | None:
    query = select(orders).where(or_(orders.c.id == order_id, orders.c.reference == order_id))
    row = unit.connection.execute(query).mappings().first()
    return _order(row) if row else None


def milestones_of(unit: UnitOfWork, order_id: str) -> list[Milestone]:
    query = select(milestones).where(milestones.c.order_id == order_id)
    ordered = query.order_by(milestones.c.due_at, milestones.c.id)
    return [Milestone(**row) for row in unit.connection.execute(ordered).mappings()]


def set_escrow(unit: UnitOfWork, order_id: str, status: EscrowStatus, minor: int) -> None:
    changed = sql_update(orders).where(orders.c.id == order_id)
    unit.connection.execute(changed.values(escrow_status=status.value, escrow_minor=minor))


def set_milestone(unit: UnitOfWork, milestone_id: str, status: str) -> None:
    changed = sql_update(milestones).where(milestones.c.id == milestone_id)
    unit.connection.execute(changed.values(status=status))


def set_status(unit: UnitOfWork, order_id: str, status: OrderStatus) -> None:
    changed = sql_update(orders).where(orders.c.id == order_id)
    unit.connection.execute(changed.values(status=status.value))


def orders_of(unit: UnitOfWork, user_id: str) -> Iterator[Order]:
    """Every order of one person, in order of time, streamed."""
    query = select(orders).where(_orders_of(Scope(user_id)))
    ordered = query.order_by(orders.c.placed_at, orders.c.id)
    return (_order(row) for row in stream(unit, ordered))


def rentals_of(unit: UnitOfWork, user_id: str) -> Iterator[RowMapping]:
    """Every rental of one person, in order of time, streamed."""
    query = select(rentals).where(_rentals_of(Scope(user_id)))
    return stream(unit, query.order_by(rentals.c.starts_at, rentals.c.id))


def _orders_of(scope: Scope) -> ColumnElement[bool]:
    if scope.user_id is None:
        return true()
    return or_(orders.c.buyer_id == scope.user_id, orders.c.provider_id == scope.user_id)


def _rentals_of(scope: Scope) -> ColumnElement[bool]:
    if scope.user_id is None:
        return true()
    return or_(rentals.c.renter_id == scope.user_id, rentals.c.owner_id == scope.user_id)


def _tally(unit: UnitOfWork, status: Column[Any], where: ColumnElement[bool]) -> Tally:
    query = select(status, func.count()).where(where).group_by(status).order_by(status)
    by_status = {row[0]: int(row[1]) for row in unit.connection.execute(query)}
    return Tally(sum(by_status.values()), by_status)


def _count(unit: UnitOfWork, table: Table, where: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(where)
    return int(unit.connection.execute(query).scalar_one())


def _order(row: RowMapping) -> Order:
    fields = dict(row)
    fields["status"] = OrderStatus(fields["status"])
    fields["escrow_status"] = EscrowStatus(fields["escrow_status"])
    return Order(**fields)
