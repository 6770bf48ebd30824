"""A seeded template for each kind of database, and quick copies of it."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

import psycopg

from fixnado.platform.database import Database
from fixnado.platform.schema import migrate
from fixnado.seed import run
from fixnado_world.accounts import write_accounts
from fixnado_world.postgres import Server

SEED, USERS, ORDERS = 7, 30, 80


def _fill(url: str, folder: Path) -> None:
    database = Database(url)
    migrate(database)
    database.close()
    run(url, SEED, USERS, ORDERS, write_accounts(folder / "accounts.json"))


class Sqlite:
    """Copies of one seeded file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._template = folder / "template.db"
        _fill(f"sqlite:///{self._template}", folder)
        self.parked = self.fresh()
        """Where an instance stands that no test is using."""

    def fresh(self) -> str:
        copy = self._folder / f"copy {next(self._numbers)}.db"
        shutil.copy(self._template, copy)
        return f"sqlite:///{copy}"

    def empty(self) -> str:
        path = self._folder / f"empty-{next(self._numbers)}.db"
        path.touch()  # serving makes no file, only a migration does
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        Path(url.removeprefix("sqlite:///")).unlink(missing_ok=True)

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class Postgres:
    """One server a session; copies made by `CREATE DATABASE … TEMPLATE`."""

    def __init__(self, folder: Path) -> None:
        self._numbers = count(1)
        self._server = Server()
        self._admin = psycopg.connect(self._server.uri, autocommit=True)
        _fill(self._create("seeded", "template1"), folder)

    def fresh(self) -> str:
        return self._create(f"copy{next(self._numbers)}", "seeded")

    def empty(self) -> str:
        return self._create(f"empty{next(self._numbers)}", "template1")

    def drop(self, url: str) -> None:
        name = url.partition("?")[0].rpartition("/")[2]
        self._admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())

    def close(self) -> None:
        self._admin.close()
        self._server.close()

    def _create(self, name: str, template: str) -> str:
        self._admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        uri = self._server.uri.replace("postgresql://", "postgresql+psycopg://")
        return uri.replace("/postgres?", f"/{name}?")
