"""What every context says about the personal data it keeps.

A context's `privacy.py` offers `SOURCES`: for each dataset, whose it is, how it is handed over,
when it is too old to keep, and what an erasure does to it. The compliance context knows them by
this protocol alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from fixnado.platform.database import UnitOfWork

Row = Mapping[str, Any]
"""One record as JSON takes it: texts, numbers, booleans, None, lists and mappings of these."""


@dataclass(frozen=True)
class Subject:
    """The person whose data it is."""

    user_id: str
    email: str


class Action(StrEnum):
    DELETE = "delete"
    ANONYMISE = "anonymise"


@dataclass(frozen=True)
class Target:
    """A record that a purge would touch, and why."""

    dataset: str
    row_id: str
    action: Action
    reason: str


@dataclass(frozen=True)
class Retained:
    """Records that an erasure leaves, and the ground for it."""

    dataset: str
    rows: int
    reason: str


class PersonalDataSource(Protocol):
    """One dataset of one context."""

    @property
    def dataset(self) -> str:
        """Its name in exports: `orders`, `messages`, …"""
        ...

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        """The subject's records, a few in memory at a time, in an order that never varies.

        Nothing in them is about anybody else: the words and names of others are withheld, and the
        record says so.
        """
        ...

    def count(self, unit: UnitOfWork, subject: Subject) -> int:
        """How many records `rows` gives, counted by the database."""
        ...

    def total(self, unit: UnitOfWork) -> int:
        """How many records of everybody there are."""
        ...

    def expired(self, unit: UnitOfWork) -> Iterator[Target]:
        """Records that are kept for longer than their purpose needs."""
        ...

    def erasable(self, unit: UnitOfWork, subject: Subject) -> Iterator[Target]:
        """What an erasure does to the subject's records."""
        ...

    def retained(self, unit: UnitOfWork, subject: Subject) -> Retained | None:
        """What an erasure leaves, or None when it leaves nothing."""
        ...

    def purge(self, unit: UnitOfWork, action: Action, row_ids: Sequence[str]) -> int:
        """Delete or anonymise exactly these records; how many there were."""
        ...
