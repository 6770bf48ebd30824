"""The accounts that can sign in, read from a file that only its owner can read."""

from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

from fixnado.identity.model import Person
from fixnado.platform.access import Role
from fixnado.platform.errors import StartRefused
from fixnado.platform.wire import Email, Incoming, Line
from fixnado.seed.people import DOMAIN, account_id


class Account(Incoming):
    email: Email
    password: Annotated[str, StringConstraints(min_length=12, max_length=200)]
    role: Role
    name: Line

    def person(self, created_at: datetime) -> Person:
        return Person(
            id=account_id(self.email),
            email=self.email,
            name=self.name,
            phone=None,
            role=self.role,
            region="GB",
            created_at=created_at,
        )


def read_accounts(path: Path | None) -> list[Account]:
    """The accounts in `path`; StartRefused where it is unreadable, open to others, or wrong."""
    if path is None:
        return []
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise StartRefused(f"{path}: others can read these passwords; chmod 600 it")
        accounts = TypeAdapter(list[Account]).validate_json(path.read_bytes())
    except OSError as error:
        raise StartRefused(f"{path}: the accounts can't be read ({error.strerror})") from error
    except ValidationError as error:
        # the input is left out of the words: it holds passwords
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise StartRefused(f"{path}: {where}: {first['msg']}") from None
    strangers = [one.email for one in accounts if not one.email.endswith(f"@{DOMAIN}")]
    if strangers:
        raise StartRefused(f"{path}: {strangers[0]} is not in {DOMAIN}: rehearsals use no others")
    return accounts
