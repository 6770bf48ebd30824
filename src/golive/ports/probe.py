"""Open-loop load on one URL: requests start on schedule whether or not earlier ones came back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from golive.kernel.fidelity import Fidelity


@dataclass(frozen=True)
class ProbeSample:
    """One request. `started` is Unix time in seconds, `latency` is seconds from the *scheduled*
    start (no coordinated omission); `status` is 0 where no answer came; `side` is "" unknown."""

    started: float
    latency: float
    status: int
    side: str

    @property
    def failed(self) -> bool:
        return self.status == 0 or self.status >= 500


@dataclass(frozen=True)
class SideFigures:
    """Requests of one side over the last second or the whole run."""

    requests: int
    failed: int
    p50: float | None
    p95: float | None
    p99: float | None


def figures_of(samples: Iterable[ProbeSample]) -> SideFigures:
    """Counts and exact percentiles (nearest rank, seconds) of `samples`; None of no samples."""
    samples = list(samples)
    ordered = sorted(sample.latency for sample in samples)
    return SideFigures(
        requests=len(samples),
        failed=sum(sample.failed for sample in samples),
        p50=percentile(ordered, 0.50),
        p95=percentile(ordered, 0.95),
        p99=percentile(ordered, 0.99),
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest of `ordered` (ascending) that at least `share` of them don't exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


class RunningProbe(Protocol):
    def recent(self) -> Mapping[str, SideFigures]:
        """By side, over the last second; the key "" holds requests without an answer."""
        ...

    def samples(self) -> Sequence[ProbeSample]:
        """Every request that has come to its end so far, in order of start; the load goes on."""
        ...

    def stop(self) -> Sequence[ProbeSample]:
        """End the load, wait for what is under way, return every sample in order of start."""
        ...


class Probe(Protocol):
    fidelity: Fidelity

    def start(self, url: str, *, rate: float, log: Path) -> RunningProbe:
        """`rate` requests a second on `url` until `stop`. Samples are appended to `log` as they
        come (one JSON array a line), so that a killed rehearsal keeps what it measured; samples
        that `log` already holds are returned by `stop` too."""
        ...
