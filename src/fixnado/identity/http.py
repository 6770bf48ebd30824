"""`/v1/auth`: sign in, refresh, sign out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import StringConstraints

from fixnado.identity.model import SignedIn
from fixnado.identity.service import Identity
from fixnado.platform.access import EVERYONE, SIGNED_IN
from fixnado.platform.errors import Unauthenticated
from fixnado.platform.moments import Moment
from fixnado.platform.web import COOKIE, Caller, Routes
from fixnado.platform.wire import Email, Incoming, Outgoing

REFRESH_COOKIE = "fixnado_refresh"
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ClientType = Literal["web", "mobile"]
routes = Routes("identity")


class Login(Incoming):
    email: Email
    password: Secret
    client_type: ClientType = "web"
    security_token: Annotated[str, StringConstraints(max_length=64)] | None = None
    """For accounts with a second factor; these accounts have none, so it is not looked at."""


class Refresh(Incoming):
    refresh_token: Secret | None = None
    """Absent where the browser sends it as a cookie."""


class UserView(Outgoing):
    id: str
    email: str
    name: str
    role: str
    persona: str


class SessionView(Outgoing):
    id: str
    issued_at: Moment
    expires_at: Moment
    refresh_expires_at: Moment
    role: str
    persona: str


class TokensView(Outgoing):
    access_token: str
    refresh_token: str


class SignedInView(Outgoing):
    user: UserView
    session: SessionView
    tokens: TokensView | None
    """None for a web client, which gets cookies that no script can read."""
    expires_in: int
    """Seconds until the access token expires."""


@routes.add("POST", "/auth/login", roles=EVERYONE, refusals=(401, 429), summary="Sign in")
def login(body: Login, request: Request, response: Response) -> SignedInView:
    """Open a session. A mobile client gets tokens, a web client cookies."""
    address = request.client.host if request.client else ""
    signed_in = _identity(request).login(body.email, body.password, address)
    return _answer(signed_in, body.client_type, request, response)


@routes.add("POST", "/auth/refresh", roles=EVERYONE, refusals=(401,), summary="Refresh a session")
def refresh(request: Request, response: Response, body: Refresh | None = None) -> SignedInView:
    """New tokens for a refresh token, which is spent by this; using it again ends the session."""
    given = body.refresh_token if body else None
    cookie = request.cookies.get(REFRESH_COOKIE)
    token = given or cookie
    if not token:
        raise Unauthenticated("there is no refresh token in the body or the cookies")
    signed_in = _identity(request).refresh(token)
    return _answer(signed_in, "mobile" if given else "web", request, response)


@routes.add("POST", "/auth/logout", roles=SIGNED_IN, status=204, summary="Sign out")
def logout(caller: Caller, request: Request, response: Response) -> None:
    """End this session; its tokens are worth nothing from here on."""
    _identity(request).logout(caller.session_id)
    response.delete_cookie(COOKIE, path="/")
    response.delete_cookie(REFRESH_COOKIE, path="/v1/auth")


def _identity(request: Request) -> Identity:
    identity: Identity = request.app.state.identity
    return identity


def _answer(
    signed_in: SignedIn, client: ClientType, request: Request, response: Response
) -> SignedInView:
    person, session = signed_in.person, signed_in.session
    tokens = None
    if client == "mobile":
        given = signed_in.tokens
        tokens = TokensView(access_token=given.access, refresh_token=given.refresh)
    else:
        _set_cookies(signed_in, request, response)
    response.headers["Cache-Control"] = "no-store"
    return SignedInView(
        user=UserView.model_validate(person),
        session=SessionView(
            id=session.id,
            issued_at=session.issued_at,
            expires_at=session.expires_at,
            refresh_expires_at=session.refresh_expires_at,
            role=person.role.value,
            persona=person.persona,
        ),
        tokens=tokens,
        expires_in=int((session.expires_at - request.app.state.database.clock()).total_seconds()),
    )


def _set_cookies(signed_in: SignedIn, request: Request, response: Response) -> None:
    secure = request.url.scheme == "https"
    session, tokens = signed_in.session, signed_in.tokens
    for name, value, path, expires in (
        (COOKIE, tokens.access, "/", session.expires_at),
        (REFRESH_COOKIE, tokens.refresh, "/v1/auth", session.refresh_expires_at),
    ):
        response.set_cookie(
            name, value, path=path, expires=expires, httponly=True, secure=secure, samesite="strict"
        )
