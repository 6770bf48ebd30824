"""`GET /`: who answers here."""

from __future__ import annotations

from fastapi import Request

from fixnado.platform.access import EVERYONE
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
    settings = request.app.state.settings
    return Greeting(service="fixnado", version=settings.version, instance=settings.instance)
