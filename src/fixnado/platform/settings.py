"""What a running instance was told at its start."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fixnado.platform.errors import StartRefused

FAULTS: Final = ("5xx", "slow", "crash", "readiness-stale")
BODY_LIMIT_BYTES: Final = 1_048_576
_SECRET_BYTES: Final = 32


@dataclass(frozen=True)
class Settings:
    """One instance: where it keeps things, what it is called, and how it is meant to misbehave."""

    database_url: str = field(repr=False)
    instance: str
    version: str
    runtime: Path
    secret: bytes = field(repr=False)
    rehearsal: bool = False
    fault: str | None = None
    probe_interval_s: float = 1.0
    exports: str | None = None
    """Where exports lie: a folder, `s3://bucket/prefix`, or None for beside the database."""

    def __post_init__(self) -> None:
        if self.fault is not None and self.fault not in FAULTS:
            raise StartRefused(f"no such fault: {self.fault}. There are {', '.join(FAULTS)}")
        if self.fault is not None and not self.rehearsal:
            raise StartRefused("--fault breaks the service on purpose: it needs --rehearsal")


def read_secret(path: Path) -> bytes:
    """The key in `path`: 32 bytes as hexadecimal, in a file that nobody else can read."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StartRefused(f"{path}: the secret can't be read ({error})") from error
    if stat.S_IMODE(mode) & 0o077:
        raise StartRefused(f"{path}: others can read this secret; chmod 600 it")
    try:
        secret = bytes.fromhex(text)
    except ValueError as error:
        raise StartRefused(f"{path}: the secret is not hexadecimal") from error
    if len(secret) < _SECRET_BYTES:
        raise StartRefused(
            f"{path}: the secret has {len(secret)} bytes, {_SECRET_BYTES} are needed"
        )
    return secret
