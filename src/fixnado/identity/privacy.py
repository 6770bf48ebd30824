"""What this context keeps about a person: the account and its sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from fixnado.identity import store
from fixnado.platform import idempotency
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

SESSION_RETENTION: Final = timedelta(days=90)


class Accounts:
    """The account itself. Orders and messages refer to it, so an erasure empties it."""

    dataset = "user"

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        person = store.person(unit, subject.user_id)
        if person is not None:
            yield {
                "id": person.id,
                "email": person.email,
                "name": person.name,
                "phone": person.phone,
                "role": person.role.value,
                "region": person.region,
                "createdAt": rfc3339(person.created_at),
            }

    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        return 1 if store.person(unit, subject.user_id) else 0

    def total(self, unit: UnitOfWork) -> int:
        return store.count_people(unit)

    def expired(self, _unit: UnitOfWork) -> Iterator[Target]:
        return iter(())

    def erasable(self, unit: UnitOfWork, subject: Subject) -> Iterator[Target]:
        if self.count(unit, subject):
            yield Target(self.dataset, subject.user_id, Action.ANONYMISE, "erasure requested")

    def retained(self, _unit: UnitOfWork, _subject: Subject) -> Retained | None:
        return None

    def purge(self, unit: UnitOfWork, action: Action, row_ids: Sequence[str]) -> int:
        if action is not Action.ANONYMISE:
            return 0
        for user_id in row_ids:
            idempotency.forget(unit, user_id)
        return sum(store.anonymise(unit, user_id) for user_id in row_ids)


class Sessions:
    """When somebody was signed in. Tokens are hashes and are handed to nobody."""

    dataset = "sessions"

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        for session in store.sessions_of(unit, subject.user_id):
            yield {
                "id": session.id,
                "issuedAt": rfc3339(session.issued_at),
                "expiresAt": rfc3339(session.expires_at),
                "endedAt": rfc3339(session.ended_at) if session.ended_at else None,
            }

    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        return store.count_sessions(unit, subject.user_id)

    def total(self, unit: UnitOfWork) -> int:
        return store.count_sessions(unit, None)

    def expired(self, unit: UnitOfWork) -> Iterator[Target]:
        reason = f"session over for {SESSION_RETENTION.days} days"
        for session_id in store.sessions_over_before(unit, unit.now - SESSION_RETENTION):
            yield Target(self.dataset, session_id, Action.DELETE, reason)

    def erasable(self, unit: UnitOfWork, subject: Subject) -> Iterator[Target]:
        for session in store.sessions_of(unit, subject.user_id):
            yield Target(self.dataset, session.id, Action.DELETE, "erasure requested")

    def retained(self, _unit: UnitOfWork, _subject: Subject) -> Retained | None:
        return None

    def purge(self, unit: UnitOfWork, action: Action, row_ids: Sequence[str]) -> int:
        return store.delete_sessions(unit, row_ids) if action is Action.DELETE else 0


SOURCES: Final[tuple[PersonalDataSource, ...]] = (Accounts(), Sessions())
