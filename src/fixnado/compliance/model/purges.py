"""A purge is a plan first: rows by dataset and reason, and a digest of exactly these rows."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fixnado.platform.personal_data import Retained, Target

PLAN_TTL: Final = timedelta(hours=24)
"""A plan that is older describes a database that is gone."""


@dataclass(frozen=True)
class Group:
    dataset: str
    action: str
    reason: str
    rows: int


@dataclass(frozen=True)
class Outcome:
    """One dataset counted before and after."""

    dataset: str
    total_before: int
    targeted: int
    deleted: int
    anonymised: int
    total_after: int


@dataclass(frozen=True)
class Plan:
    id: str
    request_id: str | None
    made_by: str
    made_at: datetime
    expires_at: datetime
    sha256: str
    targets: tuple[Target, ...]
    """Empty once it was executed: the receipt names no row."""
    groups: tuple[Group, ...]
    retained: tuple[Retained, ...]
    executed_at: datetime | None = None
    executed_by: str | None = None
    outcomes: tuple[Outcome, ...] = ()


def group(targets: Iterable[Target]) -> tuple[Group, ...]:
    """How many rows of each dataset are touched, how, and why."""
    counted = Counter((one.dataset, one.action.value, one.reason) for one in targets)
    return tuple(Group(*what, rows) for what, rows in sorted(counted.items()))


def digest(targets: Iterable[Target]) -> str:
    """SHA-256 over the targeted rows in order: approving it approves exactly these."""
    rows = sorted([one.dataset, one.row_id, one.action.value] for one in targets)
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
