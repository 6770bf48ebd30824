"""What people see when something isn't done: the page says why and what to do, never how the
console is made."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from golive.console.days import NoRun
from golive.console.drafts import draft, packed
from golive.console.entry import door
from golive.console.forms import Form, NotOurs, read_form
from golive.console.identity import NotKnown, TooMany
from golive.console.once import SentBefore
from golive.console.security import TooLong
from golive.console.web import SignIn, cookie, means, own_path, page, see
from golive.console.wording import size
from golive.governance.acts import ActRefused
from golive.kernel.errors import BadInput, GoliveError


class Missing(GoliveError):
    """There is no such page, or not for this person: the two look alike."""


class TooLate(ActRefused):
    """What was waited for came before, from this person or another."""


_LOG = logging.getLogger("golive.console")
_STATUS: tuple[tuple[type[GoliveError], int], ...] = (
    (TooMany, 429),
    (NotKnown, 403),
    (NotOurs, 403),
    (TooLate, 409),
    (ActRefused, 403),
    (SentBefore, 409),
)
_NOT_DONE = "That was not done"
TITLES: Mapping[int, str] = {
    404: "There is no such page",
    409: "Something came first",
    413: "That is too much at once",
    421: "Another address",
    429: "Wait a little",
    500: "Something went wrong here",
}


def install(app: FastAPI) -> None:
    app.add_exception_handler(SignIn, _sign_in)
    app.add_exception_handler(Missing, _missing)
    app.add_exception_handler(NoRun, _missing)
    app.add_exception_handler(GoliveError, _refused)
    app.add_exception_handler(TooLong, _too_long)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(
        RequestValidationError, _missing
    )  # an address with a word for a number
    app.add_exception_handler(Exception, _broken)


async def _sign_in(request: Request, error: Exception) -> Response:
    """To the front door. A link in a message comes without the cookie (`SameSite=Strict`): then
    this console's own page asks once more, which brings it along."""
    assert isinstance(error, SignIn)
    if request.headers.get("sec-fetch-site") == "cross-site" and request.method == "GET":
        return page(request, "bounce.html", {"to": own_path(error.path) or "/me"})
    if request.headers.get("accept") == "text/event-stream":
        return PlainTextResponse("nobody is signed in\n", 401)
    if request.method == "GET":
        return see(f"/enter?to={own_path(error.path)}")
    words = await _words(request)
    if words:
        what = "Your session has ended. Sign in, and what you wrote is given back to you."
        who = means(request).sessions.lapsed(cookie(request))
        return door(request, _back(request), who, what, 403, words)
    return see(f"/enter?to={_back(request)}")


async def _words(request: Request) -> str:
    """What the form of a session that has ended said, as a field of the sign-in form; "" where it
    can't be given back to the one who wrote it."""
    token = cookie(request)
    person = means(request).sessions.lapsed(token)
    kind = request.headers.get("content-type", "")
    if not person or not kind.startswith("application/x-www-form-urlencoded"):
        return ""
    try:
        form = await read_form(request, token)
    except BadInput:
        return ""
    kept = draft(form, person, request.url.path)
    return packed(kept, token) if kept else ""


def _missing(request: Request, error: Exception) -> Response:  # noqa: ARG001
    hint = "It may have been moved or taken back, or be another team's."
    return _told(request, 404, "Nothing that you may see is at this address.", hint, "/me")


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, GoliveError)
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 400)
    answer = _told(request, status, error.what, error.hint, _back(request), _again(request, error))
    if isinstance(error, TooMany):
        answer.headers["retry-after"] = str(error.seconds)
    return answer


def _too_long(request: Request, error: Exception) -> Response:  # noqa: ARG001
    limit = size(means(request).settings.upload_limit)
    answer = _told(
        request, 413, "More was sent than is taken here.", f"A file has at most {limit}."
    )
    answer.headers["connection"] = "close"
    return answer


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _missing(request, error)
    return _told(request, error.status_code, f"{error.detail}.", "")


def _broken(request: Request, error: Exception) -> Response:
    """Whoever asked can tell whoever runs the console which line of its log is about it."""
    mark = secrets.token_hex(4)
    _LOG.error("%s: %s %s", mark, request.method, request.url.path, exc_info=error)
    what = "The console could not do that, and it isn't sure how far it came."
    hint = f"Load the page that you came from, and look. The console's log says why, under {mark}."
    text = alone(means(request).templates, 500, what, hint)
    return HTMLResponse(text, 500)


def _again(request: Request, error: GoliveError) -> Form | None:
    """The refused form, where what it says can be put right and sent once more: nobody writes a
    reason twice because of a slip in the passphrase. None where it would be refused for good, and
    where it said nothing or held a file."""
    sent: Form | None = getattr(request.state, "sent", None)
    if sent is None or sent.files or not sent.fields.get("comment", "").strip():
        return None
    slip = isinstance(error, (BadInput, NotKnown)) and not isinstance(error, NotOurs)
    return sent if slip else None


def _told(
    request: Request,
    status: int,
    what: str,
    hint: str,
    back: str = "/me",
    again: Form | None = None,
) -> Response:
    facts: dict[str, object] = {
        "title": TITLES.get(status, _NOT_DONE),
        "what": what,
        "hint": hint,
        "back": back,
        "again": again.fields if again else {},
        "path": request.url.path,
    }
    return page(request, "refused.html", facts, status)


def alone(templates: Environment, status: int, what: str, hint: str = "") -> str:
    """A refusal as a page that needs neither session nor store: there may be none."""
    facts = {"title": TITLES.get(status, _NOT_DONE), "what": what, "hint": hint, "back": "/me"}
    more = {"who": "", "notices": (), "here": "", "again": {}}
    return templates.get_template("refused.html").render(**facts, **more)


def _back(request: Request) -> str:
    """The page that the form was on, by its address: forms are sent to below their page."""
    return own_path(request.url.path.rpartition("/")[0]) or "/me"
