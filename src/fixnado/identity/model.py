"""People and sessions, and the rules that need no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from fixnado.platform.access import Role

ACCESS_TTL: Final = timedelta(minutes=30)
REFRESH_TTL: Final = timedelta(hours=12)
FAILURE_WINDOW: Final = timedelta(minutes=15)
FAILURES_PER_ACCOUNT: Final = 10
FAILURES_PER_ADDRESS: Final = 100


@dataclass(frozen=True)
class Person:
    """An account. Synthetic people have no password and can't sign in."""

    id: str
    email: str
    name: str
    phone: str | None
    role: Role
    region: str
    created_at: datetime
    password_hash: str | None = field(default=None, repr=False)

    @property
    def persona(self) -> str:
        """Which view of the marketplace is theirs: the staff see what their role works on."""
        return self.role.value


@dataclass(frozen=True)
class Session:
    id: str
    user_id: str
    issued_at: datetime
    expires_at: datetime
    refresh_expires_at: datetime
    ended_at: datetime | None = None

    def open_at(self, moment: datetime) -> bool:
        return self.ended_at is None and moment < self.expires_at

    def refreshable_at(self, moment: datetime) -> bool:
        return self.ended_at is None and moment < self.refresh_expires_at


@dataclass(frozen=True)
class Tokens:
    """Given out once; the database keeps only their keyed hashes."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


@dataclass(frozen=True)
class SignedIn:
    person: Person
    session: Session
    tokens: Tokens


@dataclass(frozen=True)
class Failures:
    """Failed attempts under one key within a window."""

    count: int
    window_ends_at: datetime

    def blocked_for(self, limit: int, moment: datetime) -> int:
        """Whole seconds still to wait, 0 when another attempt is fine."""
        if self.count < limit or moment >= self.window_ends_at:
            return 0
        return max(1, int((self.window_ends_at - moment).total_seconds()))
