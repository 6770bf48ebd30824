"""Judges probe samples by what the journal says. Pure but for reading a log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golive.drills.blue_green.journal import ORDERED, PROMOTED, RETURNED, WEIGHTS, Mark
from golive.kernel.json import JsonObject
from golive.ports.probe import ProbeSample, SideFigures, figures_of


@dataclass(frozen=True)
class Window:
    """From `start` to `end` (Unix time) only `allowed` sides may answer."""

    start: float
    end: float
    allowed: frozenset[str]

    def holds(self, sample: ProbeSample) -> bool:
        """Whether the request lay wholly inside: one that straddles an order may go either way."""
        return self.start < sample.started and sample.started + sample.latency < self.end


def windows(marks: Sequence[Mark], *, old: str, incoming: str) -> Sequence[Window]:
    """When which side may answer: between an order and its end, both."""
    found, begin, allowed = [], float("-inf"), frozenset({old})
    for mark in marks:
        follows = {
            ORDERED: frozenset({old, incoming}),
            RETURNED: frozenset({old}),
            PROMOTED: frozenset({incoming}),
        }.get(mark.event)
        if follows is not None:
            found.append(Window(begin, mark.at, allowed))
            begin, allowed = mark.at, follows
    return [*found, Window(begin, float("inf"), allowed)]


def misrouted(samples: Iterable[ProbeSample], windows: Sequence[Window]) -> Sequence[ProbeSample]:
    """Answered requests that came from a side that had no business to answer then. An answer of
    the proxy itself (a 502, from no side) is a failed request and not a misrouted one."""
    return [
        sample
        for sample in samples
        if sample.status
        and not (sample.failed and not sample.side)
        and any(one.holds(sample) and sample.side not in one.allowed for one in windows)
    ]


def judged(samples: Iterable[ProbeSample], windows: Sequence[Window]) -> int:
    """How many of `samples` could have been misrouted: in which only one side had any business."""
    alone = [one for one in windows if len(one.allowed) == 1]
    return sum(any(one.holds(sample) for one in alone) for sample in samples)


def failed(samples: Iterable[ProbeSample]) -> int:
    return sum(sample.failed for sample in samples)


def of_side(samples: Iterable[ProbeSample], side: str) -> Sequence[ProbeSample]:
    return [sample for sample in samples if sample.side == side]


def last_after(samples: Iterable[ProbeSample], side: str, moment: float) -> float:
    """Seconds after `moment` at which the last request that `side` answered had started; 0 where
    none did. Later shifts are not looked at: pass samples of the time in question."""
    return max(
        (s.started - moment for s in of_side(samples, side) if s.started > moment), default=0.0
    )


def shown_figures(figures: SideFigures) -> JsonObject:
    """Milliseconds for people."""

    def ms(seconds: float | None) -> float | None:
        return None if seconds is None else round(seconds * 1000, 2)

    return {
        "requests": figures.requests,
        "failed": figures.failed,
        "p50Ms": ms(figures.p50),
        "p95Ms": ms(figures.p95),
        "p99Ms": ms(figures.p99),
    }


def by_side(samples: Sequence[ProbeSample]) -> JsonObject:
    """Figures of each side; `unanswered` are requests that no side answered."""
    sides = sorted({sample.side for sample in samples})
    return {
        side or "unanswered": shown_figures(figures_of(of_side(samples, side))) for side in sides
    }


def by_step(samples: Sequence[ProbeSample], marks: Sequence[Mark]) -> Sequence[JsonObject]:
    """Figures between one change of weights and the next, by start of the request."""
    changes = [mark for mark in marks if mark.event == WEIGHTS]
    rows: list[JsonObject] = []
    for number, mark in enumerate(changes):
        end = changes[number + 1].at if number + 1 < len(changes) else float("inf")
        inside = [sample for sample in samples if mark.at <= sample.started < end]
        rows.append({"from": mark.at, "weights": mark.data["weights"], "sides": by_side(inside)})
    return rows


def read_log(log: Path) -> Sequence[ProbeSample]:
    """The samples in a probe's log, in order of start; lines that are none are dropped."""
    if not log.exists():
        return []
    found = [one for line in log.read_bytes().splitlines() if (one := _parsed(line))]
    return sorted(found, key=lambda one: one.started)


def _parsed(line: bytes) -> ProbeSample | None:
    try:
        row: Any = json.loads(line)
        started, latency, status, side = row
        return ProbeSample(float(started), float(latency), int(status), str(side))
    except (ValueError, TypeError):
        return None
