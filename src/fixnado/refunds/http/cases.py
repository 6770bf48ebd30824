"""`/v1/refunds`."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import Query, Request
from starlette.responses import Response

from fixnado.platform.access import MARKET, SIGNED_IN, Role
from fixnado.platform.database import UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.shelf import Shelf
from fixnado.platform.web import Caller, Db, Identifier, Named, Routes
from fixnado.refunds.http.views import (
    Assignment,
    CaseList,
    CaseView,
    DecisionIn,
    MediaType,
    NewCase,
    NewEvidence,
    SettlementView,
    case_view,
    settlement_view,
)
from fixnado.refunds.model.cases import Decision, Queue, Status
from fixnado.refunds.model.payouts import ProviderUp
from fixnado.refunds.service import desk, settling
from fixnado.refunds.service.desk import Opening, Upload

routes = Routes("refunds", prefix="/v1/refunds")
_WORKERS = frozenset({Role.FINANCE, Role.SUPPORT, Role.COMPLIANCE})
_DECIDERS = frozenset({Role.FINANCE, Role.COMPLIANCE})


@routes.add(
    "POST",
    "",
    roles=MARKET | {Role.SUPPORT},
    status=201,
    refusals=(404, 409),
    response_model=CaseView,
    summary="Open a case",
)
def open_case(
    request: Request,
    db: Db,
    caller: Caller,
    body: NewCase,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Over a failed milestone, with the inspection's report. Needs an Idempotency-Key."""
    opening = Opening(
        order=body.order_id,
        milestone_id=body.milestone_id,
        preferred_outcome=body.preferred_outcome,
        amount_minor=body.amount_minor,
        reason=body.reason,
        reference=body.reference,
    )
    report = body.inspection_report.upload("inspection-report")

    def work(unit: UnitOfWork) -> CaseView:
        return case_view(desk.open_case(unit, caller, opening, report))

    ask = Ask(caller, idempotency_key, "refunds.open", body, for_ever=True)
    return once(db, ask, work, before=lambda: _shelve(request, report))


@routes.add("GET", "", roles=SIGNED_IN, summary="Cases")
def look(
    db: Db,
    caller: Caller,
    queue: Queue | None = None,
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CaseList:
    """The longest waiting first: everybody's for the desk, one's own for others."""
    found = db.read(lambda unit: desk.look(unit, caller, queue, status, limit))
    return CaseList(cases=tuple(case_view(file) for file in found))


@routes.add("GET", "/{case_id}", roles=SIGNED_IN, refusals=(404,), summary="One case")
def one(db: Db, caller: Caller, case_id: Named) -> CaseView:
    """A case by id or reference, with its notes and evidence."""
    return db.read(lambda unit: case_view(desk.file(unit, desk.see(unit, caller, case_id))))


@routes.add(
    "POST",
    "/{case_id}/assign",
    roles=_WORKERS,
    refusals=(404, 409),
    response_model=CaseView,
    summary="Take or give a case",
)
def assign(
    db: Db,
    caller: Caller,
    case_id: Named,
    body: Assignment | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Acknowledges the case to its buyer, who is owed that within 24 hours."""
    assignee = body.assignee_id if body else None

    def work(unit: UnitOfWork) -> CaseView:
        return case_view(desk.assign(unit, caller, case_id, assignee))

    return once(
        db, Ask(caller, idempotency_key, f"refunds.assign:{case_id}", body, status=200), work
    )


@routes.add(
    "POST",
    "/{case_id}/evidence",
    roles=MARKET | _WORKERS,
    status=201,
    refusals=(404, 409),
    response_model=CaseView,
    summary="Add evidence",
)
def attach(
    request: Request,
    db: Db,
    caller: Caller,
    case_id: Named,
    body: NewEvidence,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """A file with its kind; it counts as an update to the buyer."""
    upload = body.file.upload(body.kind)

    def work(unit: UnitOfWork) -> CaseView:
        return case_view(desk.attach(unit, caller, case_id, upload, body.note))

    def shelve() -> None:
        # whoever may not add to the case leaves no file behind
        db.read(lambda unit: desk.may_attach(unit, caller, case_id))
        _shelve(request, upload)

    ask = Ask(caller, idempotency_key, f"refunds.evidence:{case_id}", body)
    return once(db, ask, work, before=shelve)


@routes.add(
    "GET",
    "/{case_id}/evidence/{evidence_id}",
    roles=SIGNED_IN,
    refusals=(404,),
    response_class=Response,
    answers={200: {"description": "The file", "content": {one: {} for one in get_args(MediaType)}}},
    summary="One piece of evidence",
)
def proof(
    request: Request, db: Db, caller: Caller, case_id: Named, evidence_id: Identifier
) -> Response:
    """The bytes as they came in."""
    found = db.read(lambda unit: desk.proof(unit, caller, case_id, evidence_id))
    # never shown in the browser: what somebody uploaded is not a page of ours
    headers = {
        "Content-Disposition": "attachment",
        "Cache-Control": "no-store",
        "X-Evidence-Sha256": found.sha256,
    }
    payload = _shelf(request).get(f"refund-evidence/{found.sha256}")
    return Response(payload, media_type=found.media_type, headers=headers)


@routes.add(
    "POST",
    "/{case_id}/decide",
    roles=_DECIDERS,
    refusals=(404, 409),
    response_model=CaseView,
    summary="Decide",
)
def decide(
    db: Db,
    caller: Caller,
    case_id: Named,
    body: DecisionIn,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Finance decides; above 10,000 it goes on to compliance. Needs an Idempotency-Key."""
    decision = Decision(body.outcome, body.amount_minor, body.note)

    def work(unit: UnitOfWork) -> CaseView:
        return case_view(desk.decide(unit, caller, case_id, decision))

    operation = f"refunds.decide:{case_id}"
    ask = Ask(caller, idempotency_key, operation, body, status=200, for_ever=True)
    return once(db, ask, work)


@routes.add(
    "POST",
    "/{case_id}/settle",
    roles=frozenset({Role.FINANCE}),
    refusals=(404, 409),
    response_model=SettlementView,
    summary="Settle through the books",
)
def settle(
    request: Request,
    db: Db,
    caller: Caller,
    case_id: Named,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Owe and pay; pending while the payout provider is down. Needs an Idempotency-Key."""
    provider: ProviderUp = request.app.state.payout_provider_up

    def work(unit: UnitOfWork) -> SettlementView:
        return settlement_view(settling.settle(unit, caller, case_id, provider_up=provider()))

    operation = f"refunds.settle:{case_id}"
    ask = Ask(caller, idempotency_key, operation, None, status=200, for_ever=True)
    return once(db, ask, work)


def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf


def _shelve(request: Request, upload: Upload) -> None:
    _shelf(request).put(upload.key, upload.payload)
