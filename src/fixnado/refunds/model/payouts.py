"""Paying a refund out: by the provider, or by hand on the day it is down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ProviderUp = Callable[[], bool]
"""Whether the payout provider takes instructions at the moment."""


class Method(StrEnum):
    PROVIDER = "provider"
    MANUAL = "manual"


class PayoutStatus(StrEnum):
    PAID = "paid"
    RECONCILED = "reconciled"
    FAILED = "failed"


@dataclass(frozen=True)
class Payout:
    """At most one that has not failed for each case: the database sees to that as well."""

    id: str
    case_id: str
    case_reference: str
    method: Method
    status: PayoutStatus
    amount_minor: int
    currency: str
    payee_id: str
    payee_name: str
    reason: str
    transaction_id: str
    paid_by: str
    paid_at: datetime
    bank_reference: str | None = None
    reconciled_by: str | None = None
    reconciled_at: datetime | None = None
