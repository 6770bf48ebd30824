"""Sessions: short, listed, revocable, rotated at every sign-in.

The cookie's token is kept as its SHA-256. The signing key rides along encrypted under the token,
so that whoever has the file alone can't sign, and a restarted console needs nobody to type again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from golive.console.identity import Proof
from golive.console.settings import ConsoleSettings
from golive.console.store import Store
from golive.evidence.keys import SigningKey
from golive.ports.clock import Clock

_RAW = serialization.Encoding.Raw
_TOUCH = 60.0
_REMEMBERED = 86_400.0


@dataclass(frozen=True)
class Session:
    id: str
    person: str
    way: str
    """`passphrase` or `passkey`."""
    client: str
    opened: float
    seen: float
    expires: float


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is signed in."""

    session: Session
    token: str

    @property
    def person(self) -> str:
        return self.session.person

    def __repr__(self) -> str:
        return f"Visit({self.session!r})"


class Sessions:
    def __init__(self, store: Store, settings: ConsoleSettings, clock: Clock) -> None:
        self._store, self._settings, self._clock = store, settings, clock

    def open(self, proof: Proof, way: str, client: str, before: str = "") -> str:
        """A new session's token; the session of the token `before` ends."""
        token, now = secrets.token_urlsafe(32), self._now()
        sealed = _sealed(proof.key, token) if proof.key else None
        expires = now + self._settings.life.total_seconds()
        with self._store.writing() as db:
            idle = now - self._settings.idle.total_seconds()
            db.execute(
                "DELETE FROM session WHERE digest = ? OR seen <= ?",
                (_digest(before), now - _REMEMBERED),
            )
            # What has ended is remembered by its person alone: nothing can be signed with it.
            db.execute("UPDATE session SET key = NULL WHERE expires <= ? OR seen <= ?", (now, idle))
            db.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (secrets.token_hex(8), _digest(token), proof.person, way, client[:120], now, now,
                 expires, sealed),
            )  # fmt: skip
        return token

    def visit(self, token: str) -> Visit | None:
        """Whose session `token` is, and that it is being used; None when it isn't one any more."""
        digest, now = _digest(token), self._now()
        row = self._store.one("SELECT * FROM session WHERE digest = ?", digest)
        if row is None or not hmac.compare_digest(str(row["digest"]), digest):
            return None
        idle = self._settings.idle.total_seconds()
        if row["expires"] <= now or row["seen"] + idle <= now:
            return None
        if row["seen"] + min(_TOUCH, idle / 10) <= now:
            with self._store.writing() as db:
                db.execute("UPDATE session SET seen = ? WHERE digest = ?", (now, digest))
        return Visit(_session(row), token)

    def lapsed(self, token: str) -> str:
        """Whose session of this token has ended by itself within a day; "" where none has."""
        row = self._store.one(
            "SELECT person FROM session WHERE digest = ? AND seen > ?",
            _digest(token), self._now() - _REMEMBERED,
        )  # fmt: skip
        return str(row["person"]) if row else ""

    def key(self, visit: Visit) -> SigningKey | None:
        """The signing key that came along at sign-in; None where it must be unlocked first."""
        row = self._store.one("SELECT key FROM session WHERE id = ?", visit.session.id)
        return _unsealed(row["key"], visit.token) if row is not None and row["key"] else None

    def of(self, person: str) -> Sequence[Session]:
        """Newest first."""
        now = self._now()
        rows = self._store.all(
            "SELECT * FROM session WHERE person = ? AND expires > ? AND seen > ? "
            "ORDER BY opened DESC, id",
            person, now, now - self._settings.idle.total_seconds(),
        )  # fmt: skip
        return [_session(row) for row in rows]

    def revoke(self, person: str, session: str) -> None:
        """End a session of `person`'s own; another's stays."""
        with self._store.writing() as db:
            db.execute("DELETE FROM session WHERE id = ? AND person = ?", (session, person))

    def tell(self, visit: Visit, kind: str, text: str) -> None:
        """Say something on the next page that this session sees, once."""
        with self._store.writing() as db:
            db.execute("INSERT INTO notice VALUES (?, ?, ?)", (visit.session.id, kind, text))

    def told(self, visit: Visit) -> Sequence[tuple[str, str]]:
        """What is to be said now: (`done` or `refused`, text)."""
        if self._store.one("SELECT 1 FROM notice WHERE session = ?", visit.session.id) is None:
            return ()
        with self._store.writing() as db:
            rows = db.execute(
                "DELETE FROM notice WHERE session = ? RETURNING kind, text", (visit.session.id,)
            ).fetchall()
        return [(str(row["kind"]), str(row["text"])) for row in rows]

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _session(row: object) -> Session:
    names = ("id", "person", "way", "client", "opened", "seen", "expires")
    return Session(**{name: row[name] for name in names})  # type: ignore[index]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _cipher(token: str) -> AESGCM:
    return AESGCM(hmac.digest(token.encode(), b"golive session key", "sha256"))


def _sealed(key: SigningKey, token: str) -> bytes:
    raw = key.raw.private_bytes(_RAW, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    nonce = secrets.token_bytes(12)
    return nonce + _cipher(token).encrypt(nonce, raw, None)


def _unsealed(sealed: bytes, token: str) -> SigningKey:
    raw = _cipher(token).decrypt(sealed[:12], sealed[12:], None)
    return SigningKey(Ed25519PrivateKey.from_private_bytes(raw))
