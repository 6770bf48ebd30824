"""Business figures among the metrics: how many orders, rentals, refund cases, timeline items.

They are counted aside, every few seconds, so that a scrape asks the database nothing and a slow
database delays no scrape. A count that fails leaves no figure: an old one would pass for a new.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_EVERY_S: Final = 5.0
_log = logging.getLogger("fixnado.readiness")


@dataclass(frozen=True)
class Figure:
    """A gauge with one label. `values` by the label's value, which never names a person."""

    name: str
    help: str
    label: str
    values: dict[str, float]


class Figures(Collector):
    """What was counted last."""

    def __init__(self, count: Callable[[], Sequence[Figure]]) -> None:
        self._count = count
        self._last: Sequence[Figure] = ()
        self._stop = Event()
        self._thread = Thread(target=self._run, name="figures", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, wait_s: float = 0) -> None:
        self._stop.set()
        if wait_s and self._thread.is_alive():
            self._thread.join(wait_s)

    def recount(self) -> None:
        """Count now."""
        try:
            self._last = self._count()
        except Exception as error:  # whatever the database does, metrics go on without figures
            _log.warning("the business figures could not be counted", exc_info=error)
            self._last = ()

    def collect(self) -> Iterable[Metric]:
        for figure in self._last:
            family = GaugeMetricFamily(figure.name, figure.help, labels=[figure.label])
            for value, number in figure.values.items():
                family.add_metric([value], number)
            yield family

    def _run(self) -> None:
        self.recount()
        while not self._stop.wait(_EVERY_S):
            self.recount()
