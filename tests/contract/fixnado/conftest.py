"""Every test here runs over SQLite and over PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fixnado_world import Postgres, Running, Sqlite

Kind = Sqlite | Postgres


@pytest.fixture(scope="session")
def sqlite_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sqlite]:
    kind = Sqlite(tmp_path_factory.mktemp("sqlite"))
    yield kind
    kind.close()


@pytest.fixture(scope="session")
def postgres_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    kind = Postgres(tmp_path_factory.mktemp("postgres"))
    yield kind
    kind.close()


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.getfixturevalue(f"{request.param}_kind")
    return found


@pytest.fixture
def url(kind: Kind) -> Iterator[str]:
    """A seeded database of the test's own."""
    fresh = kind.fresh()
    yield fresh
    kind.drop(fresh)


@pytest.fixture
def empty_url(kind: Kind) -> Iterator[str]:
    """A database that was never migrated."""
    fresh = kind.empty()
    yield fresh
    kind.drop(fresh)


@pytest.fixture
def start(url: str, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start instances on the test's database; they are stopped when the test ends."""
    running: list[Running] = []

    def begin(**settings: Any) -> Running:
        runtime = tmp_path / f"runtime-{len(running)}"
        runtime.mkdir()
        running.append(Running(url, runtime, **settings))
        return running[-1]

    yield begin
    for one in running:
        one.close()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared_market(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """One instance for a whole file of tests that change nothing which others look at."""
    kind: Kind = request.getfixturevalue(f"{request.param}_kind")
    url = kind.fresh()
    running = Running(url, tmp_path_factory.mktemp("runtime"))
    yield running
    running.close()
    kind.drop(url)


@pytest.fixture(scope="module")
def standing(sqlite_kind: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One instance for all tests of a file; each gives it a database of its own."""
    running = Running(sqlite_kind.parked, tmp_path_factory.mktemp("standing"))
    yield running
    running.close()


@pytest.fixture
def market(standing: Running, url: str, sqlite_kind: Sqlite) -> Iterator[Running]:
    """An instance on the test's own database, with toggles allowed."""
    standing.rebase(url)
    yield standing
    # off the test's database, so that it can be dropped
    standing.rebase(sqlite_kind.parked)
