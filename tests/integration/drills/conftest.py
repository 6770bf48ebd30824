"""A real marketplace, reached through the real adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fixnado_world import Running, Sqlite, email
from fixnado_world.accounts import PASSWORD
from golive.adapters.fixnado_http import FixnadoMarketplace
from golive.adapters.http import HttpxClient
from golive.adapters.local_commands import LocalCommands
from golive.adapters.memory import MemoryTarget
from golive.adapters.prometheus import Scrape
from golive.adapters.readiness_file import LocalReadinessFile
from golive.adapters.terraform import TerraformPlanner
from golive.kernel.fidelity import Fidelity
from golive.ports.target import AccountConfig, SecretRef, SideConfig, Target, TargetConfig

STAGE = Path(__file__).parents[3] / "infra" / "stage"
ROLES = ("user", "operations", "finance")


@dataclass
class World:
    """One instance of the marketplace, and it as the target `Target` of a rehearsal."""

    running: Running
    market: FixnadoMarketplace
    build: Callable[..., Target]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sqlite]:
    kind = Sqlite(tmp_path_factory.mktemp("seeded"))
    yield kind
    kind.close()


@pytest.fixture
def start(seeded: Sqlite, tmp_path: Path) -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def begin(**settings: Any) -> World:
        runtime = tmp_path / "runtime"
        runtime.mkdir()
        running = Running(seeded.fresh(), runtime, **settings)
        accounts = {role: (email(role), lambda: PASSWORD) for role in ROLES}
        market = FixnadoMarketplace(running.url, "/v1", accounts, None, Fidelity.LOCAL)
        worlds.append(World(running, market, lambda **more: _target(worlds[0], tmp_path, **more)))
        return worlds[-1]

    yield begin
    for world in worlds:
        world.running.close()


@pytest.fixture
def world(start: Callable[..., World]) -> World:
    return start()


def _target(world: World, folder: Path, **more: Any) -> Target:
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(PASSWORD)
    secret = SecretRef(file=password)
    known: dict[str, Any] = {
        "name": "one instance",
        "kind": "stage",
        "fidelity": Fidelity.LOCAL,
        "accounts": {role: AccountConfig(email=email(role), password=secret) for role in ROLES},
        "sides": {"blue": SideConfig(url=world.running.url)},
        "smoke_directory": STAGE / "smoke",
    }
    return Target(
        config=TargetConfig(**known | more),
        http=HttpxClient(None, Fidelity.LOCAL),
        commands=LocalCommands(Fidelity.LOCAL),
        probe=MemoryTarget().build().probe,
        instances={"blue": world.market},
        production=world.market,
        readiness_files={
            "blue": LocalReadinessFile(world.running.runtime / "readiness.json", Fidelity.LOCAL)
        },
        metrics={"blue": Scrape(f"{world.running.url}/metrics", Fidelity.LOCAL)},
        planner=TerraformPlanner(STAGE, folder / "terraform-state"),
    )
