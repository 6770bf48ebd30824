"""A board as a PNG: by Grafana where it renders, else drawn here from the same points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from golive.drillkit import chart, chart_apart
from golive.drills.dashboards.boards import Board
from golive.drills.dashboards.events import Event
from golive.drills.dashboards.figures import Answers, PanelData
from golive.drills.dashboards.grafana_json import uid_of
from golive.drills.dashboards.params import Ctx
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.dashboards import Dashboards

_WIDTH, _COLUMNS = 1600, 2
_MOST_LINES = 8


@dataclass(frozen=True)
class Picture:
    data: bytes
    fidelity: Fidelity
    by: str
    why: str = ""
    """Why it is drawn here, though a Grafana is configured."""


def picture(
    ctx: Ctx,
    board: Board,
    answers: Answers,
    events: Sequence[Event],
) -> Picture:
    there = ctx.target.dashboards
    if there is None:
        return Picture(_drawn(ctx, board, answers, events), Fidelity.SIMULATED, "Golive")
    try:
        rendered = _rendered(there, board, (answers.start, answers.end))
    except PortError as error:
        ctx.log(f"{board.title}: drawn here, since {there.source} made no picture: {error}")
        data = _drawn(ctx, board, answers, events)
        return Picture(data, Fidelity.SIMULATED, "Golive", str(error))
    return Picture(rendered, there.fidelity, there.source)


def _rendered(there: Dashboards, board: Board, stretch: tuple[datetime, datetime]) -> bytes:
    """Grafana renders panel by panel; they are laid out as on the board."""
    found = [
        there.picture(uid_of(board), number, *stretch, width=_WIDTH // _COLUMNS, height=300)
        for number in range(1, len(board.panels) + 1)
    ]
    return chart_apart.sheet(
        board.title, found, columns=_COLUMNS, note=f"rendered by {there.source}"
    )


def _drawn(
    ctx: Ctx,
    board: Board,
    answers: Answers,
    events: Sequence[Event],
) -> bytes:
    series = ctx.target.series
    assert series is not None
    zone = ZoneInfo(ctx.rehearsal.timezone)
    start, end = _seen(answers, events)
    day = datetime.fromtimestamp(start, zone)
    note = (
        f"{day:%d %B %Y}. Drawn by Golive, not by Grafana, from {series.source}: "
        f"{series.fidelity.value}. Rehearsal {ctx.rehearsal.id}."
    )
    return chart_apart.panels(
        f"Fixnado: {board.title.lower()}, over the cutover",
        [_part(one, answers.step) for one in answers.panels],
        [chart.Mark(event.at.timestamp(), event.label) for event in events],
        axis=chart.Axis(f"time of day, {ctx.rehearsal.timezone}", zone, start, end),
        columns=_COLUMNS,
        note=note,
        width_px=_WIDTH,
    )


def _part(data: PanelData, step: float) -> chart.Panel:
    """The eight lines that rise highest; the data beside the picture has them all."""
    highest = sorted(data.series, key=lambda one: -max(value for _, value in one.points))
    shown = [one for one in data.series if one in highest[:_MOST_LINES]]
    left = len(data.series) - len(shown)
    factor = data.panel.unit.factor
    lines = [
        chart.Line(
            data.label(one.labels),
            _with_gaps([(at, value * factor) for at, value in one.points], step),
            step=data.panel.step,
        )
        for one in shown
    ]
    title = f"{data.panel.title} (the highest {len(shown)} of {len(data.series)})" if left else ""
    return chart.Panel(title or data.panel.title, lines, data.panel.unit.axis, most=data.panel.most)


def _with_gaps(points: Sequence[tuple[float, float]], step: float) -> Sequence[chart.Point]:
    """No line is drawn over a time in which nothing was measured."""
    found: list[chart.Point] = []
    for at, value in points:
        if found and at - found[-1][0] > 1.5 * step:
            found.append((found[-1][0] + step, None))
        found.append((at, value))
    return found


def _seen(answers: Answers, events: Sequence[Event]) -> tuple[float, float]:
    """What is known, with a margin: an event at the very edge can't be read."""
    known = answers.known([event.at.timestamp() for event in events])
    start, end = known or (answers.start.timestamp(), answers.end.timestamp())
    margin = (end - start) * 0.02
    return start - margin, end + margin
