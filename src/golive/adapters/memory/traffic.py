"""What the listeners do now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from golive.adapters.memory.world import World
from golive.kernel.fidelity import Fidelity
from golive.ports.balancer import Exposure, Listener, Role


class MemoryTraffic:
    """`golive.ports.deployer.Traffic`."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, world: World) -> None:
        self._world = world

    def weights(self) -> Mapping[str, float]:
        self._world.call("traffic.weights")
        with self._world.lock:
            return dict(self._world.weights)


class MemoryBalancer:
    """`golive.ports.balancer.Balancer`. With `exposed`, the world reaches the validation listener;
    with `strays`, a third listener leads to the incoming side as well."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, world: World, *, exposed: bool, strays: bool) -> None:
        self._world, self._exposed, self._strays = world, exposed, strays

    def listeners(self) -> Sequence[Listener]:
        self._world.call("balancer.listeners")
        with self._world.lock:
            shares = {side: share for side, share in self._world.weights.items() if share}
        incoming = {self._world.incoming: 100.0}
        tested = incoming if self._world.installed else {self._world.old: 100.0}
        found = [
            Listener("production:443", 443, Role.PRODUCTION, shares),
            Listener("production:9443", 9443, Role.VALIDATION, tested),
        ]
        return [*found, Listener("production:80", 80, Role.OTHER, incoming)][: 2 + self._strays]

    def exposures(self) -> Sequence[Exposure]:
        self._world.call("balancer.exposures")
        why = "open to everybody" if self._exposed else "open to nobody outside this memory"
        return [Exposure("production:9443", self._exposed, why, {"open": self._exposed})]

    def targets(self) -> Mapping[str, Mapping[str, int]]:
        self._world.call("balancer.targets")
        found: dict[str, Mapping[str, int]] = {
            name: {"unhealthy" if side.crashed else "healthy": 1}
            for name, side in self._world.sides.items()
        }
        return found if self._world.installed else {**found, self._world.incoming: {}}
