"""`/runs`: every rehearsal that the visitor takes part in, newest first, with how it went against
the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from golive.console.days import Day
from golive.console.trends import trends
from golive.console.views import Badge, View
from golive.console.web import means, page, visit
from golive.kernel.times import parse_rfc3339
from golive.rehearsal.wording import zone

router = APIRouter()


@dataclass(frozen=True)
class RunLine:
    name: str
    title: str
    badge: Badge
    practice: bool
    begun: str
    took: str
    passed: int
    failed: int
    ahead: int
    headline: str
    trend: str = ""
    trend_kind: str = "soft"


@router.get("/runs")
def runs(request: Request) -> Response:
    who, tools = visit(request), means(request)
    days = [day for day in tools.days.all() if tools.person(who, day) is not None]
    lines = [_line(day, request) for day in days]
    told = [_with_trend(lines, at) for at in range(len(lines))]
    return page(request, "runs.html", {"runs": told, "trend": trends(days)})


def _line(day: Day, request: Request) -> RunLine:
    alive = day.alive()
    with day.reading() as board:
        view = View(board, means(request).supplies.clock.now(), day.roster, day.playbook)
        head = view.head(alive=alive)
        begun = parse_rfc3339(board.begun or day.settings.begun).astimezone(zone(board))
        return RunLine(
            name=day.name,
            title=board.title or day.playbook.title,
            badge=head.badge,
            practice=board.practice,
            begun=begun.strftime("%-d %B %Y, %H:%M"),
            took=head.so_far if board.verdict else "",
            passed=head.passed,
            failed=head.failed,
            ahead=head.ahead,
            headline=head.headline,
        )


def _with_trend(lines: list[RunLine], at: int) -> RunLine:
    """Against the rehearsal of the same title before it."""
    line = lines[at]
    before = next((one for one in lines[at + 1 :] if one.title == line.title), None)
    if before is None or not line.headline:
        return line
    more = line.passed - before.passed
    if more == 0 and line.failed == before.failed:
        return replace(line, trend="as many passed as the time before")
    word = f"{more:+d} passed against the time before" if more else (
        f"{line.failed - before.failed:+d} failed against the time before")  # fmt: skip
    better = more > 0 or (more == 0 and line.failed < before.failed)
    return replace(line, trend=word, trend_kind="good" if better else "bad")
