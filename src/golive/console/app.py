"""The console, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from pathlib import Path

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from golive.console import pages, refusals
from golive.console.boardparts import changed
from golive.console.days import Day, Days, Supplies, Told
from golive.console.identity import Identity
from golive.console.means import Means
from golive.console.once import Once
from golive.console.passkeys import Passkeys
from golive.console.sealed import Opened
from golive.console.security import Guard
from golive.console.sessions import Sessions
from golive.console.settings import ConsoleSettings
from golive.console.store import Store
from golive.console.stream import Hub
from golive.console.verifying import Verifier
from golive.console.watching import Events
from golive.console.wording import FILTERS
from golive.kernel.json import Json, JsonObject

_HERE = Path(__file__).parent


class Console:
    """The ASGI application, guarded."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self._guard = Guard(_app(means), means.settings, partial(refusals.alone, means.templates))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._guard(scope, receive, send)

    def end_streams(self) -> None:
        """They would keep a server waiting that is asked to end."""
        self.means.hub.close()
        self.means.verifier.close()

    def close(self) -> None:
        """End the streams, let go of the file."""
        self.end_streams()
        self.means.store.close()


def create_app(settings: ConsoleSettings, supplies: Supplies) -> Console:
    """BadInput where `settings` would leave people unprotected."""
    settings.checked()
    store = Store(settings.folder)
    templates = _templates()

    def render(day: Day, events: Sequence[Told], figures: JsonObject) -> Mapping[str, Json]:
        return changed(templates, day, events, figures, supplies.clock.now())

    return Console(
        Means(
            settings=settings,
            supplies=supplies,
            store=store,
            identity=Identity(store, settings, supplies.clock),
            sessions=Sessions(store, settings, supplies.clock),
            passkeys=Passkeys(store, settings, supplies.clock),
            once=Once(store),
            days=Days(settings.state, supplies),
            hub=Hub(render),
            opened=Opened(),
            verifier=Verifier(supplies.clock),
            templates=templates,
        )
    )


def _app(means: Means) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001
        yield
        means.hub.close()

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.means = means
    app.router.routes.append(Mount("/static", StaticFiles(directory=_HERE / "static")))
    app.router.routes.append(Route("/runs/{run}/events", Events()))
    for router in pages.ROUTERS:
        app.include_router(router)
    refusals.install(app)
    return app


@cache
def _templates() -> Environment:
    """Everything is escaped; a name that a page wasn't given is an error, not a blank.
    Compiled once a process."""
    found = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(FILTERS)
    return found
