from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.evidence import dsse
from golive.evidence.keys import SigningKey

KEY, OTHER = SigningKey.generate(), SigningKey.generate()


def changed(envelope: Any, **fields: Any) -> Any:
    return {**json.loads(json.dumps(envelope)), **fields}


def test_the_encoding_is_the_one_of_the_protocol() -> None:
    """The example of DSSE's protocol.md."""
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == expected


@given(st.text(max_size=40), st.binary(max_size=200))
def test_what_was_signed_comes_back(kind: str, payload: bytes) -> None:
    envelope = dsse.sign(kind, payload, KEY)
    assert dsse.verify(envelope, [OTHER.public, KEY.public], payload_type=kind) == payload


@pytest.mark.parametrize(
    "fields",
    [
        {"payloadType": "b"},
        {"payload": base64.b64encode(b"other").decode()},
        {"payload": "eA"},
        {"payload": "eC=="},
        {"payload": "e A=="},
        {"payload": 7},
        {"signatures": []},
        {"signatures": "x"},
        {"signatures": [{"sig": ""}]},
        {"signatures": [{"keyid": KEY.key_id, "sig": "!"}]},
        {"signatures": [{"keyid": KEY.key_id, "sig": ""}]},
        {"signatures": [{"keyid": OTHER.key_id, "sig": ""}] * 2},
        {"signatures": [{"keyid": KEY.key_id, "sig": "", "note": ""}]},
        {"signatures": [{"keyid": 1, "sig": ""}]},
        {"extra": 1},
    ],
)
def test_a_changed_envelope_is_refused(fields: dict[str, Any]) -> None:
    envelope = changed(dsse.sign("a", b"x", KEY), **fields)
    with pytest.raises(dsse.BadEnvelope):
        dsse.verify(envelope, [KEY.public])


def test_a_signature_counts_only_for_its_type_and_key() -> None:
    envelope = dsse.sign("a", b"x", KEY)
    with pytest.raises(dsse.BadEnvelope, match="signed as"):
        dsse.verify(envelope, [KEY.public], payload_type="b")
    with pytest.raises(dsse.BadEnvelope, match="known key"):
        dsse.verify(envelope, [OTHER.public])


def test_one_key_under_two_names_is_one_signer() -> None:
    signed = dsse.sign("a", b"x", KEY)
    assert dsse.open_envelope(signed).signers([KEY.public] * 2) == [KEY.public]
    pair = [*signed["signatures"], *signed["signatures"]]  # type: ignore[misc]
    with pytest.raises(dsse.BadEnvelope, match="one signature"):
        dsse.open_envelope(changed(signed, signatures=pair))


def test_a_signature_under_another_keys_name_does_not_count() -> None:
    signed = dsse.sign("a", b"x", KEY)
    sig = signed["signatures"][0]["sig"]  # type: ignore[index,call-overload]
    forged = changed(signed, signatures=[{"keyid": OTHER.key_id, "sig": sig}])
    with pytest.raises(dsse.BadEnvelope):
        dsse.verify(forged, [KEY.public, OTHER.public])
