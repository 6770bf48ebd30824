"""What this context keeps about a person: their refund cases, and what was paid to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fixnado.platform.database import UnitOfWork
from fixnado.platform.moments import rfc3339
from fixnado.platform.personal_data import PersonalDataSource, Row, Subject
from fixnado.platform.retention import KeptSource
from fixnado.refunds.store import cases as store


class Refunds(KeptSource):
    dataset = "refunds"
    ground = "accounting records, kept for six years (VATA 1994 Sch. 11 para. 6)"

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        for case in store.of_subject(unit, subject.user_id):
            yield {
                "id": case.id,
                "reference": case.reference,
                "status": case.status.value,
                "orderReference": case.order_reference,
                "milestone": case.milestone_title,
                "reason": case.reason,
                "requestedMinor": case.requested_minor,
                "decidedMinor": case.decided_minor,
                "currency": case.currency,
                "openedAt": rfc3339(case.opened_at),
                "settledAt": rfc3339(case.settled_at) if case.settled_at else None,
            }

    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        return store.count(unit, subject.user_id)

    def total(self, unit: UnitOfWork) -> int:
        return store.count(unit, None)


SOURCES: Final[tuple[PersonalDataSource, ...]] = (Refunds(),)
