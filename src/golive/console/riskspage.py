"""`/runs/RUN/risks`: the register, what is left of each risk, and who bears it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from golive.console.acting import CUSTODY, key_of, member, once
from golive.console.days import Day
from golive.console.forms import Form
from golive.console.sealed import Standing, step_numbers
from golive.console.sessions import Visit
from golive.console.signing import day_until, say
from golive.console.views import Badge
from golive.console.web import client, form_of, means, page, see, visit
from golive.governance.risks import RULE
from golive.kernel.errors import BadInput
from golive.playbook.model import Playbook
from golive.playbook.people import Person
from golive.rehearsal.sign import Wish
from golive.rehearsal.wording import zone

router = APIRouter()
STATES: Mapping[str, Badge] = {
    "exercised": Badge("✔", "exercised", "good"),
    "mitigation failed": Badge("✘", "mitigation failed", "bad"),
    "partly exercised": Badge("◇", "partly exercised", "turn"),
    "not exercised": Badge("◇", "not exercised", "turn"),
    "": Badge("○", "not judged yet", "quiet"),
}


@dataclass(frozen=True)
class RiskView:
    id: str
    risk: str
    likelihood: str
    impact: str
    mitigation: str
    line: int
    badge: Badge
    residual: str
    steps: Sequence[tuple[int, str]]
    """Number and id of what tries the mitigation."""
    accepted: str
    """Who bears what is left, until when and why; or ""."""
    bearers: Sequence[str]
    """The roles that may bear it."""
    roles: Sequence[str]
    """Those of them in which the visitor may."""
    why_not: str
    """Why the visitor may not; or ""."""


@router.get("/runs/{run}/risks")
def register(request: Request, run: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    person = member(tools, who, day)
    found = tools.standing(day)
    with day.reading() as board:
        numbers = step_numbers(board)
        facts: dict[str, object] = {
            "run": day.name,
            "board_title": board.title or day.playbook.title,
            "zone": zone(board),
        }
    names = {one.id: one.name for one in day.roster.people}
    facts |= {
        "risks": risks(day.playbook, found, numbers, names, person),
        "rule": RULE,
        "sealed": found is not None,
        "kept_key": bool(tools.identity.mark(who.person)),
    }
    return page(request, "risks.html", facts)


def risks(
    playbook: Playbook,
    found: Standing | None,
    numbers: Mapping[str, int],
    names: Mapping[str, str],
    person: Person,
) -> Sequence[RiskView]:
    """The playbook's risks, judged where the run is sealed."""
    sealed = {one.id: one for one in found.case.sealed.facts.risks} if found else {}
    borne = {one.word.about: one.word for one in found.decided.acceptances} if found else {}
    views = []
    for one in playbook.risks:
        judged, word = sealed.get(one.id), borne.get(one.id)
        behind = [item.id for item in playbook.behind(one.mitigation.links)]
        bearers = found.case.docket.bench.bearers(one.id) if found else []
        mine = found.case.docket.bench.bears(person.id, one.id) if found else []
        who = f"{names.get(word.person, word.person)} as {word.role}" if word else ""
        views.append(
            RiskView(
                id=one.id,
                risk=one.risk,
                likelihood=one.likelihood,
                impact=one.impact,
                mitigation=one.mitigation.text,
                line=one.place.line,
                badge=STATES.get(judged.state if judged else "", STATES[""]),
                residual=judged.residual if judged else "as stated",
                steps=[(numbers[name], name) for name in behind if name in numbers],
                accepted=f"{who}, until {word.until[:10]}: “{word.comment}”" if word else "",
                bearers=bearers,
                roles=mine,
                why_not=_why_not(bearers, mine, person),
            )
        )
    return views


def _why_not(bearers: Sequence[str], mine: Sequence[str], person: Person) -> str:
    """Why this person can't accept what is left of a risk, or ""."""
    if not mine:
        return f"it is borne by {' or '.join(bearers)}; you are {', '.join(person.roles)}"
    return "" if person.key else "the roster has no key for you"


@router.post("/runs/{run}/risks/accept")
async def accepting(request: Request, run: str) -> Response:
    who, form = visit(request), await form_of(request)
    day = means(request).days.get(run)
    return see(await run_in_threadpool(_accept, request, who, day, form))


def _accept(request: Request, who: Visit, day: Day, form: Form) -> str:
    tools = means(request)
    person = member(tools, who, day)
    reason = form.text("comment")
    if not reason:
        raise BadInput("a reason is needed", hint="say in your own words why it can be borne")
    wish = Wish(
        person.id, reason, role=form.text("role"), accept_risk=form.text("risk", 40),
        until=day_until(form.text("until")), custody=CUSTODY, session=who.session.way,
    )  # fmt: skip

    def do() -> str:
        key = key_of(tools, who, form, client(request), fresh=True)
        say(tools, who, day, wish, key)
        return f"/runs/{day.name}/risks"

    return once(tools, form, who, do)
