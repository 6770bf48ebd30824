"""A source of personal data whose records are neither too old nor erasable, to build others on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from fixnado.platform.database import UnitOfWork
from fixnado.platform.personal_data import Action, Retained, Subject, Target


class KeptSource(ABC):
    """Records that are kept; a context overrides what differs."""

    dataset: str
    ground = "shared with other people, who have a right to it"
    """Why an erasure leaves them."""

    @abstractmethod
    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        """How many records are about the subject."""

    def expired(self, _unit: UnitOfWork) -> Iterator[Target]:
        return iter(())

    def erasable(self, _unit: UnitOfWork, _subject: Subject) -> Iterator[Target]:
        return iter(())

    def retained(self, unit: UnitOfWork, subject: Subject) -> Retained | None:
        rows = self.count(unit, subject)
        return Retained(self.dataset, rows, self.ground) if rows else None

    def purge(self, _unit: UnitOfWork, _action: Action, row_ids: Sequence[str]) -> int:
        if row_ids:
            raise AssertionError(f"{self.dataset} is never purged")
        return 0
