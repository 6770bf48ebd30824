"""What this context keeps about a person: which documents they acknowledged, and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fixnado.legal import store
from fixnado.platform.database import UnitOfWork
from fixnado.platform.moments import rfc3339
from fixnado.platform.personal_data import PersonalDataSource, Row, Subject
from fixnado.platform.retention import KeptSource


class Acknowledgements(KeptSource):
    dataset = "acknowledgements"
    ground = "proof of what was agreed to (UK GDPR Art. 17(3)(e))"

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        for row in store.stream_acknowledgements(unit, subject.user_id):
            yield {
                "id": row["id"],
                "document": row["slug"],
                "version": row["version"],
                "contentSha256": row["content_sha256"],
                "channel": row["channel"],
                "acknowledgedAt": rfc3339(row["acknowledged_at"]),
            }

    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        return store.count_acknowledgements(unit, subject.user_id)

    def total(self, unit: UnitOfWork) -> int:
        return store.count_acknowledgements(unit, None)


SOURCES: Final[tuple[PersonalDataSource, ...]] = (Acknowledgements(),)
