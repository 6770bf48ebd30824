"""What the business amounts to, counted for the metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fixnado.commerce import service as commerce
from fixnado.conversations import privacy as conversations
from fixnado.platform.database import Database, UnitOfWork
from fixnado.readiness.figures import Figure
from fixnado.refunds.service import desk as refunds
from fixnado.timeline import service as timeline


def business(database: Database) -> Callable[[], Sequence[Figure]]:
    """Counts orders, rentals and refund cases by status, timeline items by source."""
    return lambda: database.read(_count)


def _count(unit: UnitOfWork) -> Sequence[Figure]:
    orders, rentals = commerce.tallies(unit)
    talks = next(one for one in conversations.SOURCES if one.dataset == "conversations")
    items = {
        "announcements": timeline.announced(unit),
        "commerce": orders.total,
        "conversations": talks.total(unit),
    }
    return [
        _figure("fixnado_orders", "Orders by status", "status", orders.by_status),
        _figure("fixnado_rentals", "Rentals by status", "status", rentals.by_status),
        _figure("fixnado_refund_cases", "Refund cases by status", "status", refunds.tally(unit)),
        _figure("fixnado_timeline_items", "What the hub draws on, by source", "source", items),
    ]


def _figure(name: str, meaning: str, label: str, found: Mapping[str, int]) -> Figure:
    return Figure(name, meaning, label, {value: float(number) for value, number in found.items()})
