"""`/v1/compliance/data-requests`: filing, looking, verifying, deciding."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from fixnado.compliance.http.views import (
    FiguresView,
    NewRequest,
    NewStatus,
    Region,
    RequestList,
    RequestView,
    Verification,
    figures_view,
    request_view,
)
from fixnado.compliance.model.figures import WINDOW_DAYS
from fixnado.compliance.model.requests import Filter, RequestType, Status
from fixnado.compliance.service import desk
from fixnado.compliance.service.desk import OFFICERS, Decision, Filing
from fixnado.platform.access import SIGNED_IN
from fixnado.platform.database import UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.moments import Moment
from fixnado.platform.web import Caller, Db, Named, Routes
from fixnado.platform.wire import Email, Reference

routes = Routes("data governance", prefix="/v1/compliance/data-requests")


@routes.add(
    "POST",
    "",
    roles=SIGNED_IN,
    status=201,
    refusals=(409,),
    response_model=RequestView,
    summary="File a request",
)
def file(
    db: Db, caller: Caller, body: NewRequest, idempotency_key: IdempotencyKey = None
) -> Response:
    """A person's request about their own data; compliance and support file for others."""
    filing = Filing(
        request_type=body.request_type,
        subject_email=body.subject_email,
        region=body.region_code,
        justification=body.justification,
        channel=body.channel,
        reference=body.reference,
    )

    def work(unit: UnitOfWork) -> RequestView:
        return request_view(desk.file(unit, caller, filing))

    return once(db, Ask(caller, idempotency_key, "data-requests.file", body), work)


@routes.add("GET", "", roles=SIGNED_IN, summary="Requests")
def look(
    db: Db,
    caller: Caller,
    status: Status | None = None,
    request_type: Annotated[RequestType | None, Query(alias="requestType")] = None,
    region_code: Annotated[Region | None, Query(alias="regionCode")] = None,
    submitted_after: Annotated[Moment | None, Query(alias="submittedAfter")] = None,
    submitted_before: Annotated[Moment | None, Query(alias="submittedBefore")] = None,
    subject_email: Annotated[Email | None, Query(alias="subjectEmail")] = None,
    reference: Annotated[Reference | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RequestList:
    """The newest that match: everybody's for compliance, one's own for others."""
    wanted = Filter(
        status=status,
        request_type=request_type,
        region=region_code,
        submitted_after=submitted_after,
        submitted_before=submitted_before,
        subject_email=subject_email,
        reference=reference,
    )
    found = db.read(lambda unit: desk.look(unit, caller, wanted, limit))
    return RequestList(requests=tuple(request_view(case) for case in found))


@routes.add("GET", "/metrics", roles=OFFICERS, summary="How the desk is doing")
def metrics(
    db: Db,
    window_days: Annotated[int, Query(alias="windowDays", ge=1, le=3650)] = WINDOW_DAYS,
) -> FiguresView:
    """Counts, due dates and completion times over the requests of the last days."""
    return figures_view(db.read(lambda unit: desk.metrics(unit, window_days)))


@routes.add("GET", "/{request_id}", roles=SIGNED_IN, refusals=(404,), summary="One request")
def one(db: Db, caller: Caller, request_id: Named) -> RequestView:
    """A request by id or reference, with its audit log."""

    def work(unit: UnitOfWork) -> RequestView:
        return request_view(desk.case(unit, desk.see(unit, caller, request_id)))

    return db.read(work)


@routes.add(
    "POST",
    "/{request_id}/verify",
    roles=OFFICERS,
    refusals=(404, 409),
    response_model=RequestView,
    summary="The person is who they say",
)
def verify(
    db: Db,
    caller: Caller,
    request_id: Named,
    body: Verification | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Takes the request into progress. With a document, some laws' clock begins anew."""
    given = body or Verification()

    def work(unit: UnitOfWork) -> RequestView:
        document = given.method == "document"
        case = desk.verify(unit, caller, request_id, document=document, note=given.note)
        return request_view(case)

    operation = f"data-requests.verify:{request_id}"
    return once(db, Ask(caller, idempotency_key, operation, given, status=200), work)


@routes.add(
    "POST",
    "/{request_id}/status",
    roles=OFFICERS,
    refusals=(404, 409),
    response_model=RequestView,
    summary="Move a request",
)
def decide(
    db: Db,
    caller: Caller,
    request_id: Named,
    body: NewStatus,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """To another status, or to a later due date within the law, with a note that says why."""
    decision = Decision(body.status, body.note, body.due_at, body.denial_reason)

    def work(unit: UnitOfWork) -> RequestView:
        return request_view(desk.decide(unit, caller, request_id, decision))

    operation = f"data-requests.status:{request_id}"
    return once(db, Ask(caller, idempotency_key, operation, body, status=200), work)
