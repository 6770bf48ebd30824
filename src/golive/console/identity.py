"""Who somebody is: invitations with one use, then a passphrase; and the keys kept for them.

A person without a machine of their own has their signing key kept here. From the invitation until
it is taken up the key is encrypted under the invitation's token, afterwards under the stretched
passphrase; the console keeps neither, so it can't sign for anybody by itself.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from golive.console.settings import ConsoleSettings
from golive.console.store import Store
from golive.evidence.keys import SigningKey
from golive.governance.acts import fingerprint
from golive.governance.keyring import locked, opened
from golive.governance.passphrases import COST, Stretched, demand_hard_to_guess, stretch
from golive.kernel.errors import BadInput
from golive.ports.clock import Clock

_WINDOW = 15 * 60.0
_MOST_FOR_ONE = 5
_MOST_FROM_ONE = 30


class NotKnown(BadInput):
    """It isn't told whether person or passphrase was wrong."""


class TooMany(BadInput):
    """Too many failed attempts; `seconds` until the next may be made."""

    def __init__(self, seconds: int) -> None:
        minutes = max(1, round(seconds / 60))
        super().__init__(
            f"too many attempts failed; try again in {minutes} minute{'s' * (minutes > 1)}"
        )
        self.seconds = seconds


@dataclass(frozen=True)
class Invited:
    """What an invitation that still holds says."""

    person: str
    mark: str
    expires: float


@dataclass(frozen=True)
class Proof:
    """Somebody has shown who they are."""

    person: str
    key: SigningKey | None
    """None where the console keeps no key of theirs."""


class Identity:
    def __init__(self, store: Store, settings: ConsoleSettings, clock: Clock) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._pepper = store.secret("unknown people")

    # -- invitations -------------------------------------------------------------------------

    def invite(self, person: str, *, own_key: bool = False, again: bool = False) -> tuple[str, str]:
        """A new invitation's token, and the fingerprint of the key made with it ("" where the
        person has a key of their own). Earlier invitations of this person end.

        BadInput where the person has taken one up already and `again` isn't said: a new one takes
        their passphrase and key away.
        """
        if self.account(person) and not again:
            raise BadInput(
                f"{person} has taken up an invitation already",
                hint="they sign in with their passphrase; if it is lost, --again invites them "
                "anew, with a new key that only runs begun afterwards accept",
            )
        token = secrets.token_urlsafe(32)
        key = None if own_key else SigningKey.generate()
        mark = fingerprint(key.public) if key else ""
        pem = locked(key, _invitation_key(token)) if key else None
        expires = self._now() + self._settings.invitation_life.total_seconds()
        with self._store.writing() as db:
            db.execute("DELETE FROM invitation WHERE person = ?", (person,))
            db.execute(
                "INSERT INTO invitation VALUES (?, ?, ?, ?, ?, NULL)",
                (_digest(token), person, mark, pem, expires),
            )
        return token, mark

    def invitation(self, token: str) -> Invited | None:
        """None when it isn't one, was used, or has run out."""
        row = self._store.one("SELECT * FROM invitation WHERE digest = ?", _digest(token))
        if row is None or row["used"] is not None or row["expires"] <= self._now():
            return None
        return Invited(row["person"], row["mark"], row["expires"])

    def accept(self, token: str, passphrase: str, name: str = "") -> Proof:
        """Take the invitation up; the key is encrypted anew, under the passphrase. Sessions that
        the person, called `name`, had before end. BadInput when it doesn't hold any more."""
        found = self.invitation(token)
        if found is None:  # a stranger's guess isn't worth the stretching
            raise _over()
        demand_hard_to_guess(passphrase, found.person, name)
        salt = secrets.token_bytes(16)
        stretched = stretch(passphrase, salt)
        with self._store.writing() as db:
            row = db.execute(
                "UPDATE invitation SET used = ? WHERE digest = ? AND used IS NULL AND expires > ? "
                "RETURNING person, mark, key",
                (self._now(), _digest(token), self._now()),
            ).fetchone()
            if row is None:
                raise _over()
            key = opened(row["key"], _invitation_key(token)) if row["key"] else None
            pem = locked(key, stretched.key) if key else None
            db.execute(
                "INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row["person"], salt, COST, stretched.verifier, row["mark"], pem, self._now()),
            )
            db.execute("UPDATE invitation SET key = NULL WHERE digest = ?", (_digest(token),))
            db.execute("DELETE FROM session WHERE person = ?", (row["person"],))
            db.execute("DELETE FROM passkey WHERE person = ?", (row["person"],))
        return Proof(row["person"], key)

    # -- passphrases -------------------------------------------------------------------------

    def account(self, person: str) -> bool:
        return self._store.one("SELECT 1 FROM account WHERE person = ?", person) is not None

    def mark(self, person: str) -> str:
        """Fingerprint of the key that is kept here for `person`; "" where none is."""
        row = self._store.one("SELECT mark FROM account WHERE person = ?", person)
        if row is None:
            row = self._store.one(
                "SELECT mark FROM invitation WHERE person = ? AND used IS NULL", person
            )
        return str(row["mark"]) if row else ""

    def enter(self, person: str, passphrase: str, client: str) -> Proof:
        """NotKnown, or TooMany after several failures for this person or from this client. Takes
        as long for people who don't exist."""
        slow = (f"person {person}", f"person {person} from {client}", f"client {client}")
        attempt = self._attempt(slow)
        row = self._store.one("SELECT * FROM account WHERE person = ?", person)
        salt = bytes(row["salt"]) if row else self._salt_of_nobody(person)
        stretched = stretch(passphrase, salt, row["cost"] if row else COST)
        kept = bytes(row["verifier"]) if row else bytes(32)
        if not hmac.compare_digest(kept, stretched.verifier) or row is None:
            raise NotKnown("person and passphrase don't belong together")
        with self._store.writing() as db:
            db.executemany("DELETE FROM attempt WHERE rowid = ?", [(one,) for one in attempt])
        return Proof(person, _unlocked(row["key"], stretched))

    def _salt_of_nobody(self, person: str) -> bytes:
        return hmac.digest(self._pepper, person.encode(), "sha256")[:16]

    def _attempt(self, slow: tuple[str, str, str]) -> Sequence[int]:
        """Count it as failed before it is looked at, so that many at once are no more than many in
        turn; its rows, for when it wasn't. TooMany where there were enough."""
        anybody, pair, client = slow
        now = self._now()
        since = now - _WINDOW
        with self._store.writing() as db:
            db.execute("DELETE FROM attempt WHERE at <= ?", (since,))
            for who, most in ((pair, _MOST_FOR_ONE), (client, _MOST_FROM_ONE), (anybody, 50)):
                row = db.execute(
                    "SELECT count(*) AS n, min(at) AS first FROM attempt WHERE who = ?", (who,)
                ).fetchone()
                if row["n"] >= most:
                    raise TooMany(round(row["first"] - since) + 1)
            return [
                int(db.execute("INSERT INTO attempt VALUES (?, ?)", (who, now)).lastrowid or 0)
                for who in slow
            ]

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _over() -> BadInput:
    return BadInput("this invitation was used or has run out", hint="ask for another")


def _unlocked(pem: bytes | None, stretched: Stretched) -> SigningKey | None:
    return opened(pem, stretched.key) if pem else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _invitation_key(token: str) -> str:
    return hmac.digest(token.encode(), b"golive invitation key", "sha256").hex()
