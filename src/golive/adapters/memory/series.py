"""Metrics over time of a memory target: what was seen of its world at each call of a port.

Requests are those that the world served and the ports' own calls; processor time and memory are
this process's, in which the world lives.
"""

from __future__ import annotations

import math
import re
import resource
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from golive.adapters.memory.marketplace import GAUGE
from golive.adapters.memory.world import Fault, World
from golive.kernel.fidelity import Fidelity
from golive.ports.series import LATENCY, READINESS, REQUESTS, SIDE, Combine, Figure, Query, Series

_ROUTES = {
    "marketplace.timeline_hub": "/v1/timeline-hub",
    "marketplace.commerce_snapshot": "/v1/commerce/snapshot",
    "marketplace.login": "/v1/auth/login",
}
_BUSINESS = {
    ("fixnado_orders", "status"): {"completed": 1958.0, "in_progress": 42.0},
    ("fixnado_rentals", "status"): {"out": 12.0, "returned": 288.0},
    ("fixnado_refund_cases", "status"): {"opened": 0.0, "settled": 1.0},
    ("fixnado_timeline_items", "source"): {"announcements": 3.0, "commerce": 2000.0},
}
"""As large as what the memory marketplace's snapshot tells."""
_MOST_MOMENTS = 2_000
_MOST_LOOKS = 2_000
_COMBINE: Mapping[Combine, Callable[[Sequence[float]], float]] = {
    Combine.SUM: math.fsum,
    Combine.MIN: min,
    Combine.MAX: max,
}
Labels = tuple[tuple[str, str], ...]
Key = tuple[str, Labels]


@dataclass(frozen=True)
class _Look:
    at: float
    values: Mapping[Key, float]


class MemorySeries:
    """`golive.ports.series.MetricSeries`. `absent`: metrics that nobody keeps here."""

    fidelity = Fidelity.SIMULATED
    source = "a memory target's world"

    def __init__(self, world: World, absent: Sequence[str] = ()) -> None:
        self._world, self._absent = world, frozenset(absent)
        self._calls: Counter[tuple[str, str]] = Counter()
        self._looks: list[_Look] = []
        world.observers.append(self._called)
        self._looks.append(self._look())

    def query(self, metric: Query, start: datetime, end: datetime, step: float) -> Sequence[Series]:
        self._world.call("series.query")
        if metric.metric in self._absent:
            return []
        first, last = start.timestamp(), end.timestamp()
        count = min(int((last - first) / step + 1e-6) + 1, _MOST_MOMENTS)
        lines: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
        for moment in (first + number * step for number in range(count)):
            for key, value in self._at(metric, moment).items():
                lines[key].append((moment, value))
        return [Series(dict(key), points) for key, points in sorted(lines.items())]

    def _at(self, query: Query, moment: float) -> Mapping[Labels, float]:
        now, groups = self._seen(moment), defaultdict[Labels, list[float]](list)
        if now is None:
            return {}
        before = self._seen(moment - query.over) or self._looks[0]
        for (name, labels), value in now.values.items():
            known = dict(labels)
            fits = (re.fullmatch(text, known.get(one, "")) for one, text in query.where.items())
            if name == query.metric and all(fits):
                key = tuple((one, known.get(one, "")) for one in query.by)
                grown = (value - before.values.get((name, labels), 0.0)) / query.over
                groups[key].append(grown if query.figure is Figure.RATE else value)
        return {key: _COMBINE[query.combine](values) for key, values in groups.items()}

    def _seen(self, moment: float) -> _Look | None:
        index = bisect_right(self._looks, moment, key=lambda look: look.at) - 1
        return self._looks[index] if index >= 0 else None

    def _called(self, call: str) -> None:
        if call in _ROUTES:
            weights = self._world.weights
            self._calls[max(weights, key=lambda side: weights[side]), _ROUTES[call]] += 1
        self._looks.append(self._look())
        if len(self._looks) > _MOST_LOOKS:  # every second one, but for the first and the last
            del self._looks[1:-1:2]

    def _look(self) -> _Look:
        with self._world.lock:
            values = dict(self._values())
        return _Look(self._world.clock.now().timestamp(), values)

    def _values(self) -> Iterator[tuple[Key, float]]:
        world = self._world
        for (side, route), count in self._calls.items():
            labels = ((SIDE, side), ("route", route), ("status", "200"))
            yield (REQUESTS, labels), float(count)
            yield (LATENCY, labels[:2]), self._latency(side)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        for name, one in world.sides.items():
            own = (SIDE, name)
            yield ("up", (own,)), float(not one.crashed)
            yield (REQUESTS, (own, ("route", "/"), ("status", "200"))), float(one.served)
            yield (LATENCY, (own, ("route", "/"))), self._latency(name)
            for component, (status, _) in one.components.items():
                yield (READINESS, (("component", component), own)), GAUGE[status]
            for (metric, label), found in _BUSINESS.items():
                for value, amount in found.items():
                    yield (metric, ((label, value), own)), amount
            yield ("process_cpu_seconds_total", (own,)), time.process_time()
            yield ("process_resident_memory_bytes", (own,)), usage.ru_maxrss * 1024.0

    def _latency(self, side: str) -> float:
        """As slow as the slowest of the world's answers."""
        slow = side == self._world.incoming and self._world.has(Fault.INCOMING_SLOW)
        return 0.807 if slow else 0.007
