"""The shape of the marketplace's business. Money is integers in minor units, per currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from fixnado.platform.access import STAFF, Principal, Role

ESCROW_WARNING_AGE: Final = timedelta(days=30)


class OrderStatus(StrEnum):
    PLACED = "placed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DISPUTED = "disputed"


class EscrowStatus(StrEnum):
    HELD = "held"
    RELEASED = "released"
    REFUNDED = "refunded"


class RentalStatus(StrEnum):
    BOOKED = "booked"
    OUT = "out"
    RETURNED = "returned"
    LATE = "late"


@dataclass(frozen=True)
class Milestone:
    id: str
    order_id: str
    title: str
    status: str
    due_at: datetime


@dataclass(frozen=True)
class Order:
    id: str
    reference: str
    buyer_id: str
    provider_id: str
    service: str
    status: OrderStatus
    amount_minor: int
    currency: str
    escrow_status: EscrowStatus
    escrow_minor: int
    placed_at: datetime
    due_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True)
class Rental:
    id: str
    reference: str
    renter_id: str
    owner_id: str
    asset: str
    status: RentalStatus
    daily_rate_minor: int
    deposit_minor: int
    currency: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Scope:
    """Whose business is looked at: one person's, or None for the whole market's."""

    user_id: str | None


@dataclass(frozen=True)
class Money:
    currency: str
    amount_minor: int


@dataclass(frozen=True)
class Alert:
    kind: str
    severity: str
    count: int
    message: str


@dataclass(frozen=True)
class Tally:
    """How many of a kind there are, by status."""

    total: int
    by_status: Mapping[str, int]


@dataclass(frozen=True)
class Snapshot:
    persona: str
    generated_at: datetime
    orders: Tally
    rentals: Tally
    revenue: tuple[Money, ...]
    """What completed orders brought in."""
    escrow: Mapping[str, tuple[Money, ...]]
    """Money by escrow status."""
    alerts: tuple[Alert, ...]


def scope_of(principal: Principal, persona: str | None) -> tuple[str, Scope] | None:
    """The persona asked for and whose business it shows; None where it isn't theirs to ask.

    The staff may look through anybody's kind of eyes; everybody else through their own.
    """
    wanted = persona or principal.role.value
    if principal.staff:
        return wanted, Scope(None)
    return (wanted, Scope(principal.user_id)) if wanted == principal.role.value else None


def alerts(
    persona: str, *, overdue: int, disputed: int, old_escrow: int, late_rentals: int
) -> tuple[Alert, ...]:
    """What needs somebody's attention, the money's worries first for finance."""
    found = [
        Alert("order-overdue", "warning", overdue, "orders past their due date"),
        Alert("order-disputed", "critical", disputed, "orders in dispute"),
        Alert("rental-late", "warning", late_rentals, "rentals not returned in time"),
    ]
    if Role(persona) in STAFF:
        days = ESCROW_WARNING_AGE.days
        found.append(
            Alert("escrow-ageing", "warning", old_escrow, f"escrow held for more than {days} days")
        )
    ordered = sorted(found, key=lambda alert: (alert.severity != "critical", alert.kind))
    if persona == Role.FINANCE:
        ordered.sort(key=lambda alert: alert.kind != "escrow-ageing")
    return tuple(alert for alert in ordered if alert.count)
