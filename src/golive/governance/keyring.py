"""People's own signing keys, kept encrypted under a passphrase on their own machine."""

from __future__ import annotations

import os
import re
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from golive.evidence.keys import SigningKey
from golive.governance.passphrases import COST, demand_hard_to_guess, stretch
from golive.kernel.errors import BadInput

_STRETCHED = "golive-key: argon2id"
"""How a key's file begins: what its passphrase was stretched by, and the salt; then the PEM."""
_HEADER = re.compile(
    rf"{_STRETCHED} (m=[0-9]{{1,7}},t=[0-9]{{1,2}},p=[0-9]{{1,2}}) ([0-9a-f]{{32}})"
)


def default_keyring() -> Path:
    """`$XDG_CONFIG_HOME/golive/keys`."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "golive" / "keys"


def enrol(person: str, folder: Path, passphrase: str, name: str = "") -> SigningKey:
    """Make the key of `person`, called `name`. BadInput for a weak passphrase, and when there is a
    key already: it is revoked, not replaced."""
    demand_hard_to_guess(passphrase, person, name)
    path = _path(person, folder)
    key = SigningKey.generate()
    salt = os.urandom(16)
    content = f"{_STRETCHED} {COST} {salt.hex()}\n".encode()
    content += locked(key, stretch(passphrase, salt).key)
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
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return key


def unlock(person: str, folder: Path, passphrase: str) -> SigningKey:
    """`person`'s key; BadInput when there is none or the passphrase is wrong."""
    path = _path(person, folder)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"{person} has no key on this machine",
            where=str(path),
            hint=f"`golive people enrol {person}`",
        ) from error
    first, _, pem = content.partition(b"\n")
    told = _HEADER.fullmatch(first.decode("ascii", "replace"))
    if told is None:  # a key from before passphrases were stretched
        return opened(content, passphrase, str(path))
    return opened(pem, stretch(passphrase, bytes.fromhex(told[2]), told[1]).key, str(path))


def locked(key: SigningKey, passphrase: str) -> bytes:
    """`key` as PKCS #8 in PEM, encrypted under `passphrase`: cheap to guess at, so give it what
    `stretch` has made expensive."""
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
