"""`/runs/RUN/abort`: calling the run off. The page first says what will be undone."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from golive.console.acting import CUSTODY, key_of, member, once
from golive.console.boardpage import abort_control
from golive.console.days import Day
from golive.console.forms import Form
from golive.console.sessions import Visit
from golive.console.views import View
from golive.console.web import client, form_of, means, page, see, visit
from golive.drillkit.drill import Registry
from golive.governance.acts import ActRefused
from golive.kernel.errors import BadInput
from golive.playbook.model import DrillBlock, Playbook
from golive.rehearsal.act import Wish, abort
from golive.rehearsal.board import Board
from golive.rehearsal.live import read_figures

router = APIRouter()


@router.get("/runs/{run}/abort")
def asking(request: Request, run: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    person = member(tools, who, day)
    with day.reading() as board:
        control = abort_control(board, person)
        view = View(board, tools.supplies.clock.now(), day.roster, day.playbook)
        facts = {
            "run": day.name,
            "board_title": board.title,
            "over": not control.shown,
            "why_not": control.why_not,
            "undone": to_undo(board, day.playbook, tools.supplies.registry),
            "ahead": view.head(alive=True).ahead,
            "traffic": view.traffic(read_figures(day.folder.live)),
        }
    locked = tools.sessions.key(who) is None
    return page(request, "abort.html", {**facts, "locked": locked, "alive": day.alive()})


@router.post("/runs/{run}/abort/call")
async def calling(request: Request, run: str) -> Response:
    who, form = visit(request), await form_of(request)
    day = means(request).days.get(run)
    return see(await run_in_threadpool(_call, request, who, day, form))


def _call(request: Request, who: Visit, day: Day, form: Form) -> str:
    tools = means(request)
    person = member(tools, who, day)
    with day.reading() as board:
        control = abort_control(board, person)
    if control.why_not:
        raise ActRefused(f"you may not call the run off: {control.why_not}")
    if not control.shown:
        raise BadInput("the run is over", hint="there is nothing to call off")
    comment = form.text("comment")
    if not comment:
        raise BadInput("a reason is needed", hint="say why, in your own words")
    wish = Wish("abort", "", person.id, comment, custody=CUSTODY, session=who.session.way)

    def do() -> str:
        key = key_of(tools, who, form, client(request))
        abort(day.folder, wish, day.roster, key, tools.supplies.clock)
        tools.sessions.tell(who, "done", "You have called the run off.")
        return f"/runs/{day.name}"

    return once(tools, form, who, do)


def to_undo(board: Board, playbook: Playbook, registry: Registry) -> Sequence[tuple[str, str]]:
    """What has been changed and not put back: (drill, step), in the order of the undoing."""
    blocks = {one.id: one for one in playbook.items() if isinstance(one, DrillBlock)}
    found: list[tuple[str, str]] = []
    for item in board.items.values():
        block = blocks.get(item.id)
        if block is None or item.state != "running":
            continue
        drill = registry.drill(block.drill)
        undoing = {one.name for one in drill.steps(drill.parse(block.params)) if one.undo}
        begun = [name for name in item.steps if name in undoing]
        found += [(item.title, name) for name in reversed(begun)]
    return found
