"""`/v1/compliance/purges`: a plan first, then exactly that."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from fixnado.compliance.errors import PlanFirst
from fixnado.compliance.http.views import Execution, NewPurge, PlanView, plan_view
from fixnado.compliance.model.purges import Plan
from fixnado.compliance.service import purging
from fixnado.compliance.service.desk import OFFICERS
from fixnado.compliance.service.purging import Purges
from fixnado.platform.access import Role
from fixnado.platform.database import UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.web import Caller, Db, Identifier, Routes

routes = Routes("data governance", prefix="/v1/compliance/purges")
_PURGERS = frozenset({Role.COMPLIANCE})


@routes.add(
    "POST",
    "",
    roles=_PURGERS,
    status=201,
    refusals=(404, 409),
    response_model=PlanView,
    summary="Plan a purge",
)
def plan(
    request: Request,
    db: Db,
    caller: Caller,
    body: NewPurge,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """What would go, by dataset and reason. Nothing is purged by this."""
    if not body.dry_run:
        raise PlanFirst

    def work(unit: UnitOfWork) -> PlanView:
        return plan_view(_purges(request).plan(unit, caller, body.request_id))

    return once(db, Ask(caller, idempotency_key, "purges.plan", body), work)


@routes.add("GET", "/{plan_id}", roles=OFFICERS, refusals=(404,), summary="A plan or receipt")
def one(db: Db, plan_id: Identifier) -> PlanView:
    """The plan as it was made; once executed, a receipt that names no row."""
    return plan_view(db.read(lambda unit: purging.see(unit, plan_id)))


@routes.add(
    "POST",
    "/{plan_id}/execute",
    roles=_PURGERS,
    refusals=(404, 409),
    response_model=PlanView,
    summary="Do what was planned",
)
def execute(
    request: Request,
    db: Db,
    caller: Caller,
    plan_id: Identifier,
    body: Execution | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Row for row what the plan says; refused when the data changed since."""
    purges = _purges(request)
    done: list[Plan] = []

    def work(unit: UnitOfWork) -> PlanView:
        sha256 = body.plan_sha256 if body else None
        done.append(purges.execute(unit, caller, plan_id, sha256))
        return plan_view(done[-1])

    ask = Ask(caller, idempotency_key, f"purges.execute:{plan_id}", body, status=200)
    answer = once(db, ask, work)
    for plan in done[-1:]:
        purges.clear_shelf(plan)
    return answer


def _purges(request: Request) -> Purges:
    purges: Purges = request.app.state.purges
    return purges
