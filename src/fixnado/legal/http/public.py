"""What everybody reads, and the acknowledgements of those who have an account."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Header, Response

from fixnado.legal import service
from fixnado.legal.http import views
from fixnado.legal.model import Current, health
from fixnado.platform.access import EVERYONE, SIGNED_IN
from fixnado.platform.database import UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.web import Caller, Db, Routes

public_routes = Routes("legal")
_UNCHANGED = {304: {"description": "As it was when it got this ETag"}}


@public_routes.add(
    "GET",
    "/legal/{slug}",
    roles=EVERYONE,
    refusals=(404,),
    answers=_UNCHANGED,
    response_model=views.DocumentView,
    summary="A published document",
)
def document(
    db: Db,
    slug: views.Slug,
    if_none_match: Annotated[str | None, Header(max_length=2_000)] = None,
) -> Response:
    """What is published under this name, with its metadata and the hash of its words.

    The words are read only for those who haven't got them yet.
    """

    def look(unit: UnitOfWork) -> Response:
        today = unit.now.date()
        published = service.current(unit, slug)
        tag = _tag(published, health(published.metadata, today).value)
        headers = {"ETag": tag, "Cache-Control": "public, max-age=60"}
        if _has(if_none_match, tag):
            return Response(status_code=304, headers=headers)
        view = views.document(published, service.words(unit, published), today)
        body = view.model_dump_json(by_alias=True)
        return Response(body, media_type="application/json", headers=headers)

    return db.read(look)


@public_routes.add(
    "POST",
    "/legal/{slug}/acknowledgements",
    roles=SIGNED_IN,
    status=201,
    refusals=(404, 409),
    response_model=views.AcknowledgementView,
    summary="Acknowledge a document",
)
def acknowledge(
    db: Db,
    caller: Caller,
    slug: views.Slug,
    body: views.NewAcknowledgement,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say that one has read the published version: by its name and the hash of its words."""

    def work(unit: UnitOfWork) -> views.AcknowledgementView:
        given = service.acknowledge(
            unit, caller, slug, body.version, body.content_sha256, body.channel
        )
        return views.AcknowledgementView.model_validate(given)

    return once(db, Ask(caller, idempotency_key, f"legal.acknowledge:{slug}", body), work)


@public_routes.add(
    "GET", "/acknowledgements", roles=SIGNED_IN, summary="What the caller is to acknowledge"
)
def duties(db: Db, caller: Caller) -> views.DutyList:
    """The documents that the caller's role is asked to acknowledge, and how they stand."""
    found = db.read(lambda unit: service.duties(unit, caller))
    return views.DutyList(acknowledgements=tuple(_duty(one) for one in found))


def _duty(duty: service.Duty) -> views.DutyView:
    rule, latest = duty.current.metadata.acknowledgement, duty.latest
    return views.DutyView(
        slug=duty.current.publication.slug,
        version=duty.current.label,
        content_sha256=duty.current.content_sha256,
        standing=duty.standing.value,
        due_within_hours=rule.due_within_hours if rule else None,
        acknowledged_version=latest.version if latest else None,
        acknowledged_at=latest.acknowledged_at if latest else None,
    )


def _tag(published: Current, state: str) -> str:
    """A strong tag (RFC 9110 §8.8.3): everything in the answer follows from these two."""
    digest = hashlib.sha256(f"{published.publication.id}\0{state}".encode()).hexdigest()
    return f'"{digest}"'


def _has(if_none_match: str | None, tag: str) -> bool:
    """RFC 9110 §13.1.2: any of a list, compared weakly, or `*`."""
    wanted = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    return tag in wanted or "*" in wanted
