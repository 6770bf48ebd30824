"""How a certificate in a signed approval is bound to the person's own Ed25519 key.

PDF readers check ECDSA and RSA, and not all of them Ed25519. So a person signs an approval with a
P-256 key that is derived from their own key, under a certificate that carries the own key's
signature over the P-256 key. Whose own key that is, the trust file and the roster say.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from golive.evidence.keys import PublicKey, SigningKey

OID = "2.25.182468105283216490287334028170564923701"
"""Of the certificate's extension: an arc that needs no registration (ITU-T X.667, a UUID)."""
_PURPOSE = b"golive approval certificate v1\0"
_TAG = b"\x04"
"""DER's OCTET STRING, in which the extension's bytes are."""
_SIZE = 32 + 64


@dataclass(frozen=True)
class Voucher:
    """A person's key, and its signature over another key."""

    key: PublicKey
    signature: bytes

    def holds_for(self, public_key_info: bytes) -> bool:
        """Whether it vouches for the key with this SubjectPublicKeyInfo (DER)."""
        return self.key.verifies(self.signature, _PURPOSE + public_key_info)

    def der(self) -> bytes:
        """The extension's value."""
        return _TAG + bytes([_SIZE]) + self.key.raw.public_bytes_raw() + self.signature

    @classmethod
    def parse(cls, der: bytes) -> Voucher:
        """ValueError where it is none."""
        if len(der) != _SIZE + 2 or der[:2] != _TAG + bytes([_SIZE]):
            raise ValueError("not a voucher of golive")
        try:
            key = Ed25519PublicKey.from_public_bytes(der[2:34])
        except (InvalidSignature, ValueError) as error:
            raise ValueError("the voucher names no Ed25519 key") from error
        return cls(PublicKey(key), der[34:])


def vouch(key: SigningKey, public_key_info: bytes) -> Voucher:
    """`key`'s word for the key with this SubjectPublicKeyInfo (DER)."""
    return Voucher(key.public, key.sign(_PURPOSE + public_key_info))
