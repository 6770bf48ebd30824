"""Passkeys (W3C Web Authentication, level 3): signing in without a passphrase, where TLS allows.

A passkey opens a session; it doesn't open the signing key, which is encrypted under the passphrase.
What such a session signs asks for the passphrase each time.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from golive.console.identity import NotKnown
from golive.console.settings import ConsoleSettings
from golive.console.store import Store
from golive.kernel.errors import BadInput
from golive.ports.clock import Clock

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

_GOOD_FOR = 300.0


@dataclass(frozen=True)
class Passkey:
    id: str
    """Hexadecimal."""
    label: str
    made: float


class Passkeys:
    def __init__(self, store: Store, settings: ConsoleSettings, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._origin = settings.origin
        self._site = urlsplit(settings.origin).hostname or ""
        self.possible = settings.secure or self._site == "localhost"
        """Browsers offer passkeys to secure origins only, and to names only, never to addresses."""

    def of(self, person: str) -> Sequence[Passkey]:
        rows = self._store.all("SELECT * FROM passkey WHERE person = ? ORDER BY made", person)
        return [Passkey(bytes(row["id"]).hex(), row["label"], row["made"]) for row in rows]

    def remove(self, person: str, ident: str) -> None:
        """Forget a passkey of `person`'s own; another's stays."""
        with self._store.writing() as db:
            db.execute("DELETE FROM passkey WHERE lower(hex(id)) = ? AND person = ?",
                       (ident, person))  # fmt: skip

    # -- making one --------------------------------------------------------------------------

    def creation(self, visitor: str, person: str) -> str:
        """What the browser is asked, as JSON, for the visitor whose cookie is `visitor`."""
        import webauthn
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        options = webauthn.generate_registration_options(
            rp_id=self._site,
            rp_name="Golive",
            user_name=person,
            user_id=hashlib.sha256(f"golive {person}".encode()).digest(),
            challenge=self._challenge(visitor, "create"),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=self._known(person),
        )
        return webauthn.options_to_json(options)

    def add(self, visitor: str, person: str, answer: str, label: str) -> None:
        """Keep the passkey that the browser made. BadInput when its answer doesn't hold."""
        import webauthn
        from webauthn.helpers.exceptions import WebAuthnException

        challenge = self._spent(visitor, "create")
        try:
            made = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._site,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except WebAuthnException as error:
            raise BadInput("the passkey was not made", hint="try it once more") from error
        with self._store.writing() as db:
            db.execute(
                "INSERT OR IGNORE INTO passkey VALUES (?, ?, ?, ?, ?, ?)",
                (made.credential_id, person, made.credential_public_key, made.sign_count,
                 label[:60] or "passkey", self._now()),
            )  # fmt: skip

    # -- using one ---------------------------------------------------------------------------

    def request(self, visitor: str) -> str:
        """What the browser is asked at the front door: any passkey of this console, nobody's in
        particular, so that nothing is told about who exists."""
        import webauthn
        from webauthn.helpers.structs import UserVerificationRequirement

        options = webauthn.generate_authentication_options(
            rp_id=self._site,
            challenge=self._challenge(visitor, "enter"),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return webauthn.options_to_json(options)

    def enter(self, visitor: str, answer: str) -> str:
        """Whose passkey it is. NotKnown when it is nobody's or doesn't hold."""
        import webauthn
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.exceptions import WebAuthnException

        challenge = self._spent(visitor, "enter")
        try:
            ident = base64url_to_bytes(str(json.loads(answer)["rawId"]))
        except (ValueError, TypeError, KeyError) as error:
            raise NotKnown("this passkey isn't known here") from error
        row = self._store.one("SELECT * FROM passkey WHERE id = ?", ident)
        if row is None:
            raise NotKnown("this passkey isn't known here")
        try:
            shown = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._site,
                expected_origin=self._origin,
                credential_public_key=bytes(row["public"]),
                credential_current_sign_count=row["count"],
                require_user_verification=True,
            )
        except WebAuthnException as error:
            raise NotKnown("this passkey isn't known here") from error
        with self._store.writing() as db:
            db.execute("UPDATE passkey SET count = ? WHERE id = ?", (shown.new_sign_count, ident))
        return str(row["person"])

    # -- challenges --------------------------------------------------------------------------

    def _known(self, person: str) -> list[PublicKeyCredentialDescriptor]:
        from webauthn.helpers.structs import PublicKeyCredentialDescriptor

        rows = self._store.all("SELECT id FROM passkey WHERE person = ?", person)
        return [PublicKeyCredentialDescriptor(id=bytes(row["id"])) for row in rows]

    def _challenge(self, visitor: str, purpose: str) -> bytes:
        value = secrets.token_bytes(32)
        with self._store.writing() as db:
            db.execute("DELETE FROM challenge WHERE expires <= ?", (self._now(),))
            db.execute(
                "INSERT OR REPLACE INTO challenge VALUES (?, ?, ?)",
                (_name(visitor, purpose), value, self._now() + _GOOD_FOR),
            )
        return value

    def _spent(self, visitor: str, purpose: str) -> bytes:
        """The visitor's challenge, which is good for once. NotKnown where there is none."""
        with self._store.writing() as db:
            row = db.execute(
                "DELETE FROM challenge WHERE visitor = ? AND expires > ? RETURNING value",
                (_name(visitor, purpose), self._now()),
            ).fetchone()
        if row is None:
            raise NotKnown("the page was too old", hint="load it again")
        return bytes(row["value"])

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _name(visitor: str, purpose: str) -> str:
    return hashlib.sha256(f"{purpose} {visitor}".encode()).hexdigest()
