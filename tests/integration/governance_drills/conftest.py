"""A real marketplace with an account of every role that these drills sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixnado_world import Running, Sqlite, email
from fixnado_world.accounts import PASSWORD, ROLES
from golive.adapters.fixnado_http import FixnadoMarketplace
from golive.adapters.memory import MemoryTarget
from golive.kernel.fidelity import Fidelity
from golive.ports.target import Target


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sqlite]:
    kind = Sqlite(tmp_path_factory.mktemp("seeded"))
    yield kind
    kind.close()


@pytest.fixture
def running(seeded: Sqlite, tmp_path: Path) -> Iterator[Running]:
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    instance = Running(seeded.fresh(), runtime, export_chunk_bytes=2048)
    yield instance
    instance.close()


@pytest.fixture
def target(running: Running) -> Target:
    """The instance behind the production listener; every other port is from memory."""
    accounts = {role: (email(role), lambda: PASSWORD) for role in ROLES}
    market = FixnadoMarketplace(running.url, "/v1", accounts, None, Fidelity.LOCAL)
    return replace(MemoryTarget().build(), production=market)


@pytest.fixture
def told() -> Callable[[Any], str]:
    """Everything that didn't pass, for a failing test's message."""

    def tell(run: Any) -> str:
        checks = [one for one in run.record.checks if one.verdict != "pass"]
        lines = [f"{one.id}: {one.verdict} {one.measured} {one.detail}" for one in checks]
        return "\n".join([*lines, *(step.error for step in run.record.steps if step.error)])

    return tell
