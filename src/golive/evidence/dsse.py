"""Signed envelopes: Dead Simple Signing Envelope v1 (secure-systems-lab/dsse, protocol.md).

The signature is over the payload *and* its type, so that what was signed as one thing can't be
shown as another.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from golive.evidence.keys import PublicKey, SigningKey
from golive.kernel.json import Json, JsonObject


class BadEnvelope(ValueError):
    """Not an envelope, or no valid signature by any of the given keys."""


@dataclass(frozen=True)
class Opened:
    """An envelope taken apart; nothing in it is proven yet."""

    payload_type: str
    payload: bytes
    signatures: Sequence[tuple[str, bytes]]
    """Pairs of claimed key id and signature."""

    def signers(self, keys: Iterable[PublicKey]) -> Sequence[PublicKey]:
        """Those of `keys` that have validly signed, each once."""
        message = pae(self.payload_type, self.payload)
        found: dict[str, PublicKey] = {}
        for key in keys:
            for claimed, signature in self.signatures:
                if claimed == key.key_id and key.verifies(signature, message):
                    found[key.key_id] = key
        return list(found.values())


def pae(payload_type: str, payload: bytes) -> bytes:
    """Pre-authentication encoding: the bytes that are signed."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload_type: str, payload: bytes, key: SigningKey) -> JsonObject:
    """An envelope of `payload` with the signature of `key`."""
    signature = key.sign(pae(payload_type, payload))
    return {
        "payloadType": payload_type,
        "payload": base64.b64encode(payload).decode("ascii"),
        "signatures": [
            {"keyid": key.key_id, "sig": base64.b64encode(signature).decode("ascii")},
        ],
    }


def verify(
    envelope: JsonObject, keys: Iterable[PublicKey], *, payload_type: str | None = None
) -> bytes:
    """The payload, once one of `keys` is known to have signed it (as `payload_type`, where given).
    BadEnvelope otherwise."""
    opened = open_envelope(envelope)
    if payload_type is not None and opened.payload_type != payload_type:
        raise BadEnvelope(f"signed as {opened.payload_type!r}, not as {payload_type!r}")
    if not opened.signers(keys):
        raise BadEnvelope("no valid signature by a known key")
    return opened.payload


def open_envelope(envelope: Json) -> Opened:
    """Take `envelope` apart without believing it. BadEnvelope when it is malformed."""
    if not isinstance(envelope, Mapping) or set(envelope) != {
        "payloadType",
        "payload",
        "signatures",
    }:
        raise BadEnvelope("not a DSSE envelope")
    kind, signatures = envelope["payloadType"], envelope["signatures"]
    if not isinstance(kind, str) or isinstance(signatures, str):
        raise BadEnvelope("not a DSSE envelope")
    # One, as `sign` leaves it: bytes that nobody signed would find room in a second one.
    if not isinstance(signatures, Sequence) or len(signatures) != 1:
        raise BadEnvelope("an envelope of ours holds one signature")
    pairs = [_signature(one) for one in signatures]
    return Opened(kind, _decoded(envelope["payload"]), pairs)


def _signature(value: Json) -> tuple[str, bytes]:
    if not isinstance(value, Mapping) or set(value) != {"keyid", "sig"}:
        raise BadEnvelope("a signature holds a key's id and its bytes, and nothing else")
    if not isinstance(value["keyid"], str):
        raise BadEnvelope("a signature names no key")
    return str(value["keyid"]), _decoded(value.get("sig"))


def _decoded(value: Json) -> bytes:
    if not isinstance(value, str):
        raise BadEnvelope("not a DSSE envelope")
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise BadEnvelope("not base64") from None
    if base64.b64encode(data).decode("ascii") != value:
        raise BadEnvelope("not the one base64 spelling")
    return data
