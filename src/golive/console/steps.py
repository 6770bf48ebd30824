"""`/runs/RUN/steps/N`: one item of the day: what is asked, of whom, and everything it left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from golive.console.acting import item_of, key_of, member, once, perform
from golive.console.days import Day
from golive.console.forms import Form
from golive.console.sessions import Visit
from golive.console.talking import talk
from golive.console.uploads import versions
from golive.console.views import View, attempts, troubles
from golive.console.vouching import asides
from golive.console.web import client, form_of, means, page, see, visit
from golive.governance.acts import ActRefused
from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject
from golive.playbook.people import Person, Roster
from golive.rehearsal.act import Wish
from golive.rehearsal.asking import after_retry
from golive.rehearsal.board import Board, BoardItem, unvouched
from golive.rehearsal.turns import Turn, turn

router = APIRouter()
FRESH = frozenset({"approve", "refuse"})
"""Acts for which the passphrase is asked for again."""
_ACTIONS = frozenset({"confirm", "approve", "refuse", "retry", "skip"})


@dataclass(frozen=True)
class Again:
    """What it costs that the visitor runs a failed drill again."""

    left: str = ""
    """Who may approve it then; "" where nobody need."""
    why_not: str = ""


@router.get("/runs/{run}/steps/{number}")
def step(request: Request, run: str, number: int) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    person = member(tools, who, day)
    locked = tools.sessions.key(who) is None
    with day.reading() as board:
        # A copy: the page is made when the board may be another already.
        item = replace(item_of(board, number))
        view = View(board, tools.supplies.clock.now(), day.roster, day.playbook)
        row = view.row_of(item.id)
        asked = turn(item, person, day.roster)
        facts = {
            "run": day.name,
            "number": number,
            "last": len(board.items),
            "board_title": board.title,
            "item": item,
            "line": view.line(item),
            "row": view.row(row) if row else None,
            "zone": view.zone,
            "turn": asked,
            "again": _again(asked, person, day.roster),
            "names": {one.id: one.name for one in day.roster.people},
            "attempts": [(at, list(steps)) for at, steps in attempts(item)],
            "troubles": list(troubles(item)),
            "artefacts": list(item.artefacts.values()),
            "before": _before(board, row, item) if asked else [],
            "roster": day.roster,
            "acts": list(item.acts),
            "log": list(item.log),
            "notes": list(item.notes),
            "talk": talk(tools, item, asked, person, day.roster),
            "over": bool(board.verdict),
            "asides": asides(day, number, item, person),
            "unread": [one["sha256"] for one in unvouched(item)],
        }
    more = {
        "locked": locked,
        "fresh": FRESH,
        "kept_key": bool(tools.identity.mark(who.person)),
        "uploads": versions(tools, day, item.id),
        "limit": tools.settings.upload_limit,
    }
    return page(request, "step.html", {**facts, **more})


def _before(board: Board, row: str, item: BoardItem) -> Sequence[JsonObject]:
    """What the steps before `item` in its row have kept: people confirm what they can look at."""
    if not row:
        return []
    earlier = takewhile(lambda name: name != item.id, board.rows[row].items)
    steps = [board.items[name] for name in earlier if name in board.items]
    return [kept for one in steps for kept in one.artefacts.values()]


def _again(asked: Turn | None, person: Person, roster: Roster) -> Again:
    try:
        return Again(after_retry(asked.request, person, roster) if asked else "")
    except ActRefused as refusal:
        return Again(why_not=f"{refusal.what}: {refusal.hint}")


@router.post("/runs/{run}/steps/{number}/act")
async def acting(request: Request, run: str, number: int) -> Response:
    who, form = visit(request), await form_of(request)
    day = means(request).days.get(run)
    location = await run_in_threadpool(_act, request, who, day, number, form)
    return see(location)


def _act(request: Request, who: Visit, day: Day, number: int, form: Form) -> str:
    tools = means(request)
    person = member(tools, who, day)
    action = form.text("action")
    if action not in _ACTIONS:
        raise BadInput("no such act")
    comment = form.text("comment")
    if not comment:
        raise BadInput("a comment is needed", hint="say in your own words what you saw")
    with day.reading() as board:
        item = item_of(board, number)
    wish = Wish(action, item.id, person.id, comment, form.text("digest"), key=form.once)

    def do() -> str:
        key = key_of(tools, who, form, client(request), fresh=action in FRESH)
        perform(tools, who, day, wish, key)
        return f"/runs/{day.name}/steps/{number}"

    return once(tools, form, who, do)
