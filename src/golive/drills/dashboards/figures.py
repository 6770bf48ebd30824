"""The points of a board's panels, asked of wherever metrics are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from golive.drills.dashboards.boards import Board, BoardPanel
from golive.drills.dashboards.params import Ctx
from golive.kernel.errors import PortError
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.ports.promql import promql
from golive.ports.series import SIDE, MetricSeries, Query, Series

_STEPS = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
_POINTS = 360
_STAGE_OVER, _OVER = 3.0, 60.0


@dataclass(frozen=True)
class PanelData:
    """`error`: why nothing could be asked; "" where it could."""

    panel: BoardPanel
    query: Query
    series: Sequence[Series]
    error: str = ""

    @property
    def points(self) -> int:
        return sum(len(one.points) for one in self.series)

    def label(self, labels: Mapping[str, str]) -> str:
        found = re.sub(r"\{(\w+)\}", lambda name: labels.get(name[1], ""), self.panel.legend)
        return found.strip() or self.panel.title


@dataclass(frozen=True)
class Answers:
    """Each panel's lines over a stretch of time, a point each `step` seconds at most."""

    start: datetime
    end: datetime
    step: float
    panels: Sequence[PanelData]

    def known(self, events: Sequence[float]) -> tuple[float, float] | None:
        """The part (seconds of the epoch) in which there are points, or events, inside of it."""
        times = [at for data in self.panels for one in data.series for at, _ in one.points]
        start, end = self.start.timestamp(), self.end.timestamp()
        inside = {at for at in (*times, *events) if start <= at <= end}
        return (min(inside), max(inside)) if len(inside) > 1 else None


def ask(
    ctx: Ctx,
    series: MetricSeries,
    board: Board,
    stretch: tuple[datetime, datetime],
    events: Sequence[float],
) -> Answers:
    """Asked coarsely over the whole stretch, then finely over the part in which anything is known:
    a stage is minutes old, and its cutover takes seconds."""
    whole = _ask(ctx, series, board, *stretch)
    known = whole.known(events)
    if known is None:
        return whole
    start = max(stretch[0], _moment(known[0] - whole.step))
    end = min(stretch[1], _moment(known[1] + whole.step))
    return whole if (start, end) == stretch else _ask(ctx, series, board, start, end)


def _ask(ctx: Ctx, series: MetricSeries, board: Board, start: datetime, end: datetime) -> Answers:
    """A question that fails leaves its panel empty. The last point is at `end`."""
    seconds = (end - start).total_seconds()
    step = step_of(seconds)
    start = end - timedelta(seconds=step * int(seconds / step))
    over = ctx.params.rate_over or (_STAGE_OVER if ctx.target.config.kind == "stage" else _OVER)
    sides = "|".join(re.escape(side) for side in ctx.target.config.sides)
    found = []
    for panel in board.panels:
        where = {**panel.query.where, SIDE: sides} if sides else panel.query.where
        query = replace(panel.query, over=max(over, step), where=where)
        found.append(_panel(series, panel, query, start, end, step))
    return Answers(start, end, step, found)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _panel(
    series: MetricSeries,
    panel: BoardPanel,
    query: Query,
    start: datetime,
    end: datetime,
    step: float,
) -> PanelData:
    try:
        return PanelData(panel, query, series.query(query, start, end, step))
    except PortError as error:
        return PanelData(panel, query, (), str(error))


def step_of(seconds: float) -> float:
    """So that a line has 360 points at most."""
    return next((one for one in _STEPS if seconds / one <= _POINTS), seconds / _POINTS)


def panel_json(data: PanelData) -> JsonObject:
    lines: list[Json] = [
        {
            "name": data.label(one.labels),
            "labels": dict(one.labels),
            "points": [[round(at, 3), round(value, 6)] for at, value in one.points],
        }
        for one in data.series
    ]
    return {
        "panel": data.panel.key,
        "title": data.panel.title,
        "query": promql(data.query),
        "drawnAs": {"unit": data.panel.unit.axis, "factor": data.panel.unit.factor},
        "error": data.error or None,
        "lines": lines,
    }


def stretch_json(answers: Answers) -> JsonObject:
    return {
        "from": rfc3339(answers.start),
        "to": rfc3339(answers.end),
        "stepSeconds": answers.step,
    }
