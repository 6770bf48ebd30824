"""A tape in memory: who answered when, and each series as it changed."""

from __future__ import annotations

import json
import math
import re
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from golive.ports.series import SIDE
from golive.ports.tape import DOWN, HEADER, SCRAPE, SERIES, VERSION

_STALE = 5.0
"""Seconds after a side's last scrape in which its values still count. One is due every second."""
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


@dataclass
class Looks:
    """Every attempt to scrape one side, in order of time: answered (1) or not (0)."""

    times: array[float] = field(default_factory=lambda: array("d"))
    answered: array[int] = field(default_factory=lambda: array("b"))
    answers: array[float] = field(default_factory=lambda: array("d"))
    """The times of those that were answered."""

    def add(self, now: float, answered: bool) -> None:
        self.times.append(now)
        self.answered.append(answered)
        if answered:
            self.answers.append(now)

    def at(self, moment: float) -> bool | None:
        """Whether it answered then; None where nobody had looked for a while."""
        last = bisect_right(self.times, moment) - 1
        if last < 0 or moment - self.times[last] > _STALE:
            return None
        return bool(self.answered[last])

    def between(self, start: float, end: float) -> tuple[float, float] | None:
        """The answers next before both, or the first one of all: growth is known from one answer to
        another, and between them alone. None where that is no stretch of time."""
        last = bisect_right(self.answers, end) - 1
        first = max(bisect_right(self.answers, start) - 1, 0)
        return (self.answers[first], self.answers[last]) if first < last else None


@dataclass
class Track:
    """One series: its values when they changed (NaN: it was gone), and how much it has grown."""

    side: str
    name: str
    labels: Mapping[str, str]
    times: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))
    grown: array[float] = field(default_factory=lambda: array("d"))
    """As a counter: all increases so far. One that fell has begun anew."""

    def add(self, now: float, value: float, *, from_nought: bool) -> None:
        """`from_nought`: it was seen not to be there before, so all of a first value is new."""
        if self.times:
            before, so_far = self.values[-1], self.grown[-1]
            more = value - before if value >= before else value
        else:
            so_far, more = 0.0, value if from_nought else 0.0
        self.times.append(now)
        self.values.append(value)
        self.grown.append(so_far if math.isnan(value) else so_far + more)

    def value(self, moment: float) -> float | None:
        last = bisect_right(self.times, moment) - 1
        found = self.values[last] if last >= 0 else math.nan
        return None if math.isnan(found) else found

    def growth(self, start: float, end: float) -> float:
        """As a counter, from `start` to `end`."""
        return self._so_far(end) - self._so_far(start)

    def _so_far(self, moment: float) -> float:
        last = bisect_right(self.times, moment) - 1
        return self.grown[last] if last >= 0 else 0.0


class Recording:
    """What the lines of a tape say. Lines that can't be understood are left out."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.looks: dict[str, Looks] = defaultdict(Looks)
        self._tracks: dict[tuple[str, str], Track] = {}
        self._by_name: dict[str, list[Track]] = defaultdict(list)
        self._numbered: dict[int, Track] = {}
        for line in lines:
            try:
                self._take(json.loads(line))
            except (ValueError, TypeError, KeyError, IndexError, RecursionError):
                continue

    def named(self, name: str) -> Sequence[Track]:
        """The series of one metric."""
        return self._by_name.get(name, ())

    def _take(self, line: Any) -> None:
        kind = line[0]
        if kind == SCRAPE:
            self._scrape(float(line[1]), str(line[2]), line[3])
        elif kind == DOWN:
            self.looks[str(line[2])].add(float(line[1]), answered=False)
        elif kind == SERIES:
            self._numbered[int(line[1])] = self._track(str(line[2]), str(line[3]))
        elif kind == HEADER and line[1] == VERSION:
            self._numbered.clear()

    def _scrape(self, now: float, side: str, changes: Sequence[Any]) -> None:
        looks = self.looks[side]
        from_nought = looks.at(now) is True
        for number, value in zip(changes[::2], changes[1::2], strict=True):
            amount = math.nan if value is None else float(value)
            self._numbered[number].add(now, amount, from_nought=from_nought)
        looks.add(now, answered=True)

    def _track(self, side: str, exposed: str) -> Track:
        found = self._tracks.get((side, exposed))
        if found is None:
            name, _, rest = exposed.partition("{")
            labels = {key: _ESCAPED.sub(_plain, text) for key, text in _LABEL.findall(rest)}
            found = Track(side, name, {**labels, SIDE: side})
            self._tracks[side, exposed] = found
            self._by_name[name].append(found)
        return found


def _plain(escaped: re.Match[str]) -> str:
    return "\n" if escaped[1] == "n" else escaped[1]
