"""What the marketplace's business looks like, through whose eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fixnado.commerce import model, store
from fixnado.commerce.errors import (
    NoSuchMilestone,
    NoSuchOrder,
    NotEnoughHeld,
    NotYourPersona,
    OrderClosed,
)
from fixnado.commerce.model import (
    ESCROW_WARNING_AGE,
    EscrowStatus,
    Milestone,
    Order,
    OrderStatus,
    Rental,
    Scope,
    Snapshot,
    Tally,
)
from fixnado.platform.access import Principal
from fixnado.platform.database import UnitOfWork


def snapshot(unit: UnitOfWork, principal: Principal, persona: str | None) -> Snapshot:
    """Orders, rentals, revenue, escrow and alerts; NotYourPersona where it isn't theirs to see."""
    allowed = model.scope_of(principal, persona)
    if allowed is None:
        raise NotYourPersona(str(persona))
    eyes, scope = allowed
    worries = store.worries(unit, scope, escrow_before=unit.now - ESCROW_WARNING_AGE)
    return Snapshot(
        persona=eyes,
        generated_at=unit.now,
        orders=store.count_orders(unit, scope),
        rentals=store.count_rentals(unit, scope),
        revenue=store.revenue(unit, scope),
        escrow=store.escrow(unit, scope),
        alerts=model.alerts(eyes, **worries),
    )


def tallies(unit: UnitOfWork) -> tuple[Tally, Tally]:
    """Everybody's orders and rentals, counted by status."""
    everybody = Scope(None)
    return store.count_orders(unit, everybody), store.count_rentals(unit, everybody)


def recent_orders(unit: UnitOfWork, principal: Principal, limit: int) -> list[Order]:
    """The newest orders that `principal` may see."""
    return store.recent_orders(unit, _scope(principal), limit)


def recent_rentals(unit: UnitOfWork, principal: Principal, limit: int) -> list[Rental]:
    """The newest rentals that `principal` may see."""
    return store.recent_rentals(unit, _scope(principal), limit)


def order(unit: UnitOfWork, principal: Principal, order_id: str) -> tuple[Order, list[Milestone]]:
    """One order, by id or reference, with its milestones; NoSuchOrder where it isn't theirs."""
    found = store.order(unit, order_id)
    theirs = found is not None and principal.user_id in (found.buyer_id, found.provider_id)
    if found is None or not (theirs or principal.staff):
        raise NoSuchOrder
    return found, store.milestones_of(unit, found.id)


def inspect(
    unit: UnitOfWork, principal: Principal, order_id: str, milestone_id: str, *, passed: bool
) -> tuple[Order, list[Milestone]]:
    """Note what an inspection of a milestone found. A failure puts the order in dispute."""
    found, milestones = order(unit, principal, order_id)
    if milestone_id not in {one.id for one in milestones}:
        raise NoSuchMilestone
    if found.status in (OrderStatus.COMPLETED, OrderStatus.CANCELLED):
        raise OrderClosed(found.status.value)
    store.set_milestone(unit, milestone_id, "passed" if passed else "failed")
    if not passed:
        store.set_status(unit, found.id, OrderStatus.DISPUTED)
    return order(unit, principal, order_id)


def refund(unit: UnitOfWork, order_id: str, amount_minor: int) -> None:
    """Take `amount_minor` out of an order's escrow; NotEnoughHeld when it isn't there."""
    found = store.order(unit, order_id)
    held = found.escrow_minor if found and found.escrow_status is EscrowStatus.HELD else 0
    if not 0 < amount_minor <= held:
        raise NotEnoughHeld(held)
    left = held - amount_minor
    status = EscrowStatus.HELD if left else EscrowStatus.REFUNDED
    # a refunded order keeps the amount that it was refunded with, as snapshots sum it up
    store.set_escrow(unit, order_id, status, left or held)


def import_rows(unit: UnitOfWork, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add many `orders`, `milestones` or `rentals` at once."""
    store.add(unit, table, rows)


def _scope(principal: Principal) -> Scope:
    return Scope(None if principal.staff else principal.user_id)
