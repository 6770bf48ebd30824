"""What this context keeps about a person. Other people's words in it are not theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fixnado.conversations import store
from fixnado.platform.database import UnitOfWork
from fixnado.platform.moments import rfc3339
from fixnado.platform.personal_data import (
    Action,
    PersonalDataSource,
    Retained,
    Row,
    Subject,
    Target,
)
from fixnado.platform.retention import KeptSource

_WITHHELD: Final = "another person's words (UK GDPR Art. 15(4))"


class Conversations(KeptSource):
    dataset = "conversations"

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        for row in store.conversations_of(unit, subject.user_id):
            yield {
                "id": row["id"],
                "subject": row["subject"],
                "openedBy": _who(row["opened_by"], subject),
                "participants": row["participants"],
                "createdAt": rfc3339(row["created_at"]),
                "updatedAt": rfc3339(row["updated_at"]),
            }

    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        return store.count(unit, "conversations", subject.user_id)

    def total(self, unit: UnitOfWork) -> int:
        return store.count(unit, "conversations", None)


class Messages(KeptSource):
    dataset = "messages"
    ground = "written by other people"

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        for row in store.messages_about(unit, subject.user_id):
            own = row["author_id"] == subject.user_id
            yield {
                "id": row["id"],
                "conversationId": row["conversation_id"],
                "author": _who(row["author_id"], subject),
                "body": row["body"] if own else None,
                "withheld": None if own else _WITHHELD,
                "sentAt": rfc3339(row["sent_at"]),
            }

    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        return store.count(unit, "messages", subject.user_id)

    def total(self, unit: UnitOfWork) -> int:
        return store.count(unit, "messages", None)

    def erasable(self, unit: UnitOfWork, subject: Subject) -> Iterator[Target]:
        for message_id in store.written_by(unit, subject.user_id):
            yield Target(self.dataset, message_id, Action.ANONYMISE, "erasure requested")

    def retained(self, unit: UnitOfWork, subject: Subject) -> Retained | None:
        own = sum(1 for _ in store.written_by(unit, subject.user_id))
        left = self.count(unit, subject) - own
        return Retained(self.dataset, left, self.ground) if left else None

    def purge(self, unit: UnitOfWork, action: Action, row_ids: Sequence[str]) -> int:
        return store.erase_messages(unit, row_ids) if action is Action.ANONYMISE else 0


def _who(user_id: str, subject: Subject) -> str:
    return "subject" if user_id == subject.user_id else "another participant"


SOURCES: Final[tuple[PersonalDataSource, ...]] = (Conversations(), Messages())
