"""Figures about requests: pure arithmetic over what the store found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from fixnado.compliance.model.requests import OPEN, DataRequest, Status

WINDOW_DAYS: Final = 30
DUE_SOON_DAYS: Final = 5
SLA_TARGET_DAYS: Final = 30
"""What the desk aims at. The law's own date stands in each request."""


@dataclass(frozen=True)
class Pending:
    id: str
    reference: str
    requested_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class Figures:
    """Minutes are None where nothing was completed: no request is not a fast request."""

    total_requests: int
    status_breakdown: Mapping[str, int]
    overdue_count: int
    due_soon_count: int
    completion_rate: float | None
    average_completion_minutes: float | None
    median_completion_minutes: float | None
    percentile95_completion_minutes: float | None
    window_days: int
    sla_target_days: int
    due_soon_window_days: int
    oldest_pending: Pending | None


def figures(requests: Sequence[DataRequest], now: datetime, window_days: int) -> Figures:
    """Over the requests received in the last `window_days`."""
    minutes = sorted(
        (one.processed_at - one.requested_at).total_seconds() / 60
        for one in requests
        if one.status is Status.COMPLETED and one.processed_at
    )
    pending = [one for one in requests if one.status in OPEN]
    soon = now + timedelta(days=DUE_SOON_DAYS)
    oldest = min(pending, key=lambda one: (one.requested_at, one.id), default=None)
    return Figures(
        total_requests=len(requests),
        status_breakdown={
            status.value: sum(one.status is status for one in requests) for status in Status
        },
        overdue_count=sum(one.due_at < now for one in pending),
        due_soon_count=sum(now <= one.due_at <= soon for one in pending),
        completion_rate=len(minutes) / len(requests) if requests else None,
        average_completion_minutes=sum(minutes) / len(minutes) if minutes else None,
        median_completion_minutes=median(minutes) if minutes else None,
        percentile95_completion_minutes=nearest_rank(minutes, 95),
        window_days=window_days,
        sla_target_days=SLA_TARGET_DAYS,
        due_soon_window_days=DUE_SOON_DAYS,
        oldest_pending=_pending(oldest) if oldest else None,
    )


def _pending(request: DataRequest) -> Pending:
    return Pending(request.id, request.reference, request.requested_at, request.due_at)


def nearest_rank(ordered: Sequence[float], percent: int) -> float | None:
    """The smallest value that `percent` of all are not above; None of nothing."""
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
