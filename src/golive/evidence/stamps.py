"""Time stamps (RFC 3161): an authority's signature that a digest was there at a moment.

A seal's own time is its sealer's word. A stamp on it is a stranger's, and one on the ledger's
checkpoint lets nobody, its keeper included, write the entries before it anew. Stamps lie outside
what a seal covers, since they are over it: `seal.tsr` beside it, `ledger/checkpoint.tsr`.

The certificates need to have been valid when it was stamped, not when it is checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golive.evidence import bag
from golive.kernel.errors import BadInput
from golive.kernel.times import rfc3339

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

SEAL_STAMP = bag.TIMESTAMP
LEDGER_STAMP = "ledger/checkpoint.tsr"
LARGEST = 256 * 1024
"""Bytes; a stamp with a chain of certificates has about five thousand."""
_SHA256 = "2.16.840.1.101.3.4.2.1"
_GRANTED = 0


class BadStamp(ValueError):
    """Not a time stamp, or not one that holds."""


class OtherBytes(BadStamp):
    """A stamp, and of something else."""


@dataclass(frozen=True)
class Stamp:
    """What a time stamp says."""

    at: str
    """RFC 3339, UTC."""
    policy: str
    """The authority's, as a dotted number."""
    sha256: str
    """Of what was stamped."""


@dataclass(frozen=True)
class Question:
    """What an authority is asked. `der` is a TimeStampReq with a nonce, asking for certificates."""

    data: bytes
    der: bytes
    nonce: int


def question(data: bytes) -> Question:
    """Ask when `data` was there."""
    from rfc3161_client import TimestampRequestBuilder
    from rfc3161_client.base import HashAlgorithm

    builder = TimestampRequestBuilder(data, HashAlgorithm.SHA256, nonce=True, cert_req=True)
    asked: Any = builder.build()
    return Question(data, asked.as_bytes(), asked.nonce)


def accept(
    answer: bytes, asked: Question, roots: Sequence[Certificate] = (), policy: str = ""
) -> Stamp:
    """The stamp in `answer`, once it is known to be the answer to `asked`: granted, with our nonce,
    over our digest, under `policy` where one is demanded, and signed under `roots` where any are
    given. BadStamp otherwise."""
    said = _parsed(answer)
    if said.tst_info.nonce != asked.nonce:
        raise BadStamp("it answers another question: the nonce is not the one that was sent")
    stamp = _over(said, asked.data)
    if policy and stamp.policy != policy:
        raise BadStamp(f"it was made under policy {stamp.policy}, not {policy}")
    if roots:
        _demand_signed(said, asked.data, roots)
    return stamp


def check(stamp: bytes, data: bytes, roots: Sequence[Certificate] = ()) -> Stamp:
    """What the stamp says of `data`; by whom is checked where `roots` are given. OtherBytes when it
    is of something else, BadStamp when it is none or doesn't hold."""
    said = _parsed(stamp)
    found = _over(said, data)
    if roots:
        _demand_signed(said, data, roots)
    return found


def load_roots(path: Path) -> Sequence[Certificate]:
    """The certificates in the PEM file `path`: an authority's root, and what lies between. BadInput
    when there is none."""
    from cryptography.x509 import load_pem_x509_certificates

    try:
        with path.open("rb") as file:
            return load_pem_x509_certificates(file.read(LARGEST))
    except OSError as error:
        raise BadInput(f"it can't be read: {error.strerror}", where=str(path)) from error
    except ValueError as error:
        hint = "give the time stamp authority's root certificate in PEM"
        raise BadInput("no certificate in PEM", where=str(path), hint=hint) from error


def pem_of(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _parsed(data: bytes) -> Any:
    from rfc3161_client import decode_timestamp_response

    if len(data) > LARGEST:
        raise BadStamp("larger than a time stamp is")
    try:
        said: Any = decode_timestamp_response(data)
        if said.status != _GRANTED:
            raise BadStamp(f"it was not granted (status {said.status})")
        _ = said.tst_info  # parsed on demand
    except BadStamp:
        raise
    except ValueError:
        raise BadStamp("not a time stamp (RFC 3161)") from None
    return said


def _over(said: Any, data: bytes) -> Stamp:
    imprint = said.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256:
        raise BadStamp("its digest is not SHA-256")
    if imprint.message != hashlib.sha256(data).digest():
        raise OtherBytes("it is of other bytes")
    at: datetime = said.tst_info.gen_time
    return Stamp(
        rfc3339(at.astimezone(UTC)), said.tst_info.policy.dotted_string, imprint.message.hex()
    )


def _demand_signed(said: Any, data: bytes, roots: Sequence[Certificate]) -> None:
    from rfc3161_client import VerifierBuilder
    from rfc3161_client.errors import VerificationError

    own = [one for one in roots if one.issuer == one.subject]
    between = [one for one in roots if one.issuer != one.subject]
    try:
        VerifierBuilder(roots=own or list(roots), intermediates=between).build().verify_message(
            said, data
        )
    except (VerificationError, ValueError) as error:
        why = str(error).split(": ErrorStack")[0].splitlines()[0]
        raise BadStamp(f"its signature doesn't hold: {why}") from None
