"""What people say over a seal, each word signed by the person's own key and kept in the ledger.

A word names the seal by its digest, the role it is said in, the policy that the verdict was reached
by, and the ledger's head as the signer saw it: it can't be played again over another seal, nor can
the ledger before it be swapped without that showing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from golive.evidence import dsse
from golive.evidence.keys import PublicKey, SigningKey
from golive.evidence.strict import dump, load_canonical
from golive.kernel.json import JsonObject
from golive.kernel.times import parse_rfc3339

WORD_TYPE = "application/vnd.golive.word+json"
KEY_TYPE = "application/vnd.golive.key+json"


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Head(_Said):
    """The ledger as it was seen: how many entries, and their Merkle root."""

    size: int = Field(ge=0)
    root: str


class Kind(StrEnum):
    DECISION = "decision"
    WAIVER = "waiver"
    """Something that the gate objects to, or a role's no-go, is let pass until a day."""
    ACCEPTANCE = "acceptance"
    """What is left of a risk is borne until a day."""


class Say(StrEnum):
    GO = "go"
    NO_GO = "no-go"
    CONDITIONS = "go-with-conditions"


class Word(_Said):
    """One thing that one person says. Times are RFC 3339, UTC."""

    version: Literal[1] = 1
    kind: Literal["decision", "waiver", "acceptance"]
    rehearsal: str
    seal: int = Field(ge=1)
    seal_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    person: str
    role: str
    comment: str = Field(min_length=1, max_length=4000)
    """A waiver's or an acceptance's reason."""
    at: str
    policy_digest: str
    head: Head
    say: Literal["", "go", "no-go", "go-with-conditions"] = ""
    conditions: tuple[str, ...] = ()
    scope: str = ""
    """Digest of the evidence that a decision is about."""
    about: str = ""
    """What is waived: a rule, an item, `rule:item`, or a role whose no-go it is; or the risk."""
    until: str = ""
    custody: str = ""
    """Who keeps the key that signs, where it isn't the person: `kept by the server`."""
    session: str = ""
    """How the person proved themselves to whoever keeps the key."""

    @field_validator("at", "until")
    @classmethod
    def _moment(cls, value: str, info: ValidationInfo) -> str:
        if value or info.field_name == "at":
            parse_rfc3339(value)
        return value

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.kind != "decision" and not self.until:
            raise ValueError("it has no end")
        return self


class KeyEvent(_Said):
    """Said by the vault's own key: whose key was enrolled or revoked. What a revoked key signs
    further down in the ledger counts for nothing; what stands above keeps its worth."""

    version: Literal[1] = 1
    kind: Literal["enrolled", "revoked"]
    person: str
    key: str
    at: str
    reason: str = ""


def signed(word: Word, key: SigningKey) -> JsonObject:
    """The envelope that proves `word`."""
    told = word.model_dump(mode="json")
    # Said only where somebody else keeps the key: a word by one's own key stays as it always was.
    if not word.custody:
        del told["custody"], told["session"]
    return dsse.sign(WORD_TYPE, dump(told), key)


def signed_event(event: KeyEvent, key: SigningKey) -> JsonObject:
    return dsse.sign(KEY_TYPE, dump(event.model_dump(mode="json")), key)


def read_word(envelope: JsonObject, keys: Iterable[PublicKey]) -> tuple[Word, PublicKey] | None:
    """The word and the one of `keys` that signed it; None for an entry of another kind. ValueError
    where nobody of them did, or it is malformed."""
    opened = dsse.open_envelope(envelope)
    if opened.payload_type != WORD_TYPE:
        return None
    return Word.model_validate_json(_canonical(opened)), _signer(opened, keys)


def read_event(envelope: JsonObject, keys: Iterable[PublicKey]) -> KeyEvent | None:
    """As `read_word`."""
    opened = dsse.open_envelope(envelope)
    if opened.payload_type != KEY_TYPE:
        return None
    _signer(opened, keys)
    return KeyEvent.model_validate_json(_canonical(opened))


def revocations(
    envelopes: Iterable[JsonObject], keys: Sequence[PublicKey]
) -> Mapping[str, KeyEvent]:
    """The first word of one of `keys` that takes a person's key out, by that key's id."""
    found: dict[str, KeyEvent] = {}
    for envelope in envelopes:
        try:
            event = read_event(envelope, keys)
        except ValueError:
            continue  # told as uncounted, where words are read
        if event is not None and event.kind == "revoked":
            found.setdefault(event.key, event)
    return found


def _canonical(opened: dsse.Opened) -> bytes:
    load_canonical(opened.payload)
    return opened.payload


def _signer(opened: dsse.Opened, keys: Iterable[PublicKey]) -> PublicKey:
    signers = opened.signers(keys)
    if not signers:
        raise ValueError("no valid signature by a key that may sign it")
    return signers[0]
