"""What the marketplace's business looks like, through whose eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fixnado.commerce import model, store
from fixnado.commerce.errors import NoSuchOrder, NotYourPersona
from fixnado.commerce.model import ESCROW_WARNING_AGE, Milestone, Order, Scope, Snapshot
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


def recent_orders(unit: UnitOfWork, principal: Principal, limit: int) -> list[Order]:
    """The newest orders that `principal` may see."""
    return store.recent_orders(unit, _scope(principal), limit)


def order(unit: UnitOfWork, principal: Principal, order_id: str) -> tuple[Order, list[Milestone]]:
    """One order, by id or reference, with its milestones; NoSuchOrder where it isn't theirs."""
    found = store.order(unit, order_id)
    theirs = found is not None and principal.user_id in (found.buyer_id, found.provider_id)
    if found is None or not (theirs or principal.staff):
        raise NoSuchOrder
    return found, store.milestones_of(unit, found.id)


def import_rows(unit: UnitOfWork, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add many `orders`, `milestones` or `rentals` at once."""
    store.add(unit, table, rows)


def _scope(principal: Principal) -> Scope:
    return Scope(None if principal.staff else principal.user_id)
