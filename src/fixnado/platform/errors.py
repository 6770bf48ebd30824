"""What can go wrong for a caller. Contexts refine these; `problems` turns them into answers."""

from __future__ import annotations

from collections.abc import Mapping


class FixnadoError(Exception):
    """A refusal that the caller is told about, in words that hold no secret."""

    status = 500
    title = "Something went wrong"

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})


class BadRequest(FixnadoError):
    status = 400
    title = "The request can't be understood"


class Unauthenticated(FixnadoError):
    status = 401
    title = "Sign in first"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(FixnadoError):
    status = 403
    title = "Your role may not do this"


class NotFound(FixnadoError):
    status = 404
    title = "There is no such thing"


class Conflict(FixnadoError):
    status = 409
    title = "This clashes with how things stand"


class TooLarge(FixnadoError):
    status = 413
    title = "The request is too large"


class WrongMediaType(FixnadoError):
    status = 415
    title = "Send JSON"


class Invalid(FixnadoError):
    status = 422
    title = "A value is not acceptable"


class TooMany(FixnadoError):
    status = 429
    title = "Too many attempts"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Unavailable(FixnadoError):
    status = 503
    title = "Not available at the moment"


class StartRefused(Exception):
    """The service can't start as it was asked to: what, and what to do about it."""
