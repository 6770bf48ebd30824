"""Settings in, application out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from fixnado.app import docs, root
from fixnado.app.business import business
from fixnado.app.data_map import personal_data
from fixnado.app.defects import Defect
from fixnado.app.edge import Edge
from fixnado.app.faults import Fault, Share
from fixnado.commerce import http as commerce_http
from fixnado.commerce import service as commerce
from fixnado.compliance import http as compliance_http
from fixnado.compliance.service.exporting import Exports
from fixnado.conversations import http as conversations_http
from fixnado.conversations import service as conversations
from fixnado.identity import http as identity_http
from fixnado.identity import service as identity
from fixnado.incidents import http as incidents_http
from fixnado.incidents import tasks as incident_tasks
from fixnado.ledger import http as ledger_http
from fixnado.legal import http as legal_http
from fixnado.platform import problems, schema
from fixnado.platform.access import Principal, Role
from fixnado.platform.courier import Courier
from fixnado.platform.database import Database
from fixnado.platform.moments import Clock, utc_now
from fixnado.platform.settings import BODY_LIMIT_BYTES, Settings
from fixnado.platform.shelf import open_shelf
from fixnado.platform.web import declared_roles
from fixnado.readiness import http as readiness_http
from fixnado.readiness.watch import Watch
from fixnado.refunds import http as refunds_http
from fixnado.refunds.service import settling
from fixnado.timeline import http as timeline_http

_PROBING = Principal(user_id="", role=Role.OPERATIONS, session_id="")


class Service:
    """One instance: the application that uvicorn serves, and what it stands on."""

    def __init__(self, settings: Settings, *, clock: Clock = utc_now) -> None:
        self.settings = settings
        self.database = Database(settings.database_url, clock=clock)
        schema.demand(self.database)
        self.courier = Courier(
            self.database, incident_tasks.routes(self.database, settings.help_desk)
        )
        self.watch = Watch(
            settings, self.database, _questions(self.database), business(self.database)
        )
        self.defect = Defect(settings.fault)
        self.api = _api(self)
        self.asgi: ASGIApp = Edge(
            self.defect.asgi(self.api),
            instance=settings.instance,
            version=settings.version,
            metrics=self.watch.metrics,
            prepared=root.prepared(settings),
            fault=Fault(settings.fault, Share(settings.fault_traffic, settings.instance)),
        )


def _questions(database: Database) -> dict[str, Callable[[], object]]:
    return {
        "identity": lambda: database.read(lambda unit: identity.find_by_email(unit, "")),
        "commerce": lambda: database.read(lambda u: commerce.recent_orders(u, _PROBING, 1)),
        "payouts": lambda: database.read(lambda u: settling.manual(u, waiting=True, limit=1)),
        "conversations": lambda: database.read(lambda u: conversations.recent(u, _PROBING, 1)),
    }


def _api(service: Service) -> FastAPI:
    settings = service.settings

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.watch.start()
        service.courier.start()
        try:
            yield
        finally:
            service.courier.stop()
            service.watch.stop()
            service.database.close()

    api = FastAPI(
        title="Fixnado",
        version=settings.version,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        max_body_size=BODY_LIMIT_BYTES,
    )
    api.state.settings = settings
    api.state.database = service.database
    api.state.watch = service.watch
    api.state.identity = identity.Identity(service.database, settings.secret)
    api.state.authenticate = service.defect.authenticate(api.state.identity.authenticate)
    sources = personal_data()
    shelf = open_shelf(settings.exports, service.database.path, settings.runtime)
    api.state.shelf = shelf
    api.state.exports = Exports(shelf, service.defect.sources(sources), settings.export_chunk_bytes)
    api.state.purges = service.defect.purges()(shelf, sources)
    # a rehearsal toggles this component to play the day on which the provider is down
    api.state.payout_provider_up = lambda: service.watch.board.serves("payouts")
    problems.install(api)
    contexts = [
        root.routes,
        docs.routes,
        readiness_http.routes,
        identity_http.routes,
        timeline_http.routes,
        commerce_http.routes,
        conversations_http.routes,
        ledger_http.routes,
        legal_http.desk_routes,
        legal_http.public_routes,
        incidents_http.routes,
        incidents_http.speaking_routes,
        *compliance_http.routes,
        *refunds_http.routes,
    ]
    if settings.rehearsal:
        contexts.append(readiness_http.rehearsal_routes)
    for routes in contexts:
        routes.mount(api)
    docs.describe(api)
    declared_roles(api)
    return api
