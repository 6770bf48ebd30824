"""Puts the parts together as one target."""

from __future__ import annotations

import os
import secrets
import tempfile
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from golive.adapters.memory.codedeploy import MemoryDeployer
from golive.adapters.memory.deployments import ALARMS, ROLLBACK_EVENTS
from golive.adapters.memory.desk import DeskBooks
from golive.adapters.memory.helpdesk import MemoryHelpDesk
from golive.adapters.memory.load import MemoryProbe
from golive.adapters.memory.marketplace import (
    MemoryMarketplace,
    MemoryMetrics,
    MemoryReadinessFile,
)
from golive.adapters.memory.series import MemorySeries
from golive.adapters.memory.tools import (
    MemoryCommands,
    MemoryHttp,
    MemoryPlanner,
    Program,
    smoke_pack,
)
from golive.adapters.memory.traffic import MemoryBalancer, MemoryTraffic
from golive.adapters.memory.wiki import MemoryWiki
from golive.adapters.memory.world import Effect, Fault, Side, World, new_side
from golive.kernel.fidelity import Fidelity
from golive.ports.clock import Clock, SystemClock
from golive.ports.target import (
    AccountConfig,
    DeployerConfig,
    ListenerConfig,
    SecretRef,
    SideConfig,
    Target,
    TargetConfig,
    TerraformConfig,
    TrafficConfig,
)

PRODUCTION = "https://production.memory.example"
VALIDATION = "https://production.memory.example:9443"


class MemoryTarget:
    """A whole environment in memory. It keeps its state however often `build` is called."""

    def __init__(
        self,
        *,
        old: str = "green",
        incoming: str = "blue",
        old_version: str = "0.99",
        incoming_version: str = "1.00",
        faults: Iterable[Fault] = (),
        rollback_events: frozenset[str] = ROLLBACK_EVENTS,
        alarms: Sequence[str] = ALARMS,
        has_test_listener: bool = True,
        exposed: bool = False,
        strays: bool = False,
        installed: bool = True,
        ready_wait: bool = False,
        termination_wait: bool = False,
        hooks: bool = True,
        programs: Mapping[str, Program] | None = None,
        clock: Clock | None = None,
    ) -> None:
        clock = clock or SystemClock()
        self._password = _password_file(self)
        before = new_side(old, old_version, "0008", clock)
        after = new_side(incoming, incoming_version, "0008", clock)
        self.world = World(old=before, incoming=after, clock=clock, faults=faults)
        self.world.installed = installed
        self.world.comes_with_deployments = not installed
        self.books = DeskBooks()
        """What the marketplace keeps about people: shared by both sides."""
        self.deployer = MemoryDeployer(
            self.world,
            rollback_events=rollback_events,
            alarms=alarms,
            has_test_listener=has_test_listener,
            ready_wait=ready_wait,
            termination_wait=termination_wait,
            hooks=hooks,
        )
        self.balancer = MemoryBalancer(self.world, exposed=exposed, strays=strays)
        self.series = MemorySeries(self.world)
        self.wiki = MemoryWiki(self.world)
        self.commands = MemoryCommands(self.world, {"smoke-pack": smoke_pack, **(programs or {})})
        self.planner = MemoryPlanner(
            self.world, {f"terraform_data.{name}": {"input": name} for name in (old, incoming)}
        )
        picks = {PRODUCTION: self._production, VALIDATION: self._tested}
        picks |= {_url(side.name): _always(side) for side in (before, after)}
        self.http = MemoryHttp(self.world, picks)

    @property
    def effects(self) -> Sequence[Effect]:
        """Everything that was changed from outside, in order."""
        return tuple(self.world.effects)

    def count(self, kind: str) -> int:
        """How often `kind` happened, e.g. `deployment-created`."""
        return sum(effect.kind == kind for effect in self.world.effects)

    def config(self) -> TargetConfig:
        """What a target file would say of this environment."""
        world = self.world
        return TargetConfig(
            name="memory",
            kind="stage",
            fidelity=Fidelity.SIMULATED,
            old=world.old,
            incoming=world.incoming,
            sides={name: SideConfig(url=_url(name)) for name in world.sides},
            listeners=ListenerConfig(production=PRODUCTION, validation=VALIDATION),
            accounts={
                role: AccountConfig(
                    email=f"{role}@rehearsal.fixnado.example",
                    password=SecretRef(file=self._password),
                )
                for role in ("user", "operations")
            },
            deployer=DeployerConfig(
                application="memory",
                group="memory",
                task_definition="memory-{incoming}:{revision}",
                container="memory",
                container_port=8080,
                fidelity=Fidelity.SIMULATED,
            ),
            traffic=TrafficConfig(
                caddy_admin="http://admin.memory.example", fidelity=Fidelity.SIMULATED
            ),
            terraform=TerraformConfig(directory=Path()),
            smoke=("smoke-pack",),
        )

    def build(self, config: TargetConfig | None = None) -> Target:
        """The ports of this environment; `config` replaces what it says of itself."""
        world = self.world
        sides = world.sides
        urls: dict[str, str | None] = {PRODUCTION: None, VALIDATION: world.incoming}
        urls |= {_url(name): name for name in sides}
        return Target(
            config=config or self.config(),
            http=self.http,
            commands=self.commands,
            probe=MemoryProbe(world, urls),
            instances={
                name: MemoryMarketplace(world, _url(name), _always(side), self.books)
                for name, side in sides.items()
                if name == world.old or not world.comes_with_deployments
            },
            production=MemoryMarketplace(world, PRODUCTION, self._production, self.books),
            validation=MemoryMarketplace(world, VALIDATION, self._tested, self.books),
            readiness_files={
                name: MemoryReadinessFile(world, side) for name, side in sides.items()
            },
            metrics={name: MemoryMetrics(world, side) for name, side in sides.items()},
            wiki=self.wiki,
            deployer=self.deployer,
            traffic=MemoryTraffic(world),
            balancer=self.balancer,
            planner=self.planner,
            deployments=self.deployer,
            series=self.series,
            helpdesk=MemoryHelpDesk(world, self.books.incidents.helpdesk),
        )

    def _tested(self) -> Side:
        """The side behind the validation listener."""
        world = self.world
        return world.sides[world.incoming if world.installed else world.old]

    def _production(self) -> Side:
        """The side that carries most of the production traffic."""
        weights = self.world.weights
        return self.world.sides[max(weights, key=lambda name: weights[name])]


def _password_file(owner: MemoryTarget) -> Path:
    """A random password, as a target file refers to one; gone with its owner."""
    handle, name = tempfile.mkstemp(prefix="golive-memory-", suffix=".password")
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(24))
    path = Path(name)
    weakref.finalize(owner, path.unlink, missing_ok=True)
    return path


class MemoryEnvironment:
    """`golive.ports.target.Environment` over a memory target."""

    def __init__(self, memory: MemoryTarget) -> None:
        self.memory = memory

    def ensure(self) -> Target:
        self.memory.world.effects.append(Effect("environment-ensured", "memory"))
        return self.memory.build()

    def release(self) -> None:
        world = self.memory.world
        with world.lock:
            world.move({world.old: 100.0, world.incoming: 0.0})
            world.effects.append(Effect("environment-released", "memory"))

    def urls(self) -> Mapping[str, str]:
        return {"production": PRODUCTION, "validation": VALIDATION}

    def logs(self) -> Sequence[Path]:
        return ()


def _url(side: str) -> str:
    return f"https://{side}.memory.example"


def _always(side: Side) -> Callable[[], Side]:
    return lambda: side
