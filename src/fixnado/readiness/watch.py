"""The watch over one instance: its board, probes, file and metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fixnado.platform.database import Database
from fixnado.platform.settings import Settings
from fixnado.readiness.board import Board
from fixnado.readiness.figures import Figure, Figures
from fixnado.readiness.metrics import Metrics
from fixnado.readiness.probes import DatabaseProbe, Probe, Prober, query_probe, storage_probe
from fixnado.readiness.writer import SnapshotWriter


class Watch:
    """Started with the instance, stopped with it; `questions` are asked of the contexts, `business`
    counts what its metrics tell of them."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        questions: Mapping[str, Callable[[], object]],
        business: Callable[[], Sequence[Figure]] = tuple,
    ) -> None:
        self.instance = settings.instance
        self.version = settings.version
        interval = settings.probe_interval_s
        self._database_probe = DatabaseProbe(database, timeout_s=interval)
        probes: dict[str, Probe] = {
            "database": self._database_probe,
            "storage": storage_probe(settings.runtime),
            **{name: query_probe(question) for name, question in questions.items()},
        }
        self.board = Board(probes, database.clock)
        self._figures = Figures(business)
        self.metrics = Metrics(
            self.board, instance=self.instance, version=self.version, figures=self._figures
        )
        self._writer = SnapshotWriter(
            self.board,
            settings.runtime / "readiness.json",
            frozen=settings.fault == "readiness-stale",
        )
        self._prober = Prober(self.board, probes, interval)

    @property
    def schema(self) -> str:
        """The database's revision as the last probe saw it."""
        return self._database_probe.schema

    def start(self) -> None:
        self._writer.start()
        self._prober.start()
        self._figures.start()

    def stopping(self) -> None:
        """A stop was asked for: say so before connections are drained."""
        self._prober.stop()
        self._figures.stop()
        self.board.stop()

    def stop(self) -> None:
        """Everything written, nothing running."""
        self._prober.stop(wait_s=0.5)
        self._figures.stop(wait_s=0.5)
        self._writer.stop()
