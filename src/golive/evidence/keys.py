"""Ed25519 keys: made on first use, kept to their owner, named by their fingerprint."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from golive.evidence.durable import explained, sync_folder
from golive.kernel.errors import BadInput

_MUCH = 64 * 1024


@dataclass(frozen=True, eq=False)
class PublicKey:
    """What verifies. Equal keys have equal `key_id`."""

    raw: Ed25519PublicKey

    @cached_property
    def key_id(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo in DER, lower-case hexadecimal."""
        return hashlib.sha256(self._encoded(serialization.Encoding.DER)).hexdigest()

    @property
    def pem(self) -> str:
        """SubjectPublicKeyInfo (RFC 7468 §13)."""
        return self._encoded(serialization.Encoding.PEM).decode("ascii")

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether `signature` is this key's over `data`."""
        try:
            self.raw.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def _encoded(self, encoding: serialization.Encoding) -> bytes:
        return self.raw.public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and other.key_id == self.key_id

    def __hash__(self) -> int:
        return hash(self.key_id)


@dataclass(frozen=True, eq=False)
class SigningKey:
    """What signs. Its representation shows the fingerprint alone."""

    raw: Ed25519PrivateKey

    @cached_property
    def public(self) -> PublicKey:
        return PublicKey(self.raw.public_key())

    @property
    def key_id(self) -> str:
        return self.public.key_id

    def sign(self, data: bytes) -> bytes:
        """The 64 bytes of the signature; the same for the same data."""
        return self.raw.sign(data)

    @classmethod
    def generate(cls) -> SigningKey:
        return cls(Ed25519PrivateKey.generate())

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"


def load_or_create_key(path: Path) -> SigningKey:
    """The key in `path` (PKCS 8, PEM, mode 0600), made when there is none.

    Several processes may ask at once: all get the one key. BadInput when others may read the file,
    or when it holds something else.
    """
    with explained("the signing key can't be made", path):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create(path)
    return load_key(path)


def load_key(path: Path) -> SigningKey:
    """The private key in `path`. BadInput as for `load_or_create_key`."""
    with explained("the signing key can't be read", path), _opened(path) as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise BadInput("the signing key is not a regular file", where=str(path))
        if stat.S_IMODE(mode) & 0o077:
            raise BadInput(
                f"others may read this signing key (mode {stat.S_IMODE(mode):04o})",
                where=str(path),
                hint=f"chmod 600 {path}, and make a new key if somebody may have read it",
            )
        data = file.read(_MUCH) or b""
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadInput("not an unencrypted private key in PEM", where=str(path)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput("not an Ed25519 key", where=str(path))
    return SigningKey(key)


def load_public_key(path: Path) -> PublicKey:
    """The public key in the PEM file `path`. BadInput when it holds something else."""
    try:
        with _opened(path) as file:
            data = file.read(_MUCH) or b""
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise BadInput(f"the key can't be read: {why}", where=str(path)) from error
    try:
        return public_key(data)
    except ValueError as error:
        hint = "give the public key in PEM: `openssl pkey -in KEY -pubout`"
        raise BadInput(str(error), where=str(path), hint=hint) from error


def public_key(pem: bytes) -> PublicKey:
    """The Ed25519 public key in `pem`; ValueError when it isn't one."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("not a public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return PublicKey(key)


def _opened(path: Path) -> io.FileIO:
    """Opened without waiting: a FIFO in a key's place must not hang us."""
    return io.FileIO(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")


def _create(path: Path) -> None:
    """Write a new key beside `path` and link it there: the first link wins, and nobody ever sees
    half a key."""
    pem = SigningKey.generate().raw.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink()
    sync_folder(path.parent)
