"""What is measured, how, and how often."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from typing import Final

from fixnado.platform.database import Database
from fixnado.platform.errors import FixnadoError
from fixnado.platform.schema import revision
from fixnado.readiness.board import Board
from fixnado.readiness.model import Finding, Status

Probe = Callable[[], Finding]
READY: Final = Finding(Status.READY)
_log = logging.getLogger("fixnado.readiness")


class DatabaseProbe:
    """Reads and takes the write lock, on a connection of its own.

    A file that was moved away stays readable through open connections, so SQLite is opened anew
    each time; and a database that nobody can write to takes no orders.
    """

    def __init__(self, database: Database, *, timeout_s: float) -> None:
        self._database = database
        self._timeout_s = timeout_s
        self.schema = ""

    def __call__(self) -> Finding:
        path = self._database.path
        try:
            self.schema = self._sqlite(path) if path else self._database.read(revision)
        except (sqlite3.Error, FixnadoError) as error:
            return Finding(Status.ERROR, f"the database does not answer: {error}")
        return READY

    def _sqlite(self, path: Path) -> str:
        # mode=rw: a missing file is an error, not an empty database
        uri = f"{path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=self._timeout_s, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            connection.execute("ROLLBACK")
            return str(found[0]) if found else ""
        finally:
            connection.close()


def storage_probe(runtime: Path) -> Probe:
    """The runtime folder can be written to."""

    def probe() -> Finding:
        if os.access(runtime, os.W_OK | os.X_OK):
            return READY
        return Finding(Status.ERROR, "the runtime folder can't be written to")

    return probe


def query_probe(query: Callable[[], object]) -> Probe:
    """A context answers its cheapest real question."""

    def probe() -> Finding:
        try:
            query()
        except FixnadoError as error:
            return Finding(Status.ERROR, error.detail)
        return READY

    return probe


class Prober:
    """Asks every probe once an interval, side by side, so that a slow one delays no other."""

    def __init__(self, board: Board, probes: Mapping[str, Probe], interval_s: float) -> None:
        self._board = board
        self._probes = probes
        self._interval_s = interval_s
        self._stop = Event()
        self._threads = [
            Thread(target=self._run, args=(name, probe), name=f"probe-{name}", daemon=True)
            for name, probe in probes.items()
        ]

    def start(self) -> None:
        """Ask everything once, then keep asking."""
        with ThreadPoolExecutor(max_workers=len(self._probes) or 1) as pool:
            list(pool.map(lambda item: self._ask(*item), self._probes.items()))
        for thread in self._threads:
            thread.start()

    def stop(self, *, wait_s: float = 0) -> None:
        """Ask no more; wait up to `wait_s` for each probe that is under way."""
        self._stop.set()
        if wait_s:
            for thread in self._threads:
                thread.join(wait_s)

    def _run(self, name: str, probe: Probe) -> None:
        while not self._stop.wait(self._interval_s):
            self._ask(name, probe)

    def _ask(self, name: str, probe: Probe) -> None:
        try:
            finding = probe()
        except Exception as error:  # a probe that breaks is a finding, never a silent thread
            _log.warning("the probe of %s broke", name, exc_info=error)
            finding = Finding(Status.ERROR, f"the probe broke: {type(error).__name__}")
        if not self._stop.is_set():
            self._board.measure(name, finding)
