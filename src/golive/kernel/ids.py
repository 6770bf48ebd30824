"""Names that stay the same when a step runs twice."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
import uuid

_RUN = re.compile(r"[a-z0-9][a-z0-9.-]{2,79}")
_NAMESPACE = uuid.UUID("6d5b0b52-6e0f-5f52-9d0d-0a4e3f3b9a61")


def slug(text: str) -> str:
    """`text` as lower-case ASCII words joined by hyphens; "item" where nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9.]+", "-", plain.lower()).strip("-.") or "item"


def new_rehearsal_id(release: str, date: str) -> str:
    """A readable, unguessable-enough id: `1.00-2024-05-30-k3f9qz`."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    tail = "".join(secrets.choice(letters) for _ in range(6))
    return f"{slug(release)[:40]}-{date}-{tail}"


def is_rehearsal_id(text: str) -> bool:
    """Whether `text` can name a run's folder: no separators, no dots in front."""
    return _RUN.fullmatch(text) is not None


def idempotency_key(*parts: str) -> str:
    """The same UUID for the same parts, for ever: what a repeated request carries."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


def sha256_hex(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()
