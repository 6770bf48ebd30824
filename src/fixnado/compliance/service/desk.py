"""Receiving, verifying and deciding requests. Each step is in the trail with its actor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from fixnado.compliance.errors import (
    CantMove,
    NoSuchRequest,
    NotVerified,
    NotYours,
    ReferenceTaken,
)
from fixnado.compliance.model.clock import DEFAULT_REGION, regime
from fixnado.compliance.model.figures import Figures, figures
from fixnado.compliance.model.requests import (
    OPEN,
    AuditEntry,
    DataRequest,
    Denial,
    Filter,
    RequestType,
    Status,
    move,
)
from fixnado.compliance.store import requests as store
from fixnado.identity import service as identity
from fixnado.platform.access import Principal, Role
from fixnado.platform.database import UnitOfWork
from fixnado.platform.errors import Invalid
from fixnado.platform.ids import new_id

OFFICERS: Final = frozenset({Role.COMPLIANCE, Role.ADMIN})
"""Those who see every request."""
FILERS: Final = OFFICERS | {Role.SUPPORT}
"""Those who file for somebody else, as when a letter came."""


@dataclass(frozen=True)
class Filing:
    """What somebody asks for."""

    request_type: RequestType
    subject_email: str
    region: str | None
    justification: str
    channel: str
    reference: str | None


@dataclass(frozen=True)
class Decision:
    status: Status
    note: str
    due_at: datetime | None
    denial: Denial | None


@dataclass(frozen=True)
class Case:
    """A request with its trail."""

    request: DataRequest
    trail: tuple[AuditEntry, ...]


def file(unit: UnitOfWork, caller: Principal, filing: Filing) -> Case:
    """Open a request. NotYours about somebody else's data, ReferenceTaken for a used reference."""
    person = identity.find_by_email(unit, filing.subject_email)
    own = person is not None and person.id == caller.user_id
    if not own and caller.role not in FILERS:
        raise NotYours
    request_id = new_id()
    reference = filing.reference or f"DR-{request_id[:8].upper()}"
    if store.get(unit, reference) is not None:
        raise ReferenceTaken(reference)
    region = filing.region or (person.region if person else DEFAULT_REGION)
    request = DataRequest(
        id=request_id,
        reference=reference,
        status=Status.RECEIVED,
        request_type=filing.request_type,
        subject_email=filing.subject_email,
        user_id=person.id if person else None,
        filed_by=caller.user_id,
        region=region,
        channel=filing.channel,
        justification=filing.justification,
        requested_at=unit.now,
        clock_from=unit.now,
        due_at=regime(region).due(unit.now),
    )
    store.add(unit, request)
    law = regime(region)
    record(unit, request.id, caller, "received", f"due by {law.name} ({law.source})")
    return case(unit, request)


def see(unit: UnitOfWork, caller: Principal, request_id: str) -> DataRequest:
    """A request by id or reference; NoSuchRequest where it isn't the caller's to see."""
    found = store.get(unit, request_id)
    theirs = found is not None and caller.user_id in (found.user_id, found.filed_by)
    if found is None or not (theirs or caller.role in OFFICERS):
        raise NoSuchRequest
    return found


def look(unit: UnitOfWork, caller: Principal, wanted: Filter, limit: int) -> list[Case]:
    """The newest that match: everybody's for officers, one's own for others."""
    if caller.role not in OFFICERS:
        wanted = replace(wanted, about=caller.user_id)
    found = store.find(unit, wanted, limit)
    trails = store.trails(unit, [one.id for one in found])
    return [Case(one, tuple(trails.get(one.id, ()))) for one in found]


def verify(
    unit: UnitOfWork, caller: Principal, request_id: str, *, document: bool, note: str
) -> Case:
    """The person is who they say. Only now are duplicates looked for (they would tell too much).

    Where the law counts from the identity document, the clock begins anew with it.
    """
    request = see(unit, caller, request_id)
    if request.status is not Status.RECEIVED:
        raise CantMove(request.status.value, Status.IN_PROGRESS.value)
    law = regime(request.region)
    restarted = document and law.verification_starts
    clock_from = unit.now if restarted else request.clock_from
    verified = replace(
        request,
        status=Status.IN_PROGRESS,
        verified_at=unit.now,
        clock_from=clock_from,
        due_at=law.due(clock_from) if restarted else request.due_at,
        duplicate_of=store.open_twin(unit, request),
    )
    store.change(
        unit,
        request.id,
        status=verified.status.value,
        verified_at=verified.verified_at,
        clock_from=verified.clock_from,
        due_at=verified.due_at,
        duplicate_of=verified.duplicate_of,
    )
    how = "by an identity document" if document else "by the account's own session"
    record(unit, request.id, caller, "verified", f"{how}. {note}".strip())
    if verified.duplicate_of:
        record(unit, request.id, caller, "duplicate", f"of {verified.duplicate_of}")
    return case(unit, verified)


def decide(unit: UnitOfWork, caller: Principal, request_id: str, decision: Decision) -> Case:
    """Move a request, or its due date within the law. A refusal has a ground."""
    request = see(unit, caller, request_id)
    if decision.due_at is not None:
        request = _extend(unit, caller, request, decision.due_at, decision.note)
    if decision.status is not request.status:
        request = _move(unit, caller, request, decision)
    elif decision.due_at is None:
        raise CantMove(request.status.value, decision.status.value)
    return case(unit, request)


def metrics(unit: UnitOfWork, window_days: int) -> Figures:
    """Figures over the requests received in the last `window_days`."""
    received = store.received_since(unit, unit.now - timedelta(days=window_days))
    return figures(received, unit.now, window_days)


def case(unit: UnitOfWork, request: DataRequest) -> Case:
    return Case(request, tuple(store.trail(unit, request.id)))


def complete(unit: UnitOfWork, request: DataRequest, location: str | None) -> Case:
    """An export or erasure was made: the request is answered."""
    done = replace(
        request, status=Status.COMPLETED, processed_at=unit.now, payload_location=location
    )
    store.change(
        unit,
        request.id,
        status=done.status.value,
        processed_at=done.processed_at,
        payload_location=location,
    )
    return case(unit, done)


def import_answered(unit: UnitOfWork, requests: Iterable[DataRequest]) -> None:
    """Add requests that were closed before this desk existed, each with the end of its trail."""
    for one in requests:
        store.add(unit, one)
        closed = one.processed_at or one.requested_at
        store.note(
            unit, one.id, AuditEntry(one.status.value, "", "from the files on paper", closed)
        )


def record(unit: UnitOfWork, request_id: str, caller: Principal, action: str, note: str) -> None:
    """Write into the request's trail."""
    store.note(unit, request_id, AuditEntry(action, caller.user_id, note, unit.now))


def _extend(
    unit: UnitOfWork, caller: Principal, request: DataRequest, wanted: datetime, note: str
) -> DataRequest:
    if request.status not in OPEN:
        raise CantMove(request.status.value, "extended")
    due = regime(request.region).extended(request.clock_from, unit.now, wanted)
    store.change(unit, request.id, due_at=due)
    record(unit, request.id, caller, "extended", note)
    return replace(request, due_at=due)


def _move(
    unit: UnitOfWork, caller: Principal, request: DataRequest, decision: Decision
) -> DataRequest:
    move(request, decision.status)
    refused = decision.status is Status.REJECTED
    if decision.status is Status.IN_PROGRESS and request.verified_at is None:
        raise NotVerified
    if decision.denial and not refused:
        raise Invalid("only a refusal has a denialReason")
    closes = decision.status not in OPEN
    denial = (decision.denial or Denial.OTHER) if refused else None
    moved = replace(
        request,
        status=decision.status,
        processed_at=unit.now if closes else None,
        denial=denial,
    )
    store.change(
        unit,
        request.id,
        status=moved.status.value,
        processed_at=moved.processed_at,
        denial=denial.value if denial else None,
    )
    record(unit, request.id, caller, moved.status.value, decision.note)
    return moved
