"""How a context offers routes: each one names its roles, or the service refuses to start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, Path, Request
from fastapi.routing import APIRoute

from fixnado.platform import problems
from fixnado.platform.access import GUEST, Principal, Role
from fixnado.platform.database import Database
from fixnado.platform.errors import Forbidden, StartRefused, Unauthenticated

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Authenticate = Callable[[str], Principal]

COOKIE = "fixnado_session"
ROLES_KEY = "x-roles"
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_TITLES = {
    400: "The request can't be understood, or a required header is missing",
    401: "No valid session",
    403: "The session's role may not do this",
    404: "There is no such thing, or it is not yours to see",
    408: "The body took too long to arrive",
    409: "This clashes with how things stand",
    413: "The body is larger than the service takes",
    415: "The body is not JSON",
    422: "A value is not acceptable",
    429: "Too many attempts; see Retry-After",
    503: "Something that the service depends on does not answer",
}


@dataclass(frozen=True)
class Route:
    """One endpoint with the roles it is for and everything that its answers may be."""

    method: str
    path: str
    endpoint: Callable[..., Any]
    roles: frozenset[Role]
    options: Mapping[str, Any]


class Routes:
    """The routes of one context under `/v1`, or of the service itself at the root."""

    def __init__(self, tag: str, *, prefix: str = "/v1") -> None:
        self.tag = tag
        self.prefix = prefix
        self.routes: list[Route] = []

    def add(
        self,
        method: str,
        path: str,
        *,
        roles: frozenset[Role],
        status: int = 200,
        refusals: Iterable[int] = (),
        answers: Mapping[int, Mapping[str, Any]] | None = None,
        **options: Any,
    ) -> Callable[[Endpoint], Endpoint]:
        """Offer an endpoint to `roles`; `refusals` are statuses beside those every route has."""
        statuses = {422, 503, *refusals}
        if method in _WITH_BODY:
            statuses |= {400, 408, 413, 415}
        if Role.GUEST not in roles:
            statuses |= {401, 403}

        def offer(endpoint: Endpoint) -> Endpoint:
            known: dict[str, Any] = {
                "status_code": status,
                "responses": {**_refusals(statuses), **(answers or {})},
                "description": _description(endpoint, roles),
                "tags": [self.tag],
                **options,
            }
            self.routes.append(Route(method, self.prefix + path, endpoint, roles, known))
            return endpoint

        return offer

    def mount(self, app: FastAPI) -> None:
        """Give `app` every route, each behind the guard of its roles."""
        for route in self.routes:
            app.add_api_route(
                route.path,
                route.endpoint,
                methods=[route.method],
                dependencies=[Depends(_guard(route.roles))],
                openapi_extra={ROLES_KEY: sorted(route.roles)},
                **route.options,
            )


def _description(endpoint: Callable[..., Any], roles: frozenset[Role]) -> str:
    who = "anyone" if Role.GUEST in roles else ", ".join(sorted(roles))
    return f"{(endpoint.__doc__ or '').strip()}\n\nRole: {who}."


def _refusals(statuses: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": _TITLES[status], "content": {problems.MEDIA_TYPE: reference}}
        for status in sorted(statuses)
    }


def _guard(roles: frozenset[Role]) -> Callable[[Request], Any]:
    if Role.GUEST in roles:

        async def admit(request: Request) -> None:
            request.state.principal = GUEST

        return admit

    def check(request: Request) -> None:
        authenticate: Authenticate = request.app.state.authenticate
        principal = authenticate(credential(request))
        if principal.role not in roles:
            raise Forbidden(f"a session with the role {principal.role.value} may not do this")
        request.state.principal = principal

    return check


def credential(request: Request) -> str:
    """The bearer token or session cookie; Unauthenticated when there is none.

    A cookie travels by itself, so a request that changes something and says that it comes from
    another origin is refused.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    cookie = request.cookies.get(COOKIE, "")
    if not cookie:
        raise Unauthenticated("this needs a session: POST /v1/auth/login opens one")
    origin = request.headers.get("origin")
    same = origin is None or origin.partition("://")[2] == request.headers.get("host")
    if request.method in {"GET", "HEAD"} or same:
        return cookie
    raise Forbidden("a page of another origin may not act with this session")


async def _caller(request: Request) -> Principal:
    principal: Principal = request.state.principal
    return principal


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Caller = Annotated[Principal, Depends(_caller)]
Db = Annotated[Database, Depends(_database)]
Identifier = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
Named = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""An id, or the reference that people gave a case."""


def declared_roles(app: FastAPI) -> dict[tuple[str, str], frozenset[Role]]:
    """Each (method, path) with its roles; StartRefused where a route names none."""
    table: dict[tuple[str, str], frozenset[Role]] = {}
    for route in app.routes:
        extra = route.openapi_extra if isinstance(route, APIRoute) else None
        if not isinstance(route, APIRoute) or not extra or ROLES_KEY not in extra:
            raise StartRefused(f"the route {getattr(route, 'path', route)} names no role")
        for method in route.methods or ():
            table[method, route.path] = frozenset(Role(role) for role in extra[ROLES_KEY])
    return table
