"""Every refusal leaves as `application/problem+json` (RFC 9457): 404, 405, 422 and 500 too."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from fixnado.platform.errors import FixnadoError

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("fixnado")

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


def body(
    status: int, title: str, detail: str, *, path: str = "", errors: object = None
) -> dict[str, Any]:
    """The members of one problem."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if path:
        problem["instance"] = path
    if errors:
        problem["errors"] = errors
    return problem


def answer(problem: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """`problem` as an HTTP answer with its own status."""
    return Response(
        json.dumps(problem, ensure_ascii=False),
        status_code=int(problem["status"]),
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def install(app: FastAPI) -> None:
    """Make `app` answer every failure with a problem."""
    app.add_exception_handler(FixnadoError, _domain)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _domain(request: Request, error: Exception) -> Response:
    assert isinstance(error, FixnadoError)
    problem = body(error.status, error.title, error.detail, path=request.url.path)
    return answer(problem, error.headers)


async def _validation(request: Request, error: Exception) -> Response:
    """What is wrong and where, without sending the offending value back."""
    assert isinstance(error, RequestValidationError)
    found = [
        {"where": ".".join(str(part) for part in item["loc"]), "what": item["msg"]}
        for item in error.errors()
    ]
    detail = "; ".join(f"{item['where']}: {item['what']}" for item in found[:5])
    problem = body(
        422, "A value is not acceptable", detail, path=request.url.path, errors=found[:20]
    )
    return answer(problem)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    problem = body(error.status_code, title, str(error.detail), path=request.url.path)
    return answer(problem, error.headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("unexpected failure", exc_info=error)
    detail = "the service failed unexpectedly; its log says why"
    return answer(body(500, "Something went wrong", detail, path=request.url.path))
