"""Gather the hub from its sources; one that fails becomes a warning, not a failure."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fixnado.commerce import service as commerce
from fixnado.conversations import service as conversations
from fixnado.platform.access import Principal
from fixnado.platform.database import Database, UnitOfWork
from fixnado.timeline import store
from fixnado.timeline.model import Entry, Gap, Gather, Hub, merge

_log = logging.getLogger("fixnado.timeline")


def _announced(unit: UnitOfWork, principal: Principal, limit: int) -> list[Entry]:
    audiences = ["everybody", "staff"] if principal.staff else ["everybody"]
    return [
        Entry(item.id, "announcement", item.title, item.published_at, "")
        for item in store.recent(unit, audiences, limit)
    ]


def _ordered(unit: UnitOfWork, principal: Principal, limit: int) -> list[Entry]:
    return [
        Entry(
            order.id,
            "order",
            f"{order.reference}: {order.service} ({order.status.value.replace('_', ' ')})",
            order.placed_at,
            f"/v1/orders/{order.id}",
        )
        for order in commerce.recent_orders(unit, principal, limit)
    ]


def _talked(unit: UnitOfWork, principal: Principal, limit: int) -> list[Entry]:
    return [
        Entry(
            item.id,
            "conversation",
            item.subject,
            item.updated_at,
            f"/v1/conversations/{item.id}",
        )
        for item in conversations.recent(unit, principal, limit)
    ]


SOURCES: Final[Mapping[str, Gather]] = {
    "announcements": _announced,
    "commerce": _ordered,
    "conversations": _talked,
}


def hub(
    database: Database,
    principal: Principal,
    limit: int,
    sources: Mapping[str, Gather] = SOURCES,
) -> Hub:
    """The newest entries that `principal` may see.

    Every source has a transaction of its own: PostgreSQL refuses to go on in one that failed.
    """
    found: list[Sequence[Entry]] = []
    gaps: list[Gap] = []
    for name, gather in sources.items():
        try:
            found.append(database.read(lambda unit, gather=gather: gather(unit, principal, limit)))  # type: ignore[misc]
        except Exception as error:
            _log.warning("the hub does without %s", name, exc_info=error)
            gaps.append(Gap(name, f"{name} could not be read and is left out"))
    return Hub(database.clock(), merge(found, limit), tuple(gaps))


def announced(unit: UnitOfWork) -> int:
    """How many announcements there are, for everybody or for some."""
    return store.count(unit)


def import_announcements(unit: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add many announcements at once."""
    store.add(unit, rows)
