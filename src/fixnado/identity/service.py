"""Signing in, staying in, signing out.

A password check takes as long for an unknown address as for a known one. Tokens are random; the
database keeps HMAC-SHA256 of them under a key of its own, so a stolen database opens no session.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from fixnado.identity import store
from fixnado.identity.errors import Locked, SessionOver, WrongCredentials
from fixnado.identity.model import (
    ACCESS_TTL,
    FAILURE_WINDOW,
    FAILURES_PER_ACCOUNT,
    FAILURES_PER_ADDRESS,
    REFRESH_TTL,
    Person,
    Session,
    SignedIn,
    Tokens,
)
from fixnado.platform.access import Principal, Role
from fixnado.platform.database import Database, UnitOfWork
from fixnado.platform.errors import NotFound
from fixnado.platform.ids import new_id

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's minimum for argon2id: 19 MiB, two passes, one lane."""
_HASHING: Final = BoundedSemaphore(4)
"""At most this many at once, so that a flood of logins can't fill the memory."""


class Identity:
    """Accounts and sessions over one database."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database = database
        self._secret = secret

    def login(self, email: str, password: str, address: str) -> SignedIn:
        """Open a session; WrongCredentials or Locked, the same for unknown and known accounts."""
        limits = (
            (_counter("account", email), FAILURES_PER_ACCOUNT),
            (_counter("address", address), FAILURES_PER_ADDRESS),
        )

        def look(unit: UnitOfWork) -> Person | None:
            _demand_room(unit, limits)
            return store.person_by_email(unit, email)

        def judge(unit: UnitOfWork) -> SignedIn | None:
            # again, or those that were checked at the same time would all be told what they found
            _demand_room(unit, limits)
            if found is None or not fits:
                _count(unit, [key for key, _ in limits])
                return None
            return self._open(unit, found, forget=limits[0][0])

        found = self._database.read(look)
        fits = _verify(found.password_hash if found else None, password)
        signed_in = self._database.write(judge)
        if signed_in is None:
            raise WrongCredentials
        return signed_in

    def authenticate(self, token: str) -> Principal:
        """The person behind an access token, with the role that they have at this moment."""
        digest = self._key("access", token)

        def look(unit: UnitOfWork) -> Principal:
            found = store.session_by_access(unit, digest)
            if found is None or not found[0].open_at(unit.now):
                raise SessionOver
            session, role = found
            return Principal(session.user_id, role, session.id)

        return self._database.read(look)

    def refresh(self, token: str) -> SignedIn:
        """New tokens for old. A spent refresh token ends the session: somebody copied it."""
        digest = self._key("refresh", token)

        def renew(unit: UnitOfWork) -> SignedIn | None:
            found = store.session_by_refresh(unit, digest)
            if found is None:
                return None
            session, current = found
            if not current:
                store.end_session(unit, session.id)
                return None
            person = store.person(unit, session.user_id)
            if person is None or not session.refreshable_at(unit.now):
                return None
            tokens = _tokens()
            expires = min(unit.now + ACCESS_TTL, session.refresh_expires_at)
            renewed = replace(session, expires_at=expires)
            store.renew_session(unit, renewed, *self._hashes(tokens), digest)
            return SignedIn(person, renewed, tokens)

        signed_in = self._database.write(renew)
        if signed_in is None:
            raise SessionOver
        return signed_in

    def logout(self, session_id: str) -> None:
        self._database.write(lambda unit: store.end_session(unit, session_id))

    def _open(self, unit: UnitOfWork, person: Person, *, forget: str) -> SignedIn:
        tokens = _tokens()
        session = Session(
            id=new_id(),
            user_id=person.id,
            issued_at=unit.now,
            expires_at=unit.now + ACCESS_TTL,
            refresh_expires_at=unit.now + REFRESH_TTL,
        )
        store.forget_failures(unit, forget)
        store.add_session(unit, session, *self._hashes(tokens))
        return SignedIn(person, session, tokens)

    def _hashes(self, tokens: Tokens) -> tuple[str, str]:
        return self._key("access", tokens.access), self._key("refresh", tokens.refresh)

    def _key(self, kind: str, value: str) -> str:
        return hmac.new(self._secret, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()


def person(unit: UnitOfWork, user_id: str) -> Person:
    """The account of `user_id`; NotFound when there is none."""
    found = store.person(unit, user_id)
    if found is None:
        raise NotFound("no such person")
    return found


def find_by_email(unit: UnitOfWork, email: str) -> Person | None:
    return store.person_by_email(unit, email)


def names(unit: UnitOfWork, user_ids: Sequence[str]) -> dict[str, str]:
    """Display name by id, of those that exist."""
    return store.names(unit, user_ids)


def page(unit: UnitOfWork, after: str, limit: int) -> list[Person]:
    """The next `limit` accounts by id, beginning after the id `after` ("" for the first)."""
    return store.page(unit, after, limit)


def import_people(unit: UnitOfWork, people: Sequence[Mapping[str, Any]]) -> None:
    """Add many accounts at once, without passwords."""
    store.add_people(unit, people)


def ensure_account(unit: UnitOfWork, account: Person, password: str) -> None:
    """Make `account` able to sign in with `password`, whether it is there already or not. Sessions
    that an older password or role opened are over."""
    known = store.person_by_email(unit, account.email)
    if known is None:
        fields = {name: getattr(account, name) for name in account.__dataclass_fields__}
        store.add_people(unit, [{**fields, "password_hash": _HASHER.hash(password)}])
    elif known.role != account.role or not _verify(known.password_hash, password):
        store.set_password(unit, known.id, _HASHER.hash(password), Role(account.role).value)
        store.end_sessions(unit, known.id)


def _counter(kind: str, value: str) -> str:
    """The key that failures are counted under, the same on every instance."""
    return hashlib.sha256(f"{kind}\0{value}".encode()).hexdigest()


def _verify(password_hash: str | None, password: str) -> bool:
    with _HASHING:
        try:
            _HASHER.verify(password_hash or _nobody(), password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
    return password_hash is not None


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that no password fits: checked for accounts that don't exist."""
    return _HASHER.hash(secrets.token_hex(32))


def _demand_room(unit: UnitOfWork, limits: Sequence[tuple[str, int]]) -> None:
    """Locked where as many attempts failed under one of the keys as may."""
    for key, limit in limits:
        known = store.failures(unit, key)
        if known and (wait := known.blocked_for(limit, unit.now)):
            raise Locked(retry_after=wait)


def _count(unit: UnitOfWork, keys: Sequence[str]) -> None:
    for key in keys:
        known = store.failures(unit, key)
        if known is None or unit.now >= known.window_ends_at:
            store.keep_failures(unit, key, 1, unit.now + FAILURE_WINDOW)
        else:
            store.keep_failures(unit, key, known.count + 1, known.window_ends_at)


def _tokens() -> Tokens:
    return Tokens(access=secrets.token_urlsafe(32), refresh=secrets.token_urlsafe(32))
