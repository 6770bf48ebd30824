"""A real marketplace with an account of every role, and refunds that can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fixnado_world import Running, Sqlite
from golive.ports.target import Target
from refund_world import acknowledge, target_of

Start = Callable[..., Running]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sqlite]:
    kind = Sqlite(tmp_path_factory.mktemp("seeded"))
    yield kind
    kind.close()


@pytest.fixture
def start(seeded: Sqlite, tmp_path: Path) -> Iterator[Start]:
    """Start an instance on a database of its own, where those concerned know the policy."""
    started: list[Running] = []

    def begin(**settings: Any) -> Running:
        runtime = tmp_path / f"runtime-{len(started)}"
        runtime.mkdir()
        started.append(Running(seeded.fresh(), runtime, **settings))
        acknowledge(started[-1])
        return started[-1]

    yield begin
    for one in started:
        one.close()


@pytest.fixture
def running(start: Start) -> Running:
    return start()


@pytest.fixture
def target(running: Running) -> Target:
    return target_of(running)
