"""`/healthz`, `/readyz`, `/metrics`, and the rehearsal's toggle."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field, StringConstraints
from starlette.responses import JSONResponse, Response

from fixnado.platform import problems
from fixnado.platform.access import EVERYONE, Role
from fixnado.platform.moments import Moment
from fixnado.platform.web import Identifier, Routes
from fixnado.platform.wire import PLAIN_TEXT, Incoming, Outgoing
from fixnado.readiness.metrics import CONTENT_TYPE
from fixnado.readiness.model import Finding, Status
from fixnado.readiness.watch import Watch

routes = Routes("health", prefix="")
rehearsal_routes = Routes("rehearsal")


class Health(Outgoing):
    status: str
    version: str
    instance: str
    schema_revision: Annotated[str, Field(alias="schema")]
    started_at: Moment


class ComponentMetadata(Outgoing):
    changes: int
    toggled: bool


class ComponentView(Outgoing):
    status: Status
    last_updated_at: Moment
    error: str | None
    metadata: ComponentMetadata


class Readiness(Outgoing):
    status: Status
    generated_at: Moment
    started_at: Moment
    components: dict[str, ComponentView]


class Toggle(Incoming):
    status: Status
    error: Annotated[str, StringConstraints(max_length=200, pattern=PLAIN_TEXT)] | None = None


@routes.add("GET", "/healthz", roles=EVERYONE, summary="Is the process alive?")
async def healthz(request: Request) -> Health:
    """The process answers. Says nothing about whether it should be sent traffic."""
    watch = _watch(request)
    return Health(
        status="ok",
        version=watch.version,
        instance=watch.instance,
        schema_revision=watch.schema,
        started_at=watch.board.snapshot().started_at,
    )


@routes.add(
    "GET",
    "/readyz",
    roles=EVERYONE,
    response_model=Readiness,
    summary="Should it be sent traffic?",
)
async def readyz(request: Request) -> Response:
    """200 when every component works, 503 naming those that don't."""
    snapshot = _watch(request).board.snapshot()
    failing = snapshot.failing()
    if not failing:
        return JSONResponse(snapshot.as_json())
    named = ", ".join(f"{name}: {one.effective.status.value}" for name, one in failing.items())
    problem = problems.body(503, "Not ready", named, path="/readyz")
    return problems.answer({**problem, **snapshot.as_json(), "status": 503})


@routes.add(
    "GET",
    "/metrics",
    roles=EVERYONE,
    response_class=Response,
    answers={200: {"description": "Text exposition 0.0.4", "content": {"text/plain": {}}}},
    summary="Metrics for Prometheus",
)
async def metrics(request: Request) -> Response:
    """Readiness by component, requests by route and status, latency."""
    return Response(_watch(request).metrics.exposition(), media_type=CONTENT_TYPE)


@rehearsal_routes.add(
    "PUT",
    "/admin/readiness/{component}",
    roles=frozenset({Role.OPERATIONS}),
    refusals=(404,),
    summary="Toggle a component",
)
async def toggle(request: Request, component: Identifier, body: Toggle) -> ComponentView:
    """Rehearsal only: say that a component is not well; `ready` takes it back."""
    finding = Finding(body.status, body.error)
    kept = _watch(request).board.toggle(component, finding)
    return ComponentView.model_validate(kept.as_json())


def _watch(request: Request) -> Watch:
    watch: Watch = request.app.state.watch
    return watch
