"""`GET /`: who answers here."""

from __future__ import annotations

from fastapi import Request

from fixnado.platform.access import EVERYONE
from fixnado.platform.settings import Settings
from fixnado.platform.web import Routes
from fixnado.platform.wire import Outgoing

routes = Routes("service", prefix="")


class Greeting(Outgoing):
    service: str
    version: str
    instance: str


@routes.add("GET", "/", roles=EVERYONE, summary="Who answers here")
async def greeting(request: Request) -> Greeting:
    """Name, version and instance, without asking the database."""
    return _greeting(request.app.state.settings)


def prepared(settings: Settings) -> dict[str, bytes]:
    """By path, the JSON that every GET is answered with: nothing in it changes while it serves."""
    return {"/": _greeting(settings).model_dump_json(by_alias=True).encode()}


def _greeting(settings: Settings) -> Greeting:
    return Greeting(service="fixnado", version=settings.version, instance=settings.instance)
