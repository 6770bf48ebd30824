"""`/me`: what waits for me. The page that people land on."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from golive.console.days import Day
from golive.console.uploads import to_vouch_for
from golive.console.views import WANTS
from golive.console.vouching import to_look_at
from golive.console.web import means, page, visit
from golive.kernel.json import JsonObject
from golive.playbook.people import Person
from golive.rehearsal.board import handed_to, nudges_of
from golive.rehearsal.turns import turns
from golive.rehearsal.wording import clock_time, zone

router = APIRouter()


@dataclass(frozen=True)
class Waiting:
    run: str
    title: str
    number: int
    text: str
    want: str
    until: str
    has: int
    persons: int
    nudged: bool
    """Whether the programme manager has asked for it since it began to wait."""
    handed_by: str
    """Who handed it to them as a deputy; "" where nobody did."""
    handed_why: str


@dataclass(frozen=True)
class Running:
    name: str
    title: str


@dataclass(frozen=True)
class Picture:
    """What somebody else brought, and only eyes can judge."""

    title: str
    name: str
    address: str


@router.get("/me")
def mine(request: Request) -> Response:
    who, tools = visit(request), means(request)
    waits: list[Waiting] = []
    running: list[Running] = []
    pictures: list[Picture] = []
    for day in tools.days.all():
        person = tools.person(who, day)
        if person is None:
            continue
        found, title, over = _waiting(day, person)
        waits += found
        if not over:
            pictures += [Picture(title, one.name, one.address) for one in to_look_at(day, person)]
        if not over and day.alive():
            running.append(Running(day.name, title))
            staged = to_vouch_for(tools, day, person)
            pictures += [Picture(title, one.name, one.address) for one in staged]
    return page(request, "me.html", {"waits": waits, "running": running, "pictures": pictures})


def _waiting(day: Day, person: Person) -> tuple[list[Waiting], str, bool]:
    with day.reading() as board:
        numbers = {name: number for number, name in enumerate(board.items, 1)}
        where = zone(board)
        found = [
            Waiting(
                run=day.name,
                title=board.title,
                number=numbers[item.id],
                text=item.title if one.request.want != "approve" else f"Approve {item.title}",
                want=WANTS[one.request.want],
                until=clock_time(str(item.waiting.get("until") or ""), where),
                has=len(one.has),
                persons=one.request.persons,
                nudged=bool(nudges_of(item)),
                handed_by=_name(handed, day) if handed else "",
                handed_why=str(handed["comment"]) if handed else "",
            )
            for item, one in turns(board, person, day.roster)
            for handed in (handed_to(item, person.id),)
        ]
        return ([] if board.verdict else found), board.title, bool(board.verdict)


def _name(said: JsonObject, day: Day) -> str:
    found = day.roster.person(str(said["person"]))
    return found.name if found else str(said["person"])
