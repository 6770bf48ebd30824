"""A person's request about their data, and how it may move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from fixnado.compliance.errors import CantMove


class RequestType(StrEnum):
    ACCESS = "access"
    ERASURE = "erasure"
    RECTIFICATION = "rectification"


class Status(StrEnum):
    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    REJECTED = "rejected"


class Denial(StrEnum):
    """Grounds of a refusal, as the Data Rights Protocol names them."""

    SUSPECTED_FRAUD = "suspected_fraud"
    INSUFFICIENT_VERIFICATION = "insuf_verification"
    NO_MATCH = "no_match"
    CLAIM_NOT_COVERED = "claim_not_covered"
    OUTSIDE_JURISDICTION = "outside_jurisdiction"
    TOO_MANY_REQUESTS = "too_many_requests"
    OTHER = "other"


OPEN: Final = frozenset({Status.RECEIVED, Status.IN_PROGRESS})
_MOVES: Final = {
    Status.RECEIVED: {Status.IN_PROGRESS, Status.REJECTED},
    Status.IN_PROGRESS: {Status.COMPLETED, Status.REJECTED},
}


@dataclass(frozen=True)
class AuditEntry:
    action: str
    actor_id: str
    note: str
    timestamp: datetime


@dataclass(frozen=True)
class DataRequest:
    """`subject_email` is what was asked about; `user_id` is set when somebody here has it."""

    id: str
    reference: str
    status: Status
    request_type: RequestType
    subject_email: str
    user_id: str | None
    filed_by: str
    region: str
    channel: str
    justification: str
    requested_at: datetime
    clock_from: datetime
    """What the deadline counts from: receipt, or the identity document that was asked for."""
    due_at: datetime
    verified_at: datetime | None = None
    processed_at: datetime | None = None
    payload_location: str | None = None
    denial: Denial | None = None
    duplicate_of: str | None = None


@dataclass(frozen=True)
class Filter:
    """Which requests are looked for; None is any."""

    status: Status | None = None
    request_type: RequestType | None = None
    region: str | None = None
    submitted_after: datetime | None = None
    submitted_before: datetime | None = None
    subject_email: str | None = None
    reference: str | None = None
    about: str | None = None
    """Only those about this user or filed by them."""


def move(request: DataRequest, wanted: Status) -> None:
    """CantMove, where `request` may not become `wanted`."""
    if wanted not in _MOVES.get(request.status, set()):
        raise CantMove(request.status.value, wanted.value)
