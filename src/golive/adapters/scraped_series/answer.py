"""`golive.ports.series.MetricSeries` over a tape: rates and quantiles as Prometheus makes them,
but for one thing: growth is measured between scrapes, and never extrapolated."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from golive.adapters.scraped_series.recording import Looks, Recording, Track
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.series import SIDE, Combine, Figure, Query, Series
from golive.ports.tape import aside

_MOST_POINTS = 20_000
_COMBINE: Mapping[Combine, Callable[[Sequence[float]], float]] = {
    Combine.SUM: math.fsum,
    Combine.MIN: min,
    Combine.MAX: max,
}
Key = tuple[tuple[str, str], ...]


class ScrapedSeries:
    """The tape at `path`, read again when it has grown."""

    def __init__(self, path: Path, fidelity: Fidelity = Fidelity.LOCAL) -> None:
        self.fidelity = fidelity
        self._path = path
        self._read: tuple[tuple[int, ...], Recording] | None = None

    @property
    def source(self) -> str:
        return "the stage's own scrapes"

    def query(self, metric: Query, start: datetime, end: datetime, step: float) -> Sequence[Series]:
        moments = _moments(start.timestamp(), end.timestamp(), step)
        recording = self._recording()
        if metric.metric == "up":
            return list(_up(recording, metric, moments))
        suffix = "_bucket" if metric.figure is Figure.QUANTILE else ""
        groups: dict[Key, list[Track]] = defaultdict(list)
        for track in recording.named(metric.metric + suffix):
            if _wanted(track.labels, metric.where):
                groups[_key(track.labels, metric.by)].append(track)
        found = []
        for key, tracks in sorted(groups.items()):
            points = [
                (at, value)
                for at in moments
                if (value := _figure(metric, tracks, recording.looks, at)) is not None
            ]
            if points:
                found.append(Series(dict(key), points))
        return found

    def _recording(self) -> Recording:
        files = [one for one in (aside(self._path), self._path) if one.exists()]
        try:
            sizes = tuple(
                value for one in files for value in (one.stat().st_size, one.stat().st_ino)
            )
            if self._read is None or self._read[0] != sizes:
                self._read = (sizes, Recording(_lines(files)))
        except OSError as error:
            raise PortError(
                f"the tape can't be read: {error.strerror}", where=str(self._path)
            ) from error
        if not files:
            raise PortError(
                "nothing has been scraped",
                where=str(self._path),
                hint="is the stage up, and its scraper with it?",
            )
        return self._read[1]


def _lines(files: Sequence[Path]) -> Iterator[bytes]:
    for one in files:
        with one.open("rb") as file:
            yield from file


def _moments(start: float, end: float, step: float) -> Sequence[float]:
    if step <= 0 or end < start:
        raise PortError("no such stretch of time: the step must be above nought, the end last")
    count = int((end - start) / step + 1e-6) + 1
    if count > _MOST_POINTS:
        raise PortError(f"{count} points are more than {_MOST_POINTS}: take a longer step")
    return [round(start + number * step, 3) for number in range(count)]


def _wanted(labels: Mapping[str, str], where: Mapping[str, str]) -> bool:
    return all(re.fullmatch(text, labels.get(name, "")) for name, text in where.items())


def _key(labels: Mapping[str, str], by: Sequence[str]) -> Key:
    return tuple((name, labels.get(name, "")) for name in by)


def _up(recording: Recording, query: Query, moments: Sequence[float]) -> Iterator[Series]:
    """Who answered its scrapes: a series that Prometheus makes up as well."""
    groups: dict[Key, list[Looks]] = defaultdict(list)
    for side, looks in recording.looks.items():
        if _wanted({SIDE: side}, query.where):
            groups[_key({SIDE: side}, query.by)].append(looks)
    for key, group in sorted(groups.items()):
        seen = (
            (at, [state for one in group if (state := one.at(at)) is not None]) for at in moments
        )
        points = [
            (at, _COMBINE[query.combine]([*map(float, states)])) for at, states in seen if states
        ]
        if points:
            yield Series(dict(key), points)


def _figure(
    query: Query, tracks: Sequence[Track], looks: Mapping[str, Looks], at: float
) -> float | None:
    alive = {side for side in {track.side for track in tracks} if looks[side].at(at)}
    here = [track for track in tracks if track.side in alive]
    if query.figure is Figure.VALUE:
        values = [value for track in here if (value := track.value(at)) is not None]
        return _COMBINE[query.combine](values) if values else None
    stretches = {side: looks[side].between(at - query.over, at) for side in alive}
    grown = [
        (track, track.growth(*stretch), stretch[1] - stretch[0])
        for track in here
        if (stretch := stretches[track.side]) is not None
    ]
    if query.figure is Figure.RATE:
        rates = [growth / seconds for _, growth, seconds in grown]
        return _COMBINE[query.combine](rates) if rates else None
    return _quantile(query, grown)


def _quantile(query: Query, grown: Sequence[tuple[Track, float, float]]) -> float | None:
    """Prometheus' `histogram_quantile`; None where nothing was observed."""
    counted: dict[float, float] = defaultdict(float)
    for track, growth, _ in grown:
        bound = float(track.labels.get("le", "nan").replace("+Inf", "inf"))
        counted[bound] += growth
    bounds = sorted(bound for bound in counted if not math.isnan(bound))
    if len(bounds) < 2 or not math.isinf(bounds[-1]) or counted[bounds[-1]] <= 0:
        return None
    rank = query.quantile * counted[bounds[-1]]
    below, floor = 0.0, 0.0
    for bound in bounds[:-1]:
        within = counted[bound]
        if within >= rank:
            share = (rank - below) / (within - below) if within > below else 1.0
            return floor + (bound - floor) * share
        below, floor = within, bound
    return bounds[-2]
