"""`/openapi.json` and a page about it that asks nothing of any third party."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import HTMLResponse, JSONResponse, Response

from fixnado.platform import problems
from fixnado.platform.access import EVERYONE, Role
from fixnado.platform.web import ROLES_KEY, Routes

routes = Routes("service", prefix="")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1f24;background:#fff}"
    "h2{margin-top:2.5rem;text-transform:capitalize}"
    "code{font:14px/1.4 ui-monospace,monospace}"
    "details{border:1px solid #d0d7de;border-radius:6px;margin:.5rem 0;padding:.5rem .75rem}"
    "summary{cursor:pointer}.m{display:inline-block;min-width:4rem;font-weight:700}"
    "table{border-collapse:collapse}td{padding:.15rem .75rem .15rem 0;vertical-align:top}"
)


def describe(api: FastAPI) -> None:
    """Give `api` an OpenAPI document with problems and sessions in it, made once when asked for."""

    def document() -> dict[str, Any]:
        if api.openapi_schema is None:
            made = get_openapi(title=api.title, version=api.version, routes=api.routes)
            schemas = made.setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = problems.SCHEMA
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            made["components"]["securitySchemes"] = {
                "session": {"type": "http", "scheme": "bearer"}
            }
            for operations in made["paths"].values():
                for operation in operations.values():
                    if Role.GUEST.value not in operation[ROLES_KEY]:
                        operation["security"] = [{"session": []}]
            api.openapi_schema = made
        return api.openapi_schema

    api.openapi = document  # type: ignore[method-assign]


@routes.add(
    "GET",
    "/openapi.json",
    roles=EVERYONE,
    response_class=JSONResponse,
    summary="This API as OpenAPI",
)
def openapi(request: Request) -> Response:
    """Every route with its statuses and the roles that it is for."""
    return JSONResponse(request.app.openapi())


@routes.add(
    "GET", "/docs", roles=EVERYONE, response_class=HTMLResponse, summary="This API, to read"
)
def page(request: Request) -> Response:
    """The same as a page, without scripts and without anything from elsewhere."""
    return HTMLResponse(
        _page(request.app.openapi()),
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )


def _page(document: dict[str, Any]) -> str:
    by_tag: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            by_tag.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(found)}" for tag, found in by_tag.items())
    title = f"{escape(document['info']['title'])} {escape(document['info']['version'])}"
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>"
        '<p>The same as a document for programs: <a href="openapi.json">openapi.json</a>.</p>'
        f"{sections}</body></html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    answers = "".join(
        f"<tr><td><code>{escape(status)}</code></td><td>{escape(answer['description'])}</td></tr>"
        for status, answer in sorted(operation["responses"].items())
    )
    words = escape(operation.get("description", "")).replace("\n\n", "<br>")
    return (
        f'<details><summary><code><span class="m">{method.upper()}</span> {escape(path)}</code> '
        f"{escape(operation['summary'])}</summary><p>{words}</p><table>{answers}</table></details>"
    )
