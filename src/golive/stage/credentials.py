"""The stage's secrets: random, made once, readable by their owner alone."""

from __future__ import annotations

import configparser
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from golive.stage.layout import Layout, write_json
from golive.stage.names import PROFILE
from golive.stage.signature import Key

ROLES = ("user", "operations", "finance", "compliance", "legal", "support", "admin")
DOMAIN = "rehearsal.fixnado.example"


def email(role: str) -> str:
    """The rehearsal account of `role`, in a domain that can't exist."""
    return f"{role}@{DOMAIN}"


def ensure(layout: Layout) -> None:
    """Make what isn't there yet; what is there stays."""
    if not layout.session_key.exists():
        _write(layout.session_key, secrets.token_hex(32))
    if not layout.helpdesk_token.exists():
        _write(layout.helpdesk_token, secrets.token_urlsafe(32))
    if not layout.aws_credentials.exists():
        _write(layout.aws_credentials, _fresh_key())
    for role in ROLES:
        if not layout.password(role).exists():
            _write(layout.password(role), secrets.token_urlsafe(24))
    write_json(layout.accounts, [_account(layout, role) for role in ROLES])


def key(layout: Layout) -> Key:
    """What requests to the deployment controller are signed with. OSError where it can't be read;
    KeyError or `configparser.Error` where the file is damaged."""
    file = configparser.ConfigParser(interpolation=None)
    file.read_string(layout.aws_credentials.read_text("ascii"))
    held = file[PROFILE]
    return Key(held["aws_access_key_id"], held["aws_secret_access_key"])


def _fresh_key() -> str:
    name, secret = f"STAGE{secrets.token_hex(8).upper()}", secrets.token_urlsafe(32)
    return f"[{PROFILE}]\naws_access_key_id = {name}\naws_secret_access_key = {secret}\n"


def _account(layout: Layout, role: str) -> Mapping[str, str]:
    return {
        "email": email(role),
        "password": layout.password(role).read_text("utf-8"),
        "role": role,
        "name": f"Rehearsal {role.capitalize()}",
    }


def _write(path: Path, text: str) -> None:
    """0600 from the first moment on, whole by rename."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def accounts(layout: Layout) -> list[dict[str, str]]:
    """What the seed is handed; ValueError where the file is no longer JSON."""
    found: list[dict[str, str]] = json.loads(layout.accounts.read_text("utf-8"))
    return found
