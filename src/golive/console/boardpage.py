"""`/runs/RUN`: the board."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from golive.console.acting import member
from golive.console.boardparts import bar
from golive.console.views import View
from golive.console.web import means, page, visit
from golive.governance.powers import may_abort
from golive.playbook.people import Person
from golive.rehearsal.board import Board
from golive.rehearsal.live import read_figures

router = APIRouter()


@dataclass(frozen=True)
class AbortControl:
    shown: bool
    why_not: str


def abort_control(board: Board, person: Person) -> AbortControl:
    """Whether the run can be called off at all, and why this person may not."""
    if board.practice and not person.key:
        return AbortControl(shown=False, why_not="")
    why = "" if may_abort(person) else "DevOps, programme manager or sponsor may"
    if not why and not person.key:
        why = "the roster has no key for you"
    return AbortControl(shown=not board.verdict and board.state != "called off", why_not=why)


@router.get("/runs/{run}")
def board(request: Request, run: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    person = member(tools, who, day)
    alive = day.alive()
    with day.reading() as now:
        moment = tools.supplies.clock.now()
        view = View(now, moment, day.roster, day.playbook)
        facts = {
            "run": day.name,
            "board_title": now.title or day.playbook.title,
            "target": now.target or day.settings.target_name,
            "timezone": now.timezone,
            "seq": now.seq,
            "view_head": view.head(alive=alive),
            "rows": view.rows(),
            "log": view.log(),
            "traffic": view.traffic(read_figures(day.folder.live)),
            "objectives": view.objectives(),
            "abort": abort_control(now, person),
            # Markup of our own templates, every value in it escaped there.
            "turn_bar": Markup(bar(tools.templates, day, now, person, moment)),  # noqa: S704
        }
    return page(request, "board.html", facts)
