"""One account a role; passwords are made anew for each run."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from fixnado.platform.access import SIGNED_IN

ROLES = tuple(sorted(role.value for role in SIGNED_IN))
PASSWORD = secrets.token_urlsafe(18)


def email(role: str) -> str:
    return f"{role.replace('_', '-')}@rehearsal.fixnado.example"


def write_accounts(path: Path, roles: tuple[str, ...] = ROLES) -> Path:
    """A file as `seed --accounts` wants it."""
    path.touch(mode=0o600)
    path.write_text(
        json.dumps(
            [
                {"email": email(role), "password": PASSWORD, "role": role, "name": role.title()}
                for role in roles
            ]
        )
    )
    return path
