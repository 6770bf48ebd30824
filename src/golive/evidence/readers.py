"""Originals for named readers only: encrypted in the age format (age-encryption.org/v1), to X25519
or ssh-ed25519 keys. Golive holds no key that could read them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from golive.kernel.errors import BadInput

MEDIA_TYPE = "application/vnd.age"


def encrypted(data: bytes, readers: Mapping[str, str]) -> bytes:
    """`data` for the readers, given as key by name. BadInput on a key that isn't one, or none."""
    import pyrage

    recipients: list[Any] = [_recipient(name, key) for name, key in readers.items()]
    if not recipients:
        raise BadInput("nobody is named who may read it")
    return bytes(pyrage.encrypt(data, recipients))


def _recipient(name: str, key: str) -> object:
    import pyrage

    try:
        if key.startswith("ssh-ed25519 "):
            return pyrage.ssh.Recipient.from_str(key)
        return pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError as error:
        raise BadInput(
            f"the reader key of {name} is none",
            hint="an age key (age1…) or the public half of an ssh-ed25519 key",
        ) from error
