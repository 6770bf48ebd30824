"""What is said about incidents: to the public, and to the help desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from fixnado.incidents import service
from fixnado.incidents.http import views
from fixnado.incidents.http.casework import RESPONDERS
from fixnado.incidents.model.speaking import Impact, Stage
from fixnado.platform.access import EVERYONE, STAFF
from fixnado.platform.database import UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.web import Caller, Db, Identifier, Routes

speaking_routes = Routes("incidents")


@speaking_routes.add("GET", "/status-updates", roles=EVERYONE, summary="What the public is told")
def public(db: Db, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> views.PublicList:
    """The published updates, newest first. Drafts are not among them."""
    found = db.read(lambda unit: service.public(unit, limit))
    return views.PublicList(updates=tuple(views.PublicUpdate.model_validate(one) for one in found))


@speaking_routes.add(
    "POST",
    "/incidents/{incident_id}/updates",
    roles=RESPONDERS,
    status=201,
    refusals=(404,),
    response_model=views.UpdateView,
    summary="Draft an update",
)
def draft(
    db: Db,
    caller: Caller,
    incident_id: Identifier,
    body: views.NewUpdate,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Write down what the public could be told. It is a draft until somebody publishes it."""
    words = service.Words(Stage(body.status), Impact(body.impact), body.headline, body.body)

    def work(unit: UnitOfWork) -> views.UpdateView:
        return views.UpdateView.model_validate(service.draft(unit, caller, incident_id, words))

    return once(db, Ask(caller, idempotency_key, f"incidents.draft:{incident_id}", body), work)


@speaking_routes.add(
    "GET",
    "/incidents/{incident_id}/updates",
    roles=STAFF,
    refusals=(404,),
    summary="Updates of an incident",
)
def updates(db: Db, incident_id: Identifier) -> views.UpdateList:
    """Drafts and published ones, oldest first."""
    found = db.read(lambda unit: service.updates(unit, incident_id))
    return views.UpdateList(updates=tuple(views.UpdateView.model_validate(one) for one in found))


@speaking_routes.add(
    "POST",
    "/incidents/{incident_id}/updates/{update_id}/publish",
    roles=RESPONDERS,
    refusals=(404, 409),
    response_model=views.UpdateView,
    summary="Publish an update",
)
def publish(
    db: Db,
    caller: Caller,
    incident_id: Identifier,
    update_id: Identifier,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Tell the public. The update of a drill is never published."""

    def work(unit: UnitOfWork) -> views.UpdateView:
        return views.UpdateView.model_validate(
            service.publish(unit, caller, incident_id, update_id)
        )

    operation = f"incidents.publish:{update_id}"
    return once(db, Ask(caller, idempotency_key, operation, None, status=200), work)


@speaking_routes.add(
    "POST",
    "/incidents/{incident_id}/escalate",
    roles=RESPONDERS,
    status=201,
    refusals=(404, 409),
    response_model=views.EscalationView,
    summary="Escalate to the help desk",
)
def escalate(
    db: Db,
    caller: Caller,
    request: Request,
    incident_id: Identifier,
    body: views.NewEscalation,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Tell the help desk: delivered soon, at least once, and in effect not twice.

    Without a help desk this is recorded as `not-configured`, and nothing is sent.
    """
    there = request.app.state.settings.help_desk is not None

    def work(unit: UnitOfWork) -> views.EscalationView:
        tracked = service.escalate(unit, caller, incident_id, body.reason, help_desk=there)
        return views.escalation(tracked)

    operation = f"incidents.escalate:{incident_id}"
    return once(db, Ask(caller, idempotency_key, operation, body), work)


@speaking_routes.add(
    "GET",
    "/incidents/{incident_id}/escalations",
    roles=STAFF,
    refusals=(404,),
    summary="Escalations of an incident",
)
def escalations(db: Db, incident_id: Identifier) -> views.EscalationList:
    """Each with how far its delivery has come."""
    found = db.read(lambda unit: service.escalations(unit, incident_id))
    return views.EscalationList(escalations=tuple(views.escalation(one) for one in found))
