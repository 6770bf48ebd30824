"""Opening incidents, moving them on, and the ledger of how that went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from fixnado.incidents import service
from fixnado.incidents.http import views
from fixnado.incidents.model.incident import Kind, Severity, Status
from fixnado.platform.access import STAFF, Principal, Role
from fixnado.platform.database import Database, UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.web import Caller, Db, Identifier, Routes
from fixnado.platform.wire import Reference

routes = Routes("incidents")
RESPONDERS = frozenset({Role.OPERATIONS, Role.SUPPORT, Role.ADMIN})
"""Those who work on an incident. Reporting and reading is for the whole staff."""
Limit = Annotated[int, Query(ge=1, le=200)]


@routes.add(
    "POST",
    "/incidents",
    roles=STAFF,
    status=201,
    refusals=(409,),
    response_model=views.IncidentDetail,
    summary="Open an incident",
)
def open_incident(
    db: Db, caller: Caller, body: views.NewIncident, idempotency_key: IdempotencyKey = None
) -> Response:
    """Open an incident. Its reference is unique; without one it gets one."""
    report = service.Report(
        severity=Severity(body.severity),
        title=body.title,
        description=body.description,
        drill=body.drill,
        reference=body.reference,
        triggered_at=body.triggered_at,
    )

    def work(unit: UnitOfWork) -> views.IncidentDetail:
        return views.detail(service.open_incident(unit, caller, report))

    return once(db, Ask(caller, idempotency_key, "incidents.open", body), work)


@routes.add("GET", "/incidents", roles=STAFF, summary="Incidents")
def incidents(
    db: Db,
    status: views.StatusName | None = None,
    severity: views.SeverityName | None = None,
    reference: Annotated[Reference | None, Query()] = None,
    limit: Limit = 50,
) -> views.IncidentList:
    """The newest triggers first."""
    found = db.read(
        lambda unit: service.find(
            unit,
            status=Status(status) if status else None,
            severity=Severity(severity) if severity else None,
            reference=reference,
            limit=limit,
        )
    )
    return views.IncidentList(incidents=tuple(views.incident(one) for one in found))


@routes.add("GET", "/incidents/ledger", roles=STAFF, summary="MTTA, MTTR and counts")
def ledger(
    db: Db,
    since: Annotated[views.Past | None, Query()] = None,
    until: Annotated[views.Past | None, Query()] = None,
    drill: bool | None = None,
    reference: Annotated[Reference | None, Query()] = None,
    limit: Limit = 200,
) -> views.LedgerView:
    """How fast people reacted, with what the figures leave out and what each of them means.

    Over the incidents triggered from `since` to `until` (not included), drills or not.
    """
    found = db.read(
        lambda unit: service.report(
            unit, since=since, until=until, drill=drill, reference=reference
        )
    )
    return views.ledger(found, limit)


@routes.add("GET", "/incidents/{incident_id}", roles=STAFF, refusals=(404,), summary="One incident")
def incident(db: Db, incident_id: Identifier) -> views.IncidentDetail:
    """An incident with everything that happened to it."""
    return views.detail(db.read(lambda unit: service.read(unit, incident_id)))


_Move = Callable[..., Response]


def _offer(action: str, summary: str) -> Callable[[_Move], _Move]:
    return routes.add(
        "POST",
        f"/incidents/{{incident_id}}/{action}",
        roles=RESPONDERS,
        refusals=(404, 409),
        response_model=views.IncidentDetail,
        summary=summary,
    )


@_offer("acknowledge", "Acknowledge")
def acknowledge(
    db: Db,
    caller: Caller,
    incident_id: Identifier,
    body: views.Acknowledge | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """The caller has seen it and takes it on. Who and when is kept; a program says `automated`."""
    ask = Ask(caller, idempotency_key, f"incidents.acknowledge:{incident_id}", body, status=200)
    automated = body is not None and body.automated
    return _move(db, ask, incident_id, Kind.ACKNOWLEDGED, body.note if body else "", automated)


@_offer("mitigate", "Mitigate")
def mitigate(
    db: Db,
    caller: Caller,
    incident_id: Identifier,
    body: views.Move | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """People are no longer affected, though the cause may be there still."""
    return _plain(db, caller, incident_id, Kind.MITIGATED, body, idempotency_key)


@_offer("resolve", "Resolve")
def resolve(
    db: Db,
    caller: Caller,
    incident_id: Identifier,
    body: views.Move | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """It is over."""
    return _plain(db, caller, incident_id, Kind.RESOLVED, body, idempotency_key)


@_offer("reopen", "Reopen")
def reopen(
    db: Db,
    caller: Caller,
    incident_id: Identifier,
    body: views.Move | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """It wasn't over. It is open again, and its time to resolve runs on from the trigger."""
    return _plain(db, caller, incident_id, Kind.REOPENED, body, idempotency_key)


def _plain(
    db: Database,
    caller: Principal,
    incident_id: str,
    kind: Kind,
    body: views.Move | None,
    key: str | None,
) -> Response:
    ask = Ask(caller, key, f"incidents.{kind.value}:{incident_id}", body, status=200)
    return _move(db, ask, incident_id, kind, body.note if body else "")


def _move(
    db: Database, ask: Ask, incident_id: str, kind: Kind, note: str, automated: bool = False
) -> Response:
    def work(unit: UnitOfWork) -> views.IncidentDetail:
        moved = service.move(unit, ask.caller, incident_id, kind, note, automated=automated)
        return views.detail(moved)

    return once(db, ask, work)
