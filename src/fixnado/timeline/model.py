"""Entries of the hub, and what a source of them is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fixnado.platform.access import Principal
from fixnado.platform.database import UnitOfWork

Gather = Callable[[UnitOfWork, Principal, int], "Sequence[Entry]"]


@dataclass(frozen=True)
class Entry:
    id: str
    kind: str
    title: str
    occurred_at: datetime
    link: str
    """Path of the thing itself, or "" where there is none."""


@dataclass(frozen=True)
class Announcement:
    id: str
    title: str
    body: str
    audience: str
    published_at: datetime


@dataclass(frozen=True)
class Gap:
    """A source that could not be asked. The hub goes on without it and warns of it."""

    source: str
    message: str


@dataclass(frozen=True)
class Hub:
    generated_at: datetime
    entries: tuple[Entry, ...]
    warnings: tuple[Gap, ...]


def merge(found: Sequence[Sequence[Entry]], limit: int) -> tuple[Entry, ...]:
    """The newest `limit` of all sources, newest first, ids breaking ties."""
    every = [entry for entries in found for entry in entries]
    every.sort(key=lambda entry: entry.id)
    every.sort(key=lambda entry: entry.occurred_at, reverse=True)
    return tuple(every[:limit])
