"""Roles and the person behind a request. A role comes from the session and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    GUEST = "guest"
    USER = "user"
    SERVICEMAN = "serviceman"
    PROVIDER = "provider"
    ENTERPRISE = "enterprise"
    PROVIDER_ADMIN = "provider_admin"
    OPERATIONS = "operations"
    FINANCE = "finance"
    COMPLIANCE = "compliance"
    LEGAL = "legal"
    SUPPORT = "support"
    ADMIN = "admin"


EVERYONE = frozenset(Role)
SIGNED_IN = EVERYONE - {Role.GUEST}
STAFF = frozenset(
    {
        Role.OPERATIONS,
        Role.FINANCE,
        Role.COMPLIANCE,
        Role.LEGAL,
        Role.SUPPORT,
        Role.ADMIN,
    }
)
MARKET = SIGNED_IN - STAFF
"""Those who buy, sell, rent and repair."""


@dataclass(frozen=True)
class Principal:
    """Who is asking. `user_id` and `session_id` are empty for a guest."""

    user_id: str
    role: Role
    session_id: str

    @property
    def staff(self) -> bool:
        return self.role in STAFF


GUEST = Principal(user_id="", role=Role.GUEST, session_id="")
