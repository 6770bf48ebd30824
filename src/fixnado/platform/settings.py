"""What a running instance was told at its start."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from fixnado.platform.errors import StartRefused

FAULTS: Final = (
    "5xx",
    "slow",
    "crash",
    "5xx-late",
    "readiness-stale",
    "export-no-checksum",
    "export-leaks-other-subject",
    "purge-ignores-dry-run",
    "legal-metadata-missing",
    "ack-wrong-version",
    "ledger-unbalanced",
    "role-from-header",
)
"""The first spoil every answer, the others one piece of business."""
BODY_LIMIT_BYTES: Final = 1_048_576
EXPORT_CHUNK_BYTES: Final = 512 * 1024
_MOST_CHUNK_BYTES: Final = 64 * 2**20
_SECRET_BYTES: Final = 32


@dataclass(frozen=True)
class HelpDesk:
    """The Chatwoot that incidents are escalated to. The token's user is a member of the inbox."""

    url: str
    account: int
    token: str = field(repr=False)
    inbox: int
    team: int | None = None
    """Who gets the conversation; None assigns nobody."""

    def __post_init__(self) -> None:
        wanted = "--chatwoot: give the address as https://host or https://host/path"
        try:
            parts = urlsplit(self.url)
        except ValueError as error:
            raise StartRefused(wanted) from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise StartRefused(wanted)
        if parts.username or parts.password:
            raise StartRefused("--chatwoot: no credentials in the address; use the token file")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise StartRefused("--chatwoot: the token would travel unencrypted; use https")


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
    fault_traffic: Path | None = None
    """Where `5xx-late` reads which share of the traffic each instance has."""
    probe_interval_s: float = 1.0
    help_desk: HelpDesk | None = None
    """Absent: escalations are recorded as not configured, and nothing is sent."""
    exports: str | None = None
    """Where exports lie: a folder, `s3://bucket/prefix`, or None for beside the database."""
    export_chunk_bytes: int = EXPORT_CHUNK_BYTES
    """A chunk of an export ends with the row that reaches so many."""

    def __post_init__(self) -> None:
        if not 1 <= self.export_chunk_bytes <= _MOST_CHUNK_BYTES:
            raise StartRefused(f"--export-chunk: 1 to {_MOST_CHUNK_BYTES} bytes, held in memory")
        if self.fault is not None and self.fault not in FAULTS:
            raise StartRefused(f"no such fault: {self.fault}. There are {', '.join(FAULTS)}")
        if self.fault is not None and not self.rehearsal:
            raise StartRefused("--fault breaks the service on purpose: it needs --rehearsal")


def is_loopback(host: str) -> bool:
    """Whether what is sent to `host` stays on this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def database_url(given: str | None, file: Path | None) -> str:
    """The database's URL, as it was given or from a private file. A password is refused on a
    command line, which everybody on the machine reads."""
    if file is not None:
        return read_token(file)
    url = given or ""
    head, mark, rest = url.partition("://")
    try:
        parts = urlsplit(url)
        held = parts.password or "password" in {name.lower() for name in parse_qs(parts.query)}
    except ValueError:
        held = "@" in rest
    if mark and held and not head.startswith("sqlite"):
        raise StartRefused(
            "--database: everybody on this machine can read a password there; put the URL into a "
            "file of mode 600 and name that with --database-file"
        )
    return url


def read_token(path: Path) -> str:
    """The token in `path`, one line, in a file that nobody else can read."""
    token = _private(path)
    if not token or any(letter.isspace() or not letter.isprintable() for letter in token):
        raise StartRefused(f"{path}: this is no token: one line without blanks is needed")
    return token


def read_secret(path: Path) -> bytes:
    """The key in `path`: 32 bytes as hexadecimal, in a file that nobody else can read."""
    text = _private(path)
    try:
        secret = bytes.fromhex(text)
    except ValueError as error:
        raise StartRefused(f"{path}: the secret is not hexadecimal") from error
    if len(secret) < _SECRET_BYTES:
        raise StartRefused(
            f"{path}: the secret has {len(secret)} bytes, {_SECRET_BYTES} are needed"
        )
    return secret


def _private(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StartRefused(f"{path}: the secret can't be read ({error})") from error
    if stat.S_IMODE(mode) & 0o077:
        raise StartRefused(f"{path}: others can read this secret; chmod 600 it")
    return text
