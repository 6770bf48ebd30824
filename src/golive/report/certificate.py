"""A person's certificate for PDF readers: made from their own key, the same every time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

from golive.evidence.keys import SigningKey
from golive.evidence.vouching import OID, vouch

_INFO = b"golive approval signing key v1"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-4, D.1.2.3)."""
_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""No end of its own (RFC 5280 §4.1.2.5): who may sign until when, the trust file says."""


@dataclass(frozen=True, repr=False)
class Credentials:
    """A private key and the certificate that goes with it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hexadecimal, as PDF readers show it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()


def credentials(person: str, key: SigningKey) -> Credentials:
    """`person`'s key and self-signed certificate for PDF readers, both from `key` alone."""
    own = _derived(key)
    info = own.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, person[:64]),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, f"golive key {key.key_id[:16]}"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    voucher = x509.UnrecognizedExtension(x509.ObjectIdentifier(OID), vouch(key, info).der())
    serial = int.from_bytes(hashlib.sha256(info).digest()[:19], "big")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(own.public_key())
        .serial_number(serial)
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(voucher, critical=False)
        .sign(own, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return Credentials(own, certificate)


def _derived(key: SigningKey) -> ec.EllipticCurvePrivateKey:
    """P-256 key by HKDF from the person's own; 48 bytes leave no bias (FIPS 186-5, A.2.1)."""
    wide = HKDF(hashes.SHA256(), length=48, salt=None, info=_INFO).derive(
        key.raw.private_bytes_raw()
    )
    secret = int.from_bytes(wide, "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(secret, ec.SECP256R1())
