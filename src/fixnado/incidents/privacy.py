"""What this context keeps about a person: what they did, as staff, about incidents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fixnado.incidents import store
from fixnado.platform.database import UnitOfWork
from fixnado.platform.moments import rfc3339
from fixnado.platform.personal_data import PersonalDataSource, Row, Subject
from fixnado.platform.retention import KeptSource


class Actions(KeptSource):
    dataset = "incident-actions"
    ground = "record of how incidents were handled, for legal claims (UK GDPR Art. 17(3)(e))"

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        for row in store.stream_actions(unit, subject.user_id):
            yield {
                "incident": row["reference"],
                "number": row["number"],
                "action": row["kind"],
                "at": rfc3339(row["at"]),
                "note": row["note"],
            }

    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        return store.count_actions(unit, subject.user_id)

    def total(self, unit: UnitOfWork) -> int:
        return store.count_actions(unit, None)


SOURCES: Final[tuple[PersonalDataSource, ...]] = (Actions(),)
