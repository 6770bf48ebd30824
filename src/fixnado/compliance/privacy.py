"""What this context itself keeps about a person: their requests, and the exports made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from fixnado.compliance.store import exports, requests
from fixnado.platform.database import UnitOfWork
from fixnado.platform.moments import rfc3339
from fixnado.platform.personal_data import Action, PersonalDataSource, Row, Subject, Target
from fixnado.platform.retention import KeptSource

REQUEST_RETENTION: Final = timedelta(days=6 * 365)
"""How long a claim about a request can be brought (Limitation Act 1980 s. 9)."""
EXPORT_RETENTION: Final = timedelta(days=30)
"""Long enough to fetch it; after that a copy of everything is a risk and nothing else."""


class Exported(KeptSource):
    """Manifests, whose files lie on the shelf. They hold no words of their own to hand over."""

    dataset = "exports"

    def rows(self, _unit: UnitOfWork, _subject: Subject) -> Iterator[Row]:
        return iter(())

    def count(self, _unit: UnitOfWork, _subject: Subject) -> int:
        return 0

    def total(self, unit: UnitOfWork) -> int:
        return exports.total(unit)

    def expired(self, unit: UnitOfWork) -> Iterator[Target]:
        reason = f"export older than {EXPORT_RETENTION.days} days"
        for export_id in exports.created_before(unit, unit.now - EXPORT_RETENTION):
            yield Target(self.dataset, export_id, Action.DELETE, reason)

    def erasable(self, unit: UnitOfWork, subject: Subject) -> Iterator[Target]:
        own = [one.id for one in requests.of_subject(unit, subject.user_id, subject.email)]
        for export_id in exports.of_requests(unit, own):
            yield Target(self.dataset, export_id, Action.DELETE, "erasure requested")

    def purge(self, unit: UnitOfWork, action: Action, row_ids: Sequence[str]) -> int:
        return exports.remove(unit, list(row_ids)) if action is Action.DELETE else 0


class Requests(KeptSource):
    dataset = "data-requests"
    ground = "proof that requests were answered (UK GDPR Art. 5(2))"

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        for one in requests.of_subject(unit, subject.user_id, subject.email):
            yield {
                "id": one.id,
                "reference": one.reference,
                "requestType": one.request_type.value,
                "status": one.status.value,
                "justification": one.justification,
                "requestedAt": rfc3339(one.requested_at),
                "dueAt": rfc3339(one.due_at),
            }

    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        return requests.count_of_subject(unit, subject.user_id, subject.email)

    def total(self, unit: UnitOfWork) -> int:
        return requests.total(unit)

    def expired(self, unit: UnitOfWork) -> Iterator[Target]:
        reason = f"request closed for {REQUEST_RETENTION.days} days"
        for request_id in requests.closed_before(unit, unit.now - REQUEST_RETENTION):
            yield Target(self.dataset, request_id, Action.DELETE, reason)

    def purge(self, unit: UnitOfWork, action: Action, row_ids: Sequence[str]) -> int:
        return requests.remove(unit, list(row_ids)) if action is Action.DELETE else 0


SOURCES: Final[tuple[PersonalDataSource, ...]] = (Exported(), Requests())
"""Exports refer to requests, so they are purged before them."""
