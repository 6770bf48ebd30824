"""`/v1/timeline-hub`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from fixnado.platform.access import SIGNED_IN
from fixnado.platform.moments import Moment
from fixnado.platform.web import Caller, Db, Routes
from fixnado.platform.wire import Outgoing
from fixnado.timeline import service

routes = Routes("timeline")


class EntryView(Outgoing):
    id: str
    kind: str
    title: str
    occurred_at: Moment
    link: str


class GapView(Outgoing):
    source: str
    message: str


class HubView(Outgoing):
    generated_at: Moment
    entries: tuple[EntryView, ...]
    warnings: tuple[GapView, ...]
    """Sources that could not be read: a partial failure shows here and nowhere else."""


@routes.add("GET", "/timeline-hub", roles=SIGNED_IN, summary="What happened lately")
def timeline_hub(
    db: Db, caller: Caller, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HubView:
    """Announcements, orders and conversations, newest first, as far as they are the caller's."""
    return HubView.model_validate(service.hub(db, caller, limit))
