"""`/v1/compliance/data-requests/{id}/export`: making an export and fetching it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import Response, StreamingResponse

from fixnado.compliance.http.views import (
    ExportedView,
    ManifestView,
    exported_view,
    manifest_view,
)
from fixnado.compliance.model.exports import FORMAT, Export
from fixnado.compliance.service import exporting
from fixnado.compliance.service.desk import OFFICERS
from fixnado.compliance.service.exporting import Exports
from fixnado.platform.access import SIGNED_IN
from fixnado.platform.database import UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.web import Caller, Db, Named, Routes

routes = Routes("data governance", prefix="/v1/compliance/data-requests")
_BYTES: dict[int, dict[str, Any]] = {
    200: {"description": "One JSON object a line", "content": {FORMAT: {}}}
}


@routes.add(
    "POST",
    "/{request_id}/export",
    roles=OFFICERS,
    refusals=(404, 409),
    response_model=ExportedView,
    summary="Export a person's data",
)
def make(
    request: Request,
    db: Db,
    caller: Caller,
    request_id: Named,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Write everything kept about the person, and answer the access request with it."""
    exports = _exports(request)
    made: list[Export] = []

    def work(unit: UnitOfWork) -> ExportedView:
        return exported_view(exports.keep(unit, caller, made[0]), made[0])

    ask = Ask(caller, idempotency_key, f"data-requests.export:{request_id}", None, status=200)
    try:
        return once(db, ask, work, before=lambda: made.append(exports.make(db, caller, request_id)))
    except BaseException:
        for export in made:
            exports.drop(export)
        raise


@routes.add("GET", "/{request_id}/export", roles=SIGNED_IN, refusals=(404,), summary="Its manifest")
def manifest(db: Db, caller: Caller, request_id: Named) -> ManifestView:
    """Datasets, chunks and digests of the newest export; the subject may see it too."""
    return manifest_view(_latest(db, caller, request_id))


@routes.add(
    "GET",
    "/{request_id}/export/payload",
    roles=SIGNED_IN,
    refusals=(404,),
    response_class=Response,
    answers=_BYTES,
    summary="The whole export",
)
def payload(request: Request, db: Db, caller: Caller, request_id: Named) -> Response:
    """Every chunk in order, streamed."""
    export = _latest(db, caller, request_id)
    return StreamingResponse(
        _exports(request).payload(export),
        media_type=FORMAT,
        headers={
            "Content-Length": str(export.bytes),
            "Content-Disposition": f'attachment; filename="export-{export.id}.ndjson"',
            "Cache-Control": "no-store",
        },
    )


@routes.add(
    "GET",
    "/{request_id}/export/chunks/{index}",
    roles=SIGNED_IN,
    refusals=(404,),
    response_class=Response,
    answers=_BYTES,
    summary="One chunk",
)
def chunk(
    request: Request,
    db: Db,
    caller: Caller,
    request_id: Named,
    index: Annotated[int, Path(ge=0, le=1_000_000)],
) -> Response:
    """A chunk's bytes, as its digest was taken of them."""
    export = _latest(db, caller, request_id)
    found = _exports(request).chunk(export, index)
    return Response(found, media_type=FORMAT, headers={"Cache-Control": "no-store"})


def _exports(request: Request) -> Exports:
    exports: Exports = request.app.state.exports
    return exports


def _latest(db: Db, caller: Caller, request_id: str) -> Export:
    return db.read(lambda unit: exporting.latest(unit, caller, request_id))
