"""The desk of those who write and publish: versions, and what an auditor asks for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from fixnado.legal import service
from fixnado.legal.http import views
from fixnado.legal.model import AckRule, Frequency, Governance, Metadata
from fixnado.platform import tabular
from fixnado.platform.access import Role
from fixnado.platform.database import UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.web import Caller, Db, Identifier, Routes

desk_routes = Routes("legal")
DESK = frozenset({Role.LEGAL, Role.ADMIN})
_CSV = {200: {"description": "A table", "content": {tabular.MEDIA_TYPE: {}}}}


@desk_routes.add(
    "POST",
    "/admin/legal/{slug}/versions",
    roles=DESK,
    status=201,
    refusals=(409,),
    response_model=views.VersionDetail,
    summary="Write a version",
)
def write(
    db: Db,
    caller: Caller,
    slug: views.Slug,
    body: views.NewVersion,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """File a version, which nobody reads until it is published. It never changes afterwards.

    What is left out, metadata and words alike, is as in the published version.
    """

    def work(unit: UnitOfWork) -> views.VersionDetail:
        return views.detail(service.add_version(unit, caller, slug, _draft(body)))

    return once(db, Ask(caller, idempotency_key, f"legal.write:{slug}", body), work)


@desk_routes.add(
    "GET", "/admin/legal/{slug}/versions", roles=DESK, refusals=(404,), summary="Versions"
)
def versions(db: Db, slug: views.Slug) -> views.VersionList:
    """Every version of a document, newest first, with what became of it."""
    found = db.read(lambda unit: service.versions(unit, slug))
    return views.VersionList(versions=tuple(views.summary(one) for one in found))


@desk_routes.add(
    "GET",
    "/admin/legal/{slug}/versions/{version_id}",
    roles=DESK,
    refusals=(404,),
    summary="One version",
)
def version(db: Db, slug: views.Slug, version_id: Identifier) -> views.VersionDetail:
    """A version with its words."""
    return views.detail(db.read(lambda unit: service.version(unit, slug, version_id)))


@desk_routes.add(
    "POST",
    "/admin/legal/{slug}/versions/{version_id}/publish",
    roles=DESK,
    refusals=(404, 409),
    response_model=views.VersionSummary,
    summary="Publish a version",
)
def publish(
    db: Db,
    caller: Caller,
    slug: views.Slug,
    version_id: Identifier,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Make a version the one that everybody reads; an earlier one comes back as it was."""

    def work(unit: UnitOfWork) -> views.VersionSummary:
        return views.summary(service.publish(unit, caller, slug, version_id))

    operation = f"legal.publish:{version_id}"
    return once(db, Ask(caller, idempotency_key, operation, None, status=200), work)


@desk_routes.add(
    "GET",
    "/admin/legal/acknowledgements.csv",
    roles=DESK,
    response_class=Response,
    answers=_CSV,
    summary="Who has acknowledged what",
)
def acknowledgements(
    db: Db, policy: Annotated[str | None, Query(max_length=64, pattern=r"^[a-z0-9-]+$")] = None
) -> Response:
    """Every acknowledgement, and a line for everybody who owes one and has given none."""
    rows = service.acknowledgement_rows(db, policy)
    return tabular.answer("acknowledgements.csv", service.ACKNOWLEDGEMENT_COLUMNS, rows)


@desk_routes.add(
    "GET",
    "/admin/legal/audit.csv",
    roles=DESK,
    response_class=Response,
    answers=_CSV,
    summary="What was written and published, by whom",
)
def audit(db: Db) -> Response:
    """Every version and publication of every document, with its metadata."""
    return tabular.answer("policy-audit.csv", service.AUDIT_COLUMNS, service.audit_rows(db))


def _draft(body: views.NewVersion) -> service.Draft:
    rule, governance = body.acknowledgement, body.governance
    stated = Metadata(
        owner=body.owner,
        effective_date=body.effective_date,
        jurisdiction=body.jurisdiction,
        contact=body.contact,
        audience=tuple(sorted(set(body.audience))),
        acknowledgement=_rule(rule) if rule else None,
        governance=Governance(**governance.model_dump()) if governance else None,
    )
    return service.Draft(body.version, body.content, stated, body.summary)


def _rule(rule: views.NewRule) -> AckRule:
    return AckRule(**{**rule.model_dump(), "frequency": Frequency(rule.frequency)})
