"""`/runs/RUN/log`: every line that was logged, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from golive.console.acting import member
from golive.console.sealed import step_numbers
from golive.console.web import means, page, visit
from golive.rehearsal.journal import read_events
from golive.rehearsal.wording import clock_time, zone

router = APIRouter()
_ON_A_PAGE = 400


@dataclass(frozen=True)
class LogLine:
    seq: int
    time: str
    text: str
    number: int
    """Of the step that logged it; 0 where none did."""


@router.get("/runs/{run}/log")
def log(request: Request, run: str, before: int = 0) -> Response:
    """`before` is the number of an event: the lines before it are shown."""
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    member(tools, who, day)
    with day.reading() as board:
        where, numbers = zone(board), step_numbers(board)
        title = board.title or day.playbook.title
    lines = [
        LogLine(
            seq=int(str(event["seq"])),
            time=clock_time(str(event["at"]), where, seconds=True),
            text=str(event.get("text", "")),
            number=numbers.get(str(event.get("item", "")), 0),
        )
        for event in read_events(day.folder.events)
        if event.get("event") == "log"
    ]
    earlier = [one for one in lines if not before or one.seq < before]
    shown = earlier[: -_ON_A_PAGE - 1 : -1]
    facts = {
        "run": day.name,
        "board_title": title,
        "lines": shown,
        "total": len(lines),
        "more": shown[-1].seq if len(earlier) > len(shown) else 0,
        "before": before,
    }
    return page(request, "log.html", facts)
