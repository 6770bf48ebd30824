"""Load whose requests are drawn from the weights of the moment: the same run, the same sides."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from golive.adapters.memory.world import Fault, World
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.probe import ProbeSample, SideFigures, figures_of

BATCH = 60
"""Requests made at each look: enough that a side with a tenth of the traffic shows a percentile."""


class MemoryProbe:
    """`golive.ports.probe.Probe`. `urls` says which sides answer: a side's name, or None for the
    production listener. `rate` is not kept: see the package's docstring on time."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, world: World, urls: Mapping[str, str | None]) -> None:
        self._world, self._urls = world, urls

    def start(self, url: str, *, rate: float, log: Path) -> MemoryLoad:
        self._world.call("probe.start")
        known = [name for name in self._urls if url.startswith(name)]
        if not known:
            raise PortError(f"nothing listens at {url}", where="probe")
        if rate <= 0:
            raise PortError(f"a rate of {rate} requests a second is no load", where="probe")
        side = self._urls[max(known, key=len)]
        if side == self._world.incoming and not self._world.installed:
            side = self._world.old
        return MemoryLoad(self._world, side, log)


class MemoryLoad:
    """A running load."""

    def __init__(self, world: World, side: str | None, log: Path) -> None:
        self._world, self._side, self._log = world, side, log
        self._credit = dict.fromkeys(world.sides, 0.0)
        self._latest: list[ProbeSample] = []
        log.parent.mkdir(parents=True, exist_ok=True)
        self._samples = _kept(log)
        world.before_move.append(self._before_move)

    def recent(self) -> Mapping[str, SideFigures]:
        self._world.call("probe.recent")
        self._requests()
        latest = self._latest
        return {
            side: figures_of([one for one in latest if one.side == side])
            for side in sorted({one.side for one in latest})
        }

    def samples(self) -> Sequence[ProbeSample]:
        self._world.call("probe.samples")
        self._requests()
        return list(self._samples)

    def stop(self) -> Sequence[ProbeSample]:
        self._world.call("probe.stop")
        if self._before_move in self._world.before_move:
            self._requests()
            self._world.before_move.remove(self._before_move)
        return list(self._samples)

    def _before_move(self) -> None:
        """Requests under the weights that are about to end, stamped before whatever follows."""
        self._requests()

    def _requests(self) -> None:
        with self._world.lock:
            made = [self._one() for _ in range(BATCH)]
            self._latest = [one for one in made if one is not None]
            self._samples.extend(self._latest)
            with self._log.open("a", encoding="utf-8") as out:
                for one in self._latest:
                    row = [one.started, one.latency, one.status, one.side]
                    out.write(json.dumps(row, separators=(",", ":")) + "\n")

    def _one(self) -> ProbeSample | None:
        """None where it is never answered: it is under way for as long as this load lives."""
        side = self._world.sides[self._side or self._next()]
        hangs = self._side is None and self._world.has(Fault.INCOMING_HANGS)
        if hangs and side.name == self._world.incoming:
            return None
        status, seconds = self._world.answer(side)
        started = self._world.clock.now().timestamp()
        return ProbeSample(started, seconds, status, side.name if status else "")

    def _next(self) -> str:
        """Smooth weighted round robin, as a proxy does it."""
        weights = self._world.weights
        for name, weight in weights.items():
            self._credit[name] += weight
        chosen = max(self._credit, key=lambda name: (weights[name] > 0, self._credit[name]))
        self._credit[chosen] -= sum(weights.values())
        return chosen


def _kept(log: Path) -> list[ProbeSample]:
    """What an earlier, killed rehearsal measured; a line cut short is dropped."""
    if not log.exists():
        return []
    samples = []
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            started, latency, status, side = json.loads(line)
        except ValueError:
            continue
        samples.append(ProbeSample(started, latency, status, side))
    return samples
