"""Opening, reading, assigning, documenting and deciding refund cases."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from fixnado.commerce import service as commerce
from fixnado.commerce.model import EscrowStatus, Milestone, Order
from fixnado.identity import service as identity
from fixnado.legal import service as legal
from fixnado.platform.access import Principal, Role
from fixnado.platform.database import UnitOfWork
from fixnado.platform.ids import new_id
from fixnado.refunds.errors import (
    AlreadyOpen,
    MilestoneDidNotFail,
    NoSuchCase,
    NoSuchEvidence,
    NotByYou,
    NothingHeld,
    NotNow,
    ReferenceTaken,
    TooMuch,
)
from fixnado.refunds.model.cases import (
    ACKNOWLEDGE_WITHIN,
    OPEN,
    Case,
    Decision,
    Evidence,
    Note,
    Outcome,
    Queue,
    Status,
    amount_of,
    decided,
    next_update,
)
from fixnado.refunds.store import cases as store

DESK: Final = frozenset({Role.FINANCE, Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN})
"""Those who see every case."""
_POLICY: Final = "refund-policy"
_FAILED: Final = "failed"


def tally(unit: UnitOfWork) -> dict[str, int]:
    """Everybody's cases, counted by status."""
    return store.by_status(unit)


@dataclass(frozen=True)
class Opening:
    order: str
    milestone_id: str
    preferred_outcome: Outcome
    amount_minor: int | None
    reason: str
    reference: str | None


@dataclass(frozen=True)
class Upload:
    """A file that came with a case; its bytes are on the shelf already."""

    kind: str
    file_name: str
    media_type: str
    payload: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def key(self) -> str:
        """Where the bytes lie: by their own digest, so that twice is once."""
        return f"refund-evidence/{self.sha256}"


@dataclass(frozen=True)
class File:
    """A case with everything in it."""

    case: Case
    notes: tuple[Note, ...]
    evidence: tuple[Evidence, ...]


def open_case(unit: UnitOfWork, caller: Principal, opening: Opening, report: Upload) -> File:
    """Open a case over a failed milestone, with the inspection's report."""
    order, milestones = commerce.order(unit, caller, opening.order)
    if caller.user_id != order.buyer_id and caller.role is not Role.SUPPORT:
        raise NotByYou("a refund is asked for by the buyer, or by support for them")
    milestone = _failed(milestones, opening.milestone_id)
    _check_free(unit, opening.reference, milestone)
    case = _new_case(unit, caller, opening, order, milestone)
    store.add(unit, case)
    _note(unit, case, caller, "opened", opening.reason)
    _attach(unit, case, caller, report)
    return file(unit, case)


def see(unit: UnitOfWork, caller: Principal, case_id: str) -> Case:
    """A case by id or reference; NoSuchCase where it isn't the caller's to see."""
    case = store.get(unit, case_id)
    theirs = case is not None and caller.user_id in (case.buyer_id, case.opened_by)
    if case is None or not (theirs or caller.role in DESK):
        raise NoSuchCase
    return case


def look(
    unit: UnitOfWork, caller: Principal, queue: Queue | None, status: Status | None, limit: int
) -> list[File]:
    """The longest waiting first: everybody's for the desk, one's own for others."""
    buyer = None if caller.role in DESK else caller.user_id
    found = store.find(unit, buyer_id=buyer, queue=queue, status=status, limit=limit)
    ids = [case.id for case in found]
    notes, evidence = store.notes_of(unit, ids), store.evidence_of(unit, ids)
    return [
        File(case, tuple(notes.get(case.id, ())), tuple(evidence.get(case.id, ())))
        for case in found
    ]


def assign(unit: UnitOfWork, caller: Principal, case_id: str, assignee: str | None) -> File:
    """Take a case, or give it to a colleague. The buyer's case is acknowledged by this."""
    case = see(unit, caller, case_id)
    if case.status not in OPEN:
        raise NotNow(case.status.value, "assigned")
    person = identity.person(unit, assignee or caller.user_id)
    if person.role not in DESK:
        raise NotByYou("a case is worked on by finance, support or compliance")
    taken = replace(
        case,
        assignee=person.id,
        status=Status.IN_REVIEW if case.status is Status.RECEIVED else case.status,
        acknowledged_at=case.acknowledged_at or unit.now,
        next_update_due=next_update(unit.now),
    )
    _keep(unit, taken)
    _note(unit, case, caller, "assigned", f"to {person.role.value}")
    return file(unit, taken)


def may_attach(unit: UnitOfWork, caller: Principal, case_id: str) -> Case:
    """The case, where the caller may add evidence to it now."""
    case = see(unit, caller, case_id)
    if case.status not in OPEN:
        raise NotNow(case.status.value, "added to")
    return case


def attach(unit: UnitOfWork, caller: Principal, case_id: str, upload: Upload, note: str) -> File:
    """Add evidence to an open case. It counts as an update to the buyer."""
    case = may_attach(unit, caller, case_id)
    updated = replace(case, next_update_due=next_update(unit.now))
    _keep(unit, updated)
    _attach(unit, case, caller, upload)
    if note:
        _note(unit, case, caller, "note", note)
    return file(unit, updated)


def decide(unit: UnitOfWork, caller: Principal, case_id: str, decision: Decision) -> File:
    """Approve, decline, or send on to risk and compliance when it is large."""
    case = see(unit, caller, case_id)
    amount = amount_of(case, decision)
    status = decided(case, caller, amount)
    confirming = case.status is Status.ESCALATED
    if confirming and amount > (case.decided_minor or 0):
        raise TooMuch(amount, case.decided_minor or 0)
    changed = replace(
        case,
        status=status,
        outcome=decision.outcome,
        decided_minor=amount,
        acknowledged_at=case.acknowledged_at or unit.now,
        next_update_due=next_update(unit.now),
    )
    who = {"confirmed_by": caller.user_id, "confirmed_at": unit.now}
    if not confirming:
        who = {"decided_by": caller.user_id, "decided_at": unit.now}
    changed = replace(changed, **who)  # type: ignore[arg-type]
    _keep(unit, changed)
    told = f"{amount // 100}.{amount % 100:02d} {case.currency}"
    words = f"{decision.outcome.value}, {told}: {decision.note}"
    _note(unit, case, caller, status.value, words)
    return file(unit, changed)


def proof(unit: UnitOfWork, caller: Principal, case_id: str, evidence_id: str) -> Evidence:
    """One piece of evidence of a case that the caller may see."""
    case = see(unit, caller, case_id)
    for one in store.evidence_of(unit, [case.id]).get(case.id, ()):
        if one.id == evidence_id:
            return one
    raise NoSuchEvidence


def file(unit: UnitOfWork, case: Case) -> File:
    """The case with its notes and evidence."""
    notes = store.notes_of(unit, [case.id]).get(case.id, [])
    evidence = store.evidence_of(unit, [case.id]).get(case.id, [])
    return File(case, tuple(notes), tuple(evidence))


def _failed(milestones: list[Milestone], milestone_id: str) -> Milestone:
    for milestone in milestones:
        if milestone.id == milestone_id and milestone.status == _FAILED:
            return milestone
    raise MilestoneDidNotFail


def _check_free(unit: UnitOfWork, reference: str | None, milestone: Milestone) -> None:
    if reference and store.get(unit, reference) is not None:
        raise ReferenceTaken(reference)
    known = store.live_about(unit, milestone.id)
    if known is not None:
        raise AlreadyOpen(known.reference)


def _new_case(
    unit: UnitOfWork, caller: Principal, opening: Opening, order: Order, milestone: Milestone
) -> Case:
    if order.escrow_status is not EscrowStatus.HELD or order.escrow_minor <= 0:
        raise NothingHeld
    requested = opening.amount_minor or order.escrow_minor
    if requested > order.escrow_minor:
        raise TooMuch(requested, order.escrow_minor)
    case_id = new_id()
    policy = legal.acknowledged(unit, order.buyer_id, _POLICY)
    return Case(
        id=case_id,
        reference=opening.reference or f"RF-{case_id[:8].upper()}",
        status=Status.RECEIVED,
        order_id=order.id,
        order_reference=order.reference,
        milestone_id=milestone.id,
        milestone_title=milestone.title,
        preferred_outcome=opening.preferred_outcome,
        requested_minor=requested,
        refundable_minor=order.escrow_minor,
        currency=order.currency,
        reason=opening.reason,
        buyer_id=order.buyer_id,
        opened_by=caller.user_id,
        opened_at=unit.now,
        acknowledge_by=unit.now + ACKNOWLEDGE_WITHIN,
        next_update_due=next_update(unit.now),
        policy_version=policy.version if policy else None,
        policy_acknowledged_at=policy.acknowledged_at if policy else None,
    )


def _attach(unit: UnitOfWork, case: Case, caller: Principal, upload: Upload) -> None:
    added = Evidence(
        id=new_id(),
        case_id=case.id,
        kind=upload.kind,
        file_name=upload.file_name,
        media_type=upload.media_type,
        bytes=len(upload.payload),
        sha256=upload.sha256,
        added_by=caller.user_id,
        added_at=unit.now,
    )
    store.add_evidence(unit, added)
    words = f"{upload.kind}: {upload.file_name}, SHA-256 {upload.sha256}"
    _note(unit, case, caller, "evidence", words)


def _note(unit: UnitOfWork, case: Case, caller: Principal, kind: str, text: str) -> None:
    store.note(unit, case.id, Note(kind, caller.user_id, text, unit.now))


def _keep(unit: UnitOfWork, case: Case) -> None:
    store.change(
        unit,
        case.id,
        status=case.status.value,
        assignee=case.assignee,
        acknowledged_at=case.acknowledged_at,
        next_update_due=case.next_update_due,
        outcome=case.outcome.value if case.outcome else None,
        decided_minor=case.decided_minor,
        decided_by=case.decided_by,
        decided_at=case.decided_at,
        confirmed_by=case.confirmed_by,
        confirmed_at=case.confirmed_at,
        settled_at=case.settled_at,
    )
