"""What people say about a step without answering it: a comment, handing it to a named deputy, a
nudge to whoever it waits for.

All of it is signed, and in the journal by the rehearsing process: an auditor reads who was asked,
and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from golive.console.acting import CUSTODY, item_of, key_of, member, once, settled
from golive.console.days import Day
from golive.console.forms import Form
from golive.console.means import Means
from golive.console.sessions import Visit
from golive.console.web import client, form_of, means, see, visit
from golive.governance.acts import ActRefused
from golive.governance.powers import may_steer
from golive.kernel.errors import BadInput
from golive.kernel.times import parse_rfc3339
from golive.playbook.people import Person, Roster
from golive.rehearsal.act import Wish, note
from golive.rehearsal.board import BoardItem, nudges_of
from golive.rehearsal.turns import Turn, turn

router = APIRouter()
_APART = 300.0
"""Seconds between two nudges about the same thing."""


@dataclass(frozen=True)
class Talk:
    """What the visitor can say about a step, and why not."""

    deputies: Sequence[Person]
    no_delegate: str
    no_nudge: str
    nudged: float
    """When somebody was last nudged about it, in seconds since the epoch; 0 where nobody was."""


def talk(tools: Means, item: BoardItem, asked: Turn | None, person: Person, roster: Roster) -> Talk:
    roles = asked.request.roles if asked else ()
    deputies = [one for role in roles for one in roster.deputies(role)]
    nudged = last_nudge(item)
    return Talk(
        deputies=list({one.id: one for one in deputies}.values()),
        no_delegate=_no_delegate(asked, person, roster, deputies),
        no_nudge=_no_nudge(tools, asked, person, nudged),
        nudged=nudged,
    )


def _no_delegate(
    asked: Turn | None, person: Person, roster: Roster, deputies: Sequence[Person]
) -> str:
    if asked is None:
        return "it waits for nobody now"
    holds = any(person in roster.holders(role) for role in asked.request.roles)
    if not holds and not may_steer(person):
        return "who holds the role may, and the programme manager"
    if not person.key:
        return "the roster has no key for you"
    return "" if deputies else "the roster names no deputy for this role"


def _no_nudge(tools: Means, asked: Turn | None, person: Person, nudged: float) -> str:
    if asked is None:
        return "it waits for nobody now"
    if not may_steer(person):
        return "the programme manager may"
    if not person.key:
        return "the roster has no key for you"
    if not asked.may:
        return "nobody who may answer is on the roster"
    if nudged + _APART > tools.supplies.clock.now().timestamp():
        return "they were nudged less than five minutes ago"
    return ""


def last_nudge(item: BoardItem) -> float:
    return max((parse_rfc3339(str(one["at"])).timestamp() for one in nudges_of(item)), default=0.0)


@router.post("/runs/{run}/steps/{number}/say")
async def saying(request: Request, run: str, number: int) -> Response:
    who, form = visit(request), await form_of(request)
    day = means(request).days.get(run)
    return see(await run_in_threadpool(_say, request, who, day, number, form))


def _say(request: Request, who: Visit, day: Day, number: int, form: Form) -> str:
    tools = means(request)
    person = member(tools, who, day)
    action, comment, to = form.text("action"), form.text("comment"), form.text("to", 40)
    if action not in ("comment", "delegate"):
        raise BadInput("no such act")
    if not comment:
        raise BadInput("some words are needed")
    with day.reading() as board:
        item = item_of(board, number)
        over = bool(board.verdict)
    if over:
        raise BadInput("the run is sealed", hint="`golive supplement` adds evidence with words")
    wish = Wish(
        action, item.id, person.id, comment, custody=CUSTODY, session=who.session.way,
        key=form.once,
    )  # fmt: skip

    def do() -> str:
        key = key_of(tools, who, form, client(request))
        said = note(day.folder, wish, to, day.roster, key, tools.supplies.clock)
        handed = f"It is handed to {_name(day, to)}."
        settled(tools, who, day, said, handed if action == "delegate" else "Your comment is kept.")
        return f"/runs/{day.name}/steps/{number}"

    return once(tools, form, who, do)


def _name(day: Day, ident: str) -> str:
    found = day.roster.person(ident)
    return found.name if found else ident


@router.post("/runs/{run}/steps/{number}/nudge")
async def nudging(request: Request, run: str, number: int) -> Response:
    who, form = visit(request), await form_of(request)
    day = means(request).days.get(run)
    return see(await run_in_threadpool(_nudge, request, who, day, number, form))


def _nudge(request: Request, who: Visit, day: Day, number: int, form: Form) -> str:
    tools = means(request)
    person = member(tools, who, day)
    with day.reading() as board:
        item = item_of(board, number)
        asked = turn(item, person, day.roster)
        why = _no_nudge(tools, asked, person, last_nudge(item))
    if why:
        raise ActRefused(f"you can't nudge: {why}")
    assert asked is not None
    names = ", ".join(one.name for one in asked.may)

    wish = Wish(
        "nudge", item.id, person.id, f"to {names}", custody=CUSTODY, session=who.session.way,
        key=form.once,
    )  # fmt: skip

    def do() -> str:
        key = key_of(tools, who, form, client(request))
        said = note(day.folder, wish, "", day.roster, key, tools.supplies.clock)
        settled(tools, who, day, said, f"Nudged: {names}.")
        return f"/runs/{day.name}/steps/{number}"

    return once(tools, form, who, do)
