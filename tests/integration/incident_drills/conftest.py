"""A real marketplace that escalates to a real (simulated) help desk, as one target."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from fixnado_world import Running, Sqlite, email
from fixnado_world.accounts import PASSWORD, ROLES
from golive.adapters.chatwoot import Chatwoot
from golive.adapters.fixnado_http import FixnadoMarketplace
from golive.adapters.memory import MemoryTarget
from golive.kernel.fidelity import Fidelity
from golive.ports.target import Target
from helpdesk_world import DeskProcess


@dataclass
class World:
    running: Running
    desk: DeskProcess
    target: Target


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sqlite]:
    kind = Sqlite(tmp_path_factory.mktemp("seeded"))
    yield kind
    kind.close()


@pytest.fixture
def world(seeded: Sqlite, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Start the two; the words are the help desk's, for how it misbehaves."""
    ends: list[Callable[[], object]] = []

    def begin(*desk_words: str) -> World:
        folder = tmp_path / "help desk"
        folder.mkdir()
        desk = DeskProcess(folder, "--seed", *desk_words)
        ends.append(desk.close)
        runtime = tmp_path / "runtime"
        runtime.mkdir()
        running = Running(seeded.fresh(), runtime, help_desk=desk.settings())
        ends.append(running.close)
        return World(running, desk, target_of(running, desk))

    yield begin
    for end in reversed(ends):
        end()


def target_of(running: Running, desk: DeskProcess) -> Target:
    """Both by their real adapters; every other port is from memory."""
    accounts: Any = {role: (email(role), lambda: PASSWORD) for role in ROLES}
    market = FixnadoMarketplace(running.url, "/v1", accounts, None, Fidelity.LOCAL)
    chatwoot = Chatwoot(desk.url, 1, 1, lambda: desk.token, Fidelity.SIMULATED)
    return replace(MemoryTarget().build(), production=market, helpdesk=chatwoot)
