"""Both instances' own metrics through the shift, a reading each now and then."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from golive.drills.blue_green.params import Ctx, incoming, old
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json
from golive.ports.metrics import Metrics, MetricSample

_APART = 0.5
_APART_LIVE = 5.0
_OWN = ("/healthz", "/readyz", "/metrics")
"""Routes of whoever watches: no customer's."""


@dataclass(frozen=True)
class Gauge:
    """One reading. `readiness` is the lowest component's (0 error to 1 ready); counters count from
    the instance's start. None is what could not be read."""

    at: float
    side: str
    readiness: float | None = None
    requests: float | None = None
    errors: float | None = None
    seconds: float | None = None


class Sampler:
    """A thread that reads until it is told to stop; every reading is in `file` at once."""

    def __init__(self, ctx: Ctx) -> None:
        self.file = ctx.work / "gauges.jsonl"
        self._clock = ctx.clock
        sides = (old(ctx), incoming(ctx))
        self._metrics = {one: ctx.target.metrics[one] for one in sides if one in ctx.target.metrics}
        live = any(one.fidelity is Fidelity.LIVE for one in self._metrics.values())
        self._apart = _APART_LIVE if live else _APART
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Does nothing where it runs."""
        if self._thread is None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self._over.clear()
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Does nothing where it doesn't run."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._over.set()
            thread.join()

    def _run(self) -> None:
        with self.file.open("a", encoding="utf-8") as out:
            while not self._over.is_set():
                for side, metrics in self._metrics.items():
                    reading = read(side, metrics, self._clock.now().timestamp())
                    out.write(json.dumps(asdict(reading), separators=(",", ":")) + "\n")
                out.flush()
                self._over.wait(self._apart)


def read(side: str, metrics: Metrics, at: float) -> Gauge:
    """A side that can't be read is a reading without figures: a gap, and part of the story."""
    try:
        samples = metrics.scrape()[1]
    except PortError:
        return Gauge(at, side)
    levels = [one.value for one in samples if one.name == "fixnado_readiness_status"]
    return Gauge(
        at=at,
        side=side,
        readiness=min(levels, default=None),
        requests=_total(samples, "fixnado_http_requests_total"),
        errors=_total(samples, "fixnado_http_requests_total", "5"),
        seconds=_total(samples, "fixnado_http_request_duration_seconds_sum"),
    )


def _total(samples: Sequence[MetricSample], name: str, status: str = "") -> float:
    return sum(
        one.value
        for one in samples
        if one.name == name
        and one.labels.get("route") not in _OWN
        and one.labels.get("status", "").startswith(status)
    )


def kept(file: Path) -> Sequence[Gauge]:
    """Every reading in `file`; a line that a kill cut short is dropped."""
    found = []
    for line in file.read_bytes().splitlines() if file.exists() else ():
        try:
            found.append(Gauge(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def series(gauges: Sequence[Gauge]) -> Mapping[str, Json]:
    """By side, for people and programs."""
    sides = sorted({one.side for one in gauges})
    return {side: [_row(one) for one in gauges if one.side == side] for side in sides}


def _row(one: Gauge) -> Json:
    return {
        "at": one.at,
        "readiness": one.readiness,
        "requests": one.requests,
        "errors": one.errors,
        "seconds": one.seconds,
    }
