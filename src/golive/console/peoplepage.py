"""`/people`: who takes part, by which key they are known, and where they are signed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from golive.console.forms import Form
from golive.console.means import Means
from golive.console.sessions import Session, Visit
from golive.console.views import Badge
from golive.console.web import form_of, means, page, see, visit
from golive.governance.acts import ActRefused
from golive.governance.powers import may_steer
from golive.playbook.people import Person
from golive.rehearsal.outbox import Letter, letters_in

router = APIRouter()
_LETTERS = 30
STATES: Mapping[str, Badge] = {
    "waiting": Badge("○", "on its way", "quiet"),
    "sending": Badge("▶", "being handed over", "live"),
    "sent": Badge("✔", "taken", "good"),
    "unsure": Badge("?", "unsure", "turn"),
    "given up": Badge("✘", "given up", "bad"),
}


@dataclass(frozen=True)
class Known:
    """One person of the rosters that the visitor is on."""

    person: Person
    runs: Sequence[str]
    custody: str
    sessions: Sequence[Session]
    why_not: str
    """Why the visitor can't end their sessions, or ""."""


@router.get("/people")
def people(request: Request) -> Response:
    who, tools = visit(request), means(request)
    facts = {
        "people": known(tools, who),
        "mine": who.session.id,
        "zone": tools.zone(who),
        "letters": letters(tools, who),
        "states": STATES,
    }
    return page(request, "people.html", facts)


def letters(tools: Means, who: Visit) -> Sequence[Letter]:
    """The last messages of the runs that the visitor steers, newest first."""
    steered = set()
    for day in tools.days.all():
        visitor = tools.person(who, day)
        if visitor is not None and may_steer(visitor):
            steered.add(day.name)
    found = letters_in(tools.settings.folder) if steered else ()
    return [one for one in found if one.run in steered][:_LETTERS]


def known(tools: Means, who: Visit) -> Sequence[Known]:
    """Everybody on a roster of a run that the visitor takes part in, the newest roster's word on
    each."""
    found: dict[str, Person] = {}
    runs: dict[str, list[str]] = {}
    steers: set[str] = set()
    for day in tools.days.all():
        visitor = tools.person(who, day)
        if visitor is None:
            continue
        for one in day.roster.people:
            found.setdefault(one.id, one)
            runs.setdefault(one.id, []).append(day.name)
            if may_steer(visitor):
                steers.add(one.id)
    return [_known(tools, who, one, runs[name], steers) for name, one in found.items()]


def _known(
    tools: Means, who: Visit, person: Person, runs: Sequence[str], steers: set[str]
) -> Known:
    may = person.id == who.person or person.id in steers
    return Known(
        person=person,
        runs=runs,
        custody=_custody(person, tools.identity.mark(person.id)),
        sessions=tools.sessions.of(person.id) if may else (),
        why_not="" if may else "their own, and the programme manager's business",
    )


def _custody(person: Person, mark: str) -> str:
    if person.revoked:
        return f"revoked on {person.revoked[:10]}"
    if not person.key:
        return "no key: not invited yet"
    if mark and mark == person.key:
        return "kept by the server"
    return "on their own machine"


@router.post("/people/revoke")
async def revoking(request: Request) -> Response:
    who, form = visit(request), await form_of(request)
    return see(await run_in_threadpool(_revoke, request, who, form))


def _revoke(request: Request, who: Visit, form: Form) -> str:
    tools = means(request)
    person, session = form.text("person", 40), form.text("session", 40)
    one = next((one for one in known(tools, who) if one.person.id == person), None)
    if one is None or one.why_not:
        raise ActRefused("you may not end that session")

    def do() -> str:
        tools.sessions.revoke(person, session)
        tools.sessions.tell(who, "done", "The session is ended.")
        return "/people"

    return tools.once.do(form, who.person, do)
