"""The drill and its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from golive.drillkit.drill import Drill, Measure, Output, Step
from golive.drills.dashboards.boards import BOARDS, Board
from golive.drills.dashboards.events import Event, cutover_events, window
from golive.drills.dashboards.figures import PanelData, ask, panel_json, stretch_json
from golive.drills.dashboards.grafana_json import dashboard, uid_of
from golive.drills.dashboards.params import Ctx, DashboardsParams
from golive.drills.dashboards.picture import Picture, picture
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.ports.dashboards import Dashboards
from golive.ports.series import MetricSeries

_A_SCRAPE = 1.5
"""Seconds until the stage's scraper has seen what happened just now."""


class DashboardsDrill(Drill[DashboardsParams]):
    name = "dashboards"
    summary = "Timeline hub, commerce and infrastructure over the cutover, its events marked."
    params = DashboardsParams
    fits = ("dashboards", "grafana", "metrics", "annotations")
    outputs = (
        Output("annotations", "{item}/annotations.json", "application/json"),
        *(
            one
            for board in BOARDS
            for one in (
                Output(board.uid, f"{{item}}/{board.uid}.png", "image/png"),
                Output(f"{board.uid}-data", f"{{item}}/{board.uid}.json", "application/json"),
            )
        ),
    )
    measures = (
        Measure("cutover_events", "events", "of deployments, marked on every dashboard"),
        Measure("empty_panels", "panels", "of one dashboard, that nothing is known for"),
    )

    def steps(self, params: DashboardsParams) -> Sequence[Step[DashboardsParams]]:  # noqa: ARG002
        return (Step("annotate", _annotate), *(Step(one.uid, _capture(one)) for one in BOARDS))


def _annotate(ctx: Ctx) -> Json:
    if ctx.target.config.kind == "stage":
        ctx.pause(_A_SCRAPE)
    events = cutover_events(ctx)
    start, end = window(ctx, events)
    there = ctx.target.dashboards
    posted = _posted(ctx, there, events) if there is not None else None
    deployer = ctx.target.deployer
    assert deployer is not None  # the events came from it
    ctx.save_json(
        "annotations",
        {
            "rehearsal": ctx.rehearsal.id,
            "window": {"from": rfc3339(start), "to": rfc3339(end)},
            "postedTo": there.source if there is not None and posted is not None else None,
            "annotations": [
                {**event.to_json(), "tags": list(event.annotation(ctx.rehearsal.id).tags)}
                | ({} if posted is None else {"id": posted[number]})
                for number, event in enumerate(events)
            ],
        },
        fidelity=deployer.fidelity if there is None or posted is None else there.fidelity,
    )
    ctx.at_least(
        "cutover_events",
        "the cutover's events are marked",
        1,
        len(events) or None,
        unit="events",
        detail="" if events else "no deployment of this rehearsal was found: run the cutover first",
    )
    return {
        "from": rfc3339(start),
        "to": rfc3339(end),
        "events": [event.to_json() for event in events],
    }


def _posted(ctx: Ctx, there: Dashboards, events: Sequence[Event]) -> Sequence[str] | None:
    """The ids of the annotations; a step that runs twice finds those of the first time. None where
    they could not be posted: that fails a check, and the events are kept all the same."""
    claim = f"every event is annotated in {there.source}"
    try:
        found = [there.annotate(event.annotation(ctx.rehearsal.id)) for event in events]
    except PortError as error:
        ctx.holds("annotations_posted", claim, False, detail=_said(error))
        return None
    new = sum(one.created for one in found)
    told = f"{new} of {len(found)} annotations are new"
    ctx.holds("annotations_posted", claim, True if found else None, detail=told)
    return [one.id for one in found]


def _said(error: PortError) -> str:
    return f"{error} {error.answer}".strip()


def _capture(board: Board) -> Callable[[Ctx], Json]:
    return lambda ctx: _board(ctx, board)


def _board(ctx: Ctx, board: Board) -> Json:
    series: MetricSeries = ctx.target.need(
        ctx.target.series, "metrics over time", "add [metrics] to the target file"
    )
    memo = ctx.memo["annotate"]
    assert isinstance(memo, dict)
    kept = memo["events"]
    assert isinstance(kept, list)
    events = [Event.from_json(one) for one in kept]
    start, end = parse_rfc3339(str(memo["from"])), parse_rfc3339(str(memo["to"]))
    if ctx.target.dashboards is not None:
        _shelve(ctx, ctx.target.dashboards, board)
    ctx.progress(f"{board.title}: {len(board.panels)} panels")
    answers = ask(ctx, series, board, (start, end), [one.at.timestamp() for one in events])
    made = picture(ctx, board, answers, events)
    ctx.save_json(
        f"{board.uid}-data",
        {
            "dashboard": board.title,
            "source": series.source,
            "window": stretch_json(answers),
            "picture": {"by": made.by, "fidelity": made.fidelity.value, "why": made.why or None},
            "panels": [panel_json(one) for one in answers.panels],
        },
        fidelity=series.fidelity,
    )
    _keep(ctx, board, made, answers.panels)
    return {"panels": len(board.panels), "points": sum(one.points for one in answers.panels)}


def _shelve(ctx: Ctx, there: Dashboards, board: Board) -> None:
    check, claim = f"{board.uid}_as_code", f"{uid_of(board)} in Grafana is the repository's"
    try:
        shelved = there.ensure(dashboard(board))
    except PortError as error:
        ctx.holds(check, claim, False, detail=_said(error))
        return
    ctx.log(f"{board.title}: {shelved.url}, {'put there' if shelved.pushed else 'found'}")
    changed = "" if shelved.same else "somebody changed it there, and it was left alone"
    ctx.holds(check, claim, shelved.same, detail=changed)


def _keep(ctx: Ctx, board: Board, made: Picture, panels: Sequence[PanelData]) -> None:
    """A picture of nothing is kept, and no proof of anything: each empty panel is inconclusive."""
    ctx.save(board.uid, made.data, fidelity=made.fidelity)
    for one in panels:
        ctx.holds(
            f"{board.uid}_{one.panel.key}",
            f"{board.title}: there is data for “{one.panel.title}”",
            True if one.points else None,
            detail=one.error or f"{one.points} points in {len(one.series)} lines",
        )
    empty = sum(not one.points for one in panels)
    if "empty_panels" in ctx.expect:
        ctx.at_most("empty_panels", f"panels of {board.title} without data", 0, empty)
