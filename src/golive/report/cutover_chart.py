"""A cutover as a picture: who answered, how fast, how many failed, and when it was called off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from golive.report import drawing
from golive.report.cutover import Cutover, Mark, Slice, round_step
from golive.report.wording import many

LEFT, RIGHT, TOP = 44.0, 12.0, 32.0
HIGH, GAP = 92.0, 34.0
NUMBER = 18.0
"""How wide a mark's number is, and how high."""
_LETTER = 7.5
"""About how wide a letter is."""


@dataclass(frozen=True)
class Panel:
    """One of the pictures above each other; `most` is the value at its top."""

    top: float
    most: float

    def y(self, value: float) -> float:
        return self.top + HIGH - HIGH * min(max(value / self.most, 0.0), 1.0)


@dataclass(frozen=True)
class Frame:
    """How seconds become columns."""

    wide: float
    seconds: float

    def x(self, second: float) -> float:
        inner = self.wide - LEFT - RIGHT
        return LEFT + inner * min(max(second / self.seconds, 0.0), 1.0)


def draw(cutover: Cutover, wide: float, kind: str) -> Markup:
    """The picture, `wide` units wide."""
    frame = Frame(wide, max(cutover.slices[-1].end, 0.1))
    levels = _levels([frame.x(mark.at) for mark in cutover.marks])
    share = Panel(TOP + NUMBER * (1 + max(levels, default=0)), 100.0)
    p95s = [one.p95 for one in cutover.slices if one.p95 is not None]
    speed = Panel(share.top + HIGH + GAP, _round_up(max(p95s, default=1.0)))
    worst = max(one.failed for one in cutover.slices)
    failures = Panel(speed.top + HIGH + GAP, float(max(_round_up(float(worst)), 1.0)))
    bottom = failures.top + HIGH
    parts = [
        *_marks(cutover.marks, levels, frame, bottom),
        *_axes(share, frame, f"Answers by side, % ({cutover.incoming} is the shaded, solid line)"),
        *_shares(cutover, share, frame),
        *_axes(speed, frame, "95th percentile, ms"),
        *_speeds(cutover.slices, speed, frame),
        *_axes(failures, frame, "Failed requests"),
        *_failures(cutover.slices, failures, frame),
        *_seconds(frame, bottom),
    ]
    return drawing.image(parts, wide, bottom + 40, label(cutover), kind)


def label(cutover: Cutover) -> str:
    """What the picture shows, in a sentence."""
    told = "; ".join(f"at {max(one.at, 0.0):.2f} s {one.what}" for one in cutover.marks)
    return (
        f"Cutover from {cutover.old} to {cutover.incoming} over {cutover.seconds:.1f} s: "
        f"{many(cutover.requests, 'request')}, {cutover.failed} failed. {told}."
    )


def _round_up(value: float) -> float:
    return round_step(value) if value > 0 else 1.0


def _axes(panel: Panel, frame: Frame, title: str) -> Iterator[Markup]:
    room = int((frame.wide - LEFT - RIGHT) / _LETTER)
    shown = title if len(title) <= room else title.partition(" (")[0]
    yield drawing.words((LEFT, panel.top - 8), shown, "title")
    for share in (0.0, 0.5, 1.0):
        y = panel.y(panel.most * share)
        yield drawing.line((LEFT, y), (frame.wide - RIGHT, y), "grid")
        value = panel.most * share
        if value == int(value):  # half a failed request would be nonsense
            yield drawing.words((LEFT - 6, y + 4), int(value), "tick", "end")


def _runs(
    slices: Sequence[Slice], values: Sequence[float | None], panel: Panel, frame: Frame
) -> Iterator[list[drawing.Point]]:
    """Points of each stretch without a gap."""
    run: list[drawing.Point] = []
    for one, value in zip(slices, values, strict=True):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append((frame.x((one.start + one.end) / 2), panel.y(value)))
    if run:
        yield run


def _shares(cutover: Cutover, panel: Panel, frame: Frame) -> Iterator[Markup]:
    ground = panel.y(0)
    incoming = [one.share(cutover.incoming) for one in cutover.slices]
    for run in _runs(cutover.slices, incoming, panel, frame):
        yield drawing.area([(run[0][0], ground), *run, (run[-1][0], ground)], "shade")
        yield drawing.path(run, "incoming")
    old = [one.share(cutover.old) for one in cutover.slices]
    for run in _runs(cutover.slices, old, panel, frame):
        yield drawing.path(run, "old")


def _speeds(slices: Sequence[Slice], panel: Panel, frame: Frame) -> Iterator[Markup]:
    for run in _runs(slices, [one.p95 for one in slices], panel, frame):
        yield drawing.path(run, "speed")
        if len(run) == 1:
            yield drawing.dot(run[0], 2, "spot")


def _failures(slices: Sequence[Slice], panel: Panel, frame: Frame) -> Iterator[Markup]:
    for one in slices:
        if one.failed:
            left, right, y = frame.x(one.start), frame.x(one.end), panel.y(one.failed)
            yield drawing.box((left, y), right - left, panel.y(0) - y, "failure")
    if not any(one.failed for one in slices):
        middle = (LEFT + frame.wide - RIGHT) / 2
        yield drawing.words((middle, panel.y(0.5) + 4), "none failed", "tick", "middle")


def _seconds(frame: Frame, bottom: float) -> Iterator[Markup]:
    step = round_step(frame.seconds / (4 if frame.wide < 500 else 8))
    at = 0.0
    while at <= frame.seconds + 1e-9:
        yield drawing.words((frame.x(at), bottom + 16), f"{at:g}", "tick", "middle")
        at += step
    middle = (LEFT + frame.wide - RIGHT) / 2
    yield drawing.words((middle, bottom + 32), "seconds", "tick", "middle")


def _levels(columns: Sequence[float]) -> Sequence[int]:
    """For each mark the row of its number: the first in which no neighbour stands in its way."""
    ends: list[float] = []
    levels: list[int] = []
    for x in columns:
        free = (level for level, end in enumerate(ends) if x - end >= NUMBER)
        level = next(free, len(ends))
        ends[level : level + 1] = [x]
        levels.append(level)
    return levels


def _marks(
    marks: Sequence[Mark], levels: Sequence[int], frame: Frame, bottom: float
) -> Iterator[Markup]:
    """Upright lines with the numbers that the list below the picture explains."""
    for place, (mark, level) in enumerate(zip(marks, levels, strict=True), start=1):
        x, y = frame.x(mark.at), 12.0 + NUMBER * level
        yield drawing.line((x, y + 8), (x, bottom), f"mark {mark.kind}")
        yield drawing.dot((x, y), 8, f"number {mark.kind}")
        yield drawing.words((x, y + 4), place, "count", "middle")
