"""What this context keeps about a person: orders and rentals, on either side of the deal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fixnado.commerce import store
from fixnado.commerce.model import Scope
from fixnado.platform.database import UnitOfWork
from fixnado.platform.moments import rfc3339
from fixnado.platform.personal_data import PersonalDataSource, Row, Subject
from fixnado.platform.retention import KeptSource

_ACCOUNTING: Final = "accounting records, kept for six years (VATA 1994 Sch. 11 para. 6)"


class Orders(KeptSource):
    dataset = "orders"
    ground = _ACCOUNTING

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        for order in store.orders_of(unit, subject.user_id):
            yield {
                "id": order.id,
                "reference": order.reference,
                # the other side of the deal is somebody else: their id is not handed over
                "side": "buyer" if order.buyer_id == subject.user_id else "provider",
                "service": order.service,
                "status": order.status.value,
                "amountMinor": order.amount_minor,
                "currency": order.currency,
                "escrowStatus": order.escrow_status.value,
                "placedAt": rfc3339(order.placed_at),
                "dueAt": rfc3339(order.due_at),
                "completedAt": rfc3339(order.completed_at) if order.completed_at else None,
            }

    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        return store.count_orders(unit, Scope(subject.user_id)).total

    def total(self, unit: UnitOfWork) -> int:
        return store.count_orders(unit, Scope(None)).total


class Rentals(KeptSource):
    dataset = "rentals"
    ground = _ACCOUNTING

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        for rental in store.rentals_of(unit, subject.user_id):
            yield {
                "id": rental["id"],
                "reference": rental["reference"],
                "side": "renter" if rental["renter_id"] == subject.user_id else "owner",
                "asset": rental["asset"],
                "status": rental["status"],
                "dailyRateMinor": rental["daily_rate_minor"],
                "depositMinor": rental["deposit_minor"],
                "currency": rental["currency"],
                "startsAt": rfc3339(rental["starts_at"]),
                "endsAt": rfc3339(rental["ends_at"]),
            }

    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        return store.count_rentals(unit, Scope(subject.user_id)).total

    def total(self, unit: UnitOfWork) -> int:
        return store.count_rentals(unit, Scope(None)).total


SOURCES: Final[tuple[PersonalDataSource, ...]] = (Rentals(), Orders())
