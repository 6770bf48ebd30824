"""A running marketplace for tests: real databases, a real server, accounts for every role."""

from fixnado_world.accounts import ROLES, email, write_accounts
from fixnado_world.databases import Postgres, Sqlite
from fixnado_world.running import Running

__all__ = ["ROLES", "Postgres", "Running", "Sqlite", "email", "write_accounts"]
