"""The probe load on the production listener, alive while the drill's steps run."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from golive.drills.blue_green.gauges import Sampler
from golive.drills.blue_green.params import Ctx
from golive.drills.blue_green.traffic import read_log
from golive.kernel.errors import GoliveError
from golive.kernel.json import Json
from golive.ports.probe import ProbeSample, RunningProbe, SideFigures
from golive.ports.target import ListenerConfig

_LIVE: dict[tuple[str, str, int], Load] = {}
_LOCK = threading.Lock()
_ENOUGH = 40
"""Requests that a proof rests on, at least, where the load makes so many within `_WHILE`."""
_WHILE = 5.0
"""Seconds."""


class Load:
    """Started when first needed, and again after a resume, into the same log."""

    def __init__(self, log: Path, gauges: Sampler) -> None:
        self.log, self.gauges = log, gauges
        self.session = uuid.uuid4().hex[:12]
        """Another one after every resume: what happened in between, nobody watched."""
        self._running: RunningProbe | None = None

    def ensure(self, ctx: Ctx) -> None:
        if self._running is None:
            self._running = ctx.target.probe.start(
                url(ctx, listeners(ctx).production), rate=ctx.params.rate, log=self.log
            )
            self.gauges.start()

    def recent(self) -> Mapping[str, SideFigures]:
        """By side, over the last second; nothing where no load runs."""
        return self._running.recent() if self._running else {}

    def samples(self) -> Sequence[ProbeSample]:
        """Everything measured so far, before a kill too."""
        return self._running.samples() if self._running else read_log(self.log)

    def stop(self) -> Sequence[ProbeSample]:
        running, self._running = self._running, None
        self.gauges.stop()
        return running.stop() if running else read_log(self.log)

    def end(self) -> None:
        """As `stop`, where nobody asks for the samples any more."""
        running, self._running = self._running, None
        self.gauges.stop()
        if running is not None:
            running.stop()


def take_up(ctx: Ctx) -> None:
    """The steps begin, or begin again after a resume: no request is made yet."""
    with _LOCK:
        _LIVE[_key(ctx)] = Load(ctx.work / "probe.jsonl", Sampler(ctx))


def load_of(ctx: Ctx) -> Load:
    """The load of this attempt, between `take_up` and `let_go`."""
    with _LOCK:
        return _LIVE[_key(ctx)]


def session_of(ctx: Ctx) -> str:
    """Which life of the rehearsal this is; "" once the steps are over (what is left is undoing)."""
    with _LOCK:
        load = _LIVE.get(_key(ctx))
    return load.session if load is not None else ""


def let_go(ctx: Ctx) -> None:
    """End the load, whatever became of it: the steps have said what there was to say."""
    with _LOCK:
        load = _LIVE.pop(_key(ctx), None)
    if load is not None:
        try:
            load.end()
        except GoliveError as error:
            ctx.log(f"the probe load did not end in order: {error}")


def _key(ctx: Ctx) -> tuple[str, str, int]:
    return ctx.rehearsal.id, ctx.item, ctx.attempt


def enough_after(ctx: Ctx, moment: float) -> Sequence[ProbeSample]:
    """Requests that started after `moment` (Unix time): enough of them, or those of a few seconds.
    Where they queue, none is answered for longer: none proves nothing, so the first is awaited."""
    began = ctx.clock.monotonic()
    while True:
        samples = [one for one in load_of(ctx).samples() if one.started > moment]
        waited = ctx.clock.monotonic() - began
        most = _WHILE if samples else max(_WHILE, ctx.params.stalled_after)
        if len(samples) >= _ENOUGH or waited > most:
            return samples
        ctx.progress("requests since then", requests=len(samples))
        ctx.pause(0.02)


def listeners(ctx: Ctx) -> ListenerConfig:
    """The target's listeners; NotConfigured where it names none."""
    return ctx.target.need(
        ctx.target.config.listeners, "listeners", "add [listeners] with production and validation"
    )


def url(ctx: Ctx, listener: str) -> str:
    return listener.rstrip("/") + ctx.params.path


def live_figures(recent: Mapping[str, SideFigures], sides: Iterable[str]) -> dict[str, Json]:
    """For the live line: requests, failed and p95 (ms) of each side over the last second."""
    found: dict[str, Json] = {}
    for side in sides:
        figures = recent.get(side)
        if figures is not None and figures.p95 is not None:
            found[f"{side}_p95_ms"] = round(figures.p95 * 1000, 1)
            found[f"{side}_requests"] = figures.requests
    found["failed"] = sum(one.failed for one in recent.values())
    return found
