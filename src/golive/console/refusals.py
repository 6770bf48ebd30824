"""What people see when something isn't done: the page says why and what to do, never how the
console is made."""

from __future__ import annotations

import logging

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from golive.console.forms import NotOurs
from golive.console.identity import NotKnown, TooMany
from golive.console.security import TooLong
from golive.console.web import SignIn, own_path, page, see
from golive.governance.acts import ActRefused
from golive.kernel.errors import GoliveError

_LOG = logging.getLogger("golive.console")
_STATUS: tuple[tuple[type[GoliveError], int], ...] = (
    (TooMany, 429),
    (NotKnown, 403),
    (NotOurs, 403),
    (ActRefused, 403),
)


class Missing(GoliveError):
    """There is no such page, or not for this person: the two look alike."""


def install(app: FastAPI) -> None:
    app.add_exception_handler(SignIn, _sign_in)
    app.add_exception_handler(Missing, _missing)
    app.add_exception_handler(GoliveError, _refused)
    app.add_exception_handler(TooLong, _too_long)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)


def _sign_in(request: Request, error: Exception) -> Response:
    """To the front door. A link in a message comes without the cookie (`SameSite=Strict`): then
    this console's own page asks once more, which brings it along."""
    assert isinstance(error, SignIn)
    if request.headers.get("sec-fetch-site") == "cross-site" and request.method == "GET":
        return page(request, "bounce.html", {"to": own_path(error.path) or "/me"})
    if request.headers.get("accept") == "text/event-stream":
        return PlainTextResponse("nobody is signed in\n", 401)
    return see(f"/enter?to={own_path(error.path)}")


def _missing(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return page(
        request, "refused.html", {"what": "There is no such page.", "hint": "", "back": "/me"}, 404
    )


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, GoliveError)
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 400)
    answer = page(
        request,
        "refused.html",
        {"what": error.what, "hint": error.hint, "back": _back(request)},
        status,
    )
    if isinstance(error, TooMany):
        answer.headers["retry-after"] = str(error.seconds)
    return answer


def _too_long(request: Request, error: Exception) -> Response:  # noqa: ARG001
    answer = PlainTextResponse("more was sent than is taken here\n", 413)
    answer.headers["connection"] = "close"
    return answer


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _missing(request, error)
    return PlainTextResponse(f"{error.detail}\n", error.status_code)


def _broken(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    return PlainTextResponse("The console could not do that; its log says why.\n", 500)


def _back(request: Request) -> str:
    """The page that the form was on, by its address: forms are sent to below their page."""
    return own_path(request.url.path.rpartition("/")[0]) or "/me"
