"""What can go wrong when somebody signs in."""

from __future__ import annotations

from fixnado.platform.errors import TooMany, Unauthenticated


class WrongCredentials(Unauthenticated):
    """The same words whether the account exists or not."""

    def __init__(self) -> None:
        super().__init__("e-mail or password is wrong")


class SessionOver(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("the session is unknown, ended or expired; sign in again")


class Locked(TooMany):
    def __init__(self, *, retry_after: int) -> None:
        super().__init__("too many failed attempts; wait and try again", retry_after=retry_after)
