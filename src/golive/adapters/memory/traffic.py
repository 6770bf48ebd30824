"""What the production listener does now."""

from __future__ import annotations

from collections.abc import Mapping

from golive.adapters.memory.world import World
from golive.kernel.fidelity import Fidelity


class MemoryTraffic:
    """`golive.ports.deployer.Traffic`."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, world: World) -> None:
        self._world = world

    def weights(self) -> Mapping[str, float]:
        self._world.call("traffic.weights")
        with self._world.lock:
            return dict(self._world.weights)
