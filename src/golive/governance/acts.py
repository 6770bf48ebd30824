"""What people do to a run, each act signed by the person's own key.

An act is a DSSE envelope over canonical JSON. It names run, item and person, so it can't be played
again elsewhere; its key must be the one that the roster has for that person, so a role alone
proves nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from golive.drillkit.records import Act
from golive.evidence import dsse
from golive.evidence.artefact import Artefact
from golive.evidence.keys import PublicKey, SigningKey, public_key
from golive.evidence.strict import load_canonical
from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject, canonical
from golive.kernel.times import parse_rfc3339
from golive.playbook.people import Person, Roster

PAYLOAD_TYPE = "application/vnd.golive.act+json"

NOTES = frozenset({"comment", "delegate", "nudge"})
"""What is said about an item without answering what it waits for: the journal keeps it, signed."""
ACTIONS = NOTES | {"confirm", "attach", "approve", "refuse", "retry", "skip", "vouch", "withdraw",
                   "abort"}  # fmt: skip
"""`vouch`: a second person's word that a file, by its digest, holds no personal data. `withdraw`:
that it does, or that it was brought by mistake."""


_MOST = 1 << 20


class ActRefused(BadInput):
    """The act is not what it claims, or the person may not do it."""


@dataclass(frozen=True)
class Statement:
    """What the person says."""

    run: str
    item: str
    """"" for `abort`."""
    action: str
    person: str
    comment: str
    at: str
    """RFC 3339, UTC, by the person's machine."""
    digest: str = ""
    """What is approved or refused, by SHA-256."""
    files: Sequence[Artefact] = ()
    custody: str = ""
    """Who keeps the key that signs, where it isn't the person: `kept by the server`."""
    session: str = ""
    """How the person proved themselves to whoever keeps the key: `passphrase`, `passkey`."""
    to: str = ""
    """Whom a `delegate` names."""

    def to_json(self) -> JsonObject:
        told = {"custody": self.custody, "session": self.session} if self.custody else {}
        if self.to:
            told["to"] = self.to
        return {
            "run": self.run,
            "item": self.item,
            "action": self.action,
            "person": self.person,
            "comment": self.comment,
            "at": self.at,
            "digest": self.digest,
            "files": [file.record() for file in self.files],
            **told,
        }

    def act(self, role: str, envelope: JsonObject) -> Act:
        """The act as the run's record keeps it."""
        return Act(self.action, self.person, role, self.comment, self.at, self.digest, envelope)


def sign(statement: Statement, key: SigningKey) -> JsonObject:
    """The envelope that proves `statement`."""
    payload = {**statement.to_json(), "key": key.public.pem}
    return dsse.sign(PAYLOAD_TYPE, canonical(payload), key)


def read(envelope: JsonObject, roster: Roster, run: str) -> tuple[Statement, Person]:
    """The statement and who made it; ActRefused when signature, run, person or key don't hold."""
    try:
        payload, key = _proven(envelope)
        statement = _statement(payload)
        parse_rfc3339(statement.at)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ActRefused(f"the act's signature doesn't hold: {error}") from error
    person = roster.person(statement.person)
    if person is None:
        raise ActRefused(f"{statement.person!r} is not on the roster")
    if not person.key:
        raise ActRefused(
            f"{person.id} has no key on the roster",
            hint=f"`golive people enrol {person.id}`, then start the run with that roster",
        )
    if not hmac.compare_digest(person.key.encode(), fingerprint(key).encode()):
        raise ActRefused(f"the key is not the one that the roster has for {person.id}")
    if person.revoked:
        raise ActRefused(f"the key of {person.id} was revoked on {person.revoked}")
    if statement.run != run:
        raise ActRefused(f"the act is for run {statement.run!r}, not {run!r}")
    if statement.action not in ACTIONS:
        raise ActRefused(f"there is no act {statement.action!r}")
    return statement, person


def fingerprint(key: PublicKey) -> str:
    """As the roster writes it."""
    return f"SHA256:{key.key_id}"


def _proven(envelope: JsonObject) -> tuple[JsonObject, PublicKey]:
    """The payload and the key in it that signed it. Whose key that is, the roster says."""
    if len(canonical(envelope)) > _MOST:
        raise ValueError("longer than anything that a person says")
    opened = dsse.open_envelope(envelope)
    payload = load_canonical(opened.payload)
    key = public_key(str(payload["key"]).encode())
    dsse.verify(envelope, [key], payload_type=PAYLOAD_TYPE)
    return payload, key


def _statement(payload: JsonObject) -> Statement:
    files = payload["files"]
    if not isinstance(files, list) or not all(isinstance(one, dict) for one in files):
        raise TypeError("files is not a list of objects")
    return Statement(
        **{
            name: str(payload[name])
            for name in ("run", "item", "action", "person", "comment", "at", "digest")
        },
        files=tuple(Artefact.from_record(one) for one in files),
        custody=str(payload.get("custody", "")),
        session=str(payload.get("session", "")),
        to=str(payload.get("to", "")),
    )
