"""People's own signing keys, kept encrypted under a passphrase on their own machine."""

from __future__ import annotations

import os
import re
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from golive.evidence.keys import SigningKey
from golive.kernel.errors import BadInput

MINIMUM_PASSPHRASE = 12


def default_keyring() -> Path:
    """`$XDG_CONFIG_HOME/golive/keys`."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "golive" / "keys"


def enrol(person: str, folder: Path, passphrase: str) -> SigningKey:
    """Make `person`'s key. BadInput when there is one already: a key is revoked, not replaced."""
    if len(passphrase) < MINIMUM_PASSPHRASE:
        raise BadInput(
            f"the passphrase is shorter than {MINIMUM_PASSPHRASE} characters",
            hint="a few random words are easy to type and hard to guess",
        )
    path = _path(person, folder)
    key = SigningKey.generate()
    pem = locked(key, passphrase)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise BadInput(
            f"{person} has a key already",
            where=str(path),
            hint="to replace a lost key, move the file away and enrol again: the roster's "
            "fingerprint changes, and runs begun with the old one don't accept the new",
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return key


def unlock(person: str, folder: Path, passphrase: str) -> SigningKey:
    """`person`'s key; BadInput when there is none or the passphrase is wrong."""
    path = _path(person, folder)
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"{person} has no key on this machine",
            where=str(path),
            hint=f"`golive people enrol {person}`",
        ) from error
    return opened(pem, passphrase, str(path))


def locked(key: SigningKey, passphrase: str) -> bytes:
    """`key` as PKCS #8 in PEM, encrypted under `passphrase`."""
    return key.raw.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )


def opened(pem: bytes, passphrase: str, where: str = "") -> SigningKey:
    """The key in `pem`; BadInput when it doesn't open with `passphrase`."""
    try:
        key = serialization.load_pem_private_key(pem, password=passphrase.encode())
    except (ValueError, TypeError) as error:
        raise BadInput("the key doesn't open with this passphrase", where=where) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput("not an Ed25519 key", where=where)
    return SigningKey(key)


def _path(person: str, folder: Path) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", person):
        raise BadInput(f"{person!r} can't be a person's id", hint="letters, digits, . _ and -")
    return folder / f"{person}.pem"
