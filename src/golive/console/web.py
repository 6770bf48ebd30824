"""Small things that every page needs: who asks, an answer, a way to the next page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from golive.console.forms import Form, Hidden, hidden, read_form
from golive.console.means import Means
from golive.console.sessions import Visit

_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9._~/-]*(\?[A-Za-z0-9=&._~/-]*)?(#[A-Za-z0-9-]*)?")


class SignIn(Exception):
    """Nobody is signed in; `path` is where they wanted to go."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def means(request: Request) -> Means:
    return cast("Means", request.app.state.means)


def cookie(request: Request) -> str:
    """The session's token, or the one that a page before signing in gave."""
    return request.cookies.get(means(request).settings.cookie, "")


def visit(request: Request) -> Visit:
    """Whose request it is. SignIn where nobody is signed in."""
    found = means(request).sessions.visit(cookie(request))
    if found is None:
        raise SignIn(request.url.path)
    return found


def client(request: Request) -> str:
    """The address that the request came from."""
    return request.client.host if request.client else "unknown"


def page(
    request: Request,
    template: str,
    facts: Mapping[str, object],
    status: int = 200,
    token: str | None = None,
) -> HTMLResponse:
    """`template` rendered with `facts`. It also finds `who` (the person's id or ""), `notices`,
    `here` (its own path) and `form(path)`, the hidden fields of a form that is sent there.

    `token` is the cookie's value where this answer is the one that sets it.
    """
    tools = means(request)
    token = cookie(request) if token is None else token
    who = tools.sessions.visit(token)

    def form(path: str) -> Hidden:
        return hidden(token, path)

    text = tools.templates.get_template(template).render(
        who=who.person if who else "",
        notices=tools.sessions.told(who) if who and _is_next(request, status) else (),
        form=form,
        here=request.url.path,
        **facts,
    )
    return HTMLResponse(text, status)


def _is_next(request: Request, status: int) -> bool:
    """Whether somebody comes to this page next: what is said once is for neither a refusal in
    another tab nor for a script that renews a page (Fetch Metadata, `Sec-Fetch-Dest`)."""
    return status == 200 and request.headers.get("sec-fetch-dest", "document") == "document"


async def form_of(request: Request) -> Form:
    """The form that this request brings, proven to be of this visitor and this address."""
    form = await read_form(request, cookie(request))
    request.state.sent = form  # a refusal gives back what was typed
    return form


def see(location: str) -> RedirectResponse:
    """On to a page of ours after a form (303, RFC 9110 §15.4.4), never to anywhere else."""
    return RedirectResponse(own_path(location) or "/me", 303)


def own_path(path: str) -> str:
    """`path` where it is one of this console's, else "": no other host, no odd characters."""
    return path if _PATH.fullmatch(path) else ""


def set_cookie(request: Request, answer: HTMLResponse | RedirectResponse, token: str) -> None:
    """The one cookie. It lives as long as the browser's window at most."""
    settings = means(request).settings
    answer.set_cookie(
        settings.cookie,
        token,
        secure=settings.secure,
        httponly=True,
        samesite="strict",
        path="/",
    )
