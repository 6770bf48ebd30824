"""`/runs/RUN/verdict`: what it came to, what would change each reason, and how real it was."""

from __future__ import annotations

from collections.abc import Mapping
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
from golive.console.verdicts import CALLS, verdict_badge
from golive.console.views import View, reality
from golive.console.web import client, form_of, means, page, see, visit
from golive.console.wording import long_day
from golive.gates.verdict import Reason
from golive.governance.bench import sponsor
from golive.governance.powers import may_waive
from golive.kernel.errors import BadInput
from golive.kernel.times import parse_rfc3339
from golive.playbook.people import Person, Roster
from golive.rehearsal.sign import Wish

router = APIRouter()


@dataclass(frozen=True)
class ReasonView:
    reason: Reason
    number: int
    """Of its step; 0 where it is about none."""
    names: str
    """Who holds the role that answers for it."""
    waive: str
    """What a waiver of it is called."""
    ran_out: str
    """Whose waiver of it no longer holds, or ""."""


@router.get("/runs/{run}/verdict")
def verdict(request: Request, run: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    person = member(tools, who, day)
    found = tools.standing(day)
    with day.reading() as board:
        view = View(board, tools.supplies.clock.now(), day.roster, day.playbook)
        artefacts = [one for item in board.items.values() for one in item.artefacts.values()]
        facts: dict[str, object] = {
            "run": day.name,
            "board_title": board.title or day.playbook.title,
            "objectives": view.objectives(),
            "state": view.state(alive=day.alive()),
            "fidelity": reality(artefacts),
            "found": found,
            "zone": view.zone,
        }
        numbers = step_numbers(board)
    if found is not None:
        facts |= _sealed(found, day.roster, numbers)
    facts |= {
        "calls": CALLS,
        "why_not_waive": _why_not_waive(found, person),
        "kept_key": bool(tools.identity.mark(who.person)),
        "names": {one.id: one.name for one in day.roster.people},
    }
    return page(request, "verdict.html", facts)


def _sealed(found: Standing, roster: Roster, numbers: Mapping[str, int]) -> dict[str, object]:
    judged = found.decided.judgement
    stand_ins = [one for one in found.papers if one.fidelity == "simulated"]
    return {
        "reasons": [_shown(one, found, roster, numbers) for one in judged.reasons],
        "waived": [_shown(one, found, roster, numbers) for one in judged.waived],
        "stand_ins": sorted({one.producer.partition(":")[0] for one in stand_ins}),
        "stand_in_count": len(stand_ins),
        "numbers": numbers,
        "badge": CALLS[found.decided.call.value],
        "verdict_badge": verdict_badge(judged.verdict.value),
    }


def _shown(
    reason: Reason, found: Standing, roster: Roster, numbers: Mapping[str, int]
) -> ReasonView:
    names = [one.name for one in roster.holders(reason.owner)] if reason.owner else []
    return ReasonView(
        reason=reason,
        number=numbers.get(reason.item, 0),
        names=", ".join(names) if len(names) < 4 else "",
        waive=f"{reason.rule}:{reason.item}" if reason.item else reason.rule,
        ran_out=_ran_out(reason, found, roster),
    )


def _ran_out(reason: Reason, found: Standing, roster: Roster) -> str:
    """`Ruth Fairweather's waiver ran out with 24 November 2026`."""
    at = parse_rfc3339(found.case.at)
    void = {one.seq for one in found.decided.uncounted}
    said = [one.word for one in found.case.docket.words if one.seq not in void]
    told = []
    for word in said:
        over = word.kind == "waiver" and parse_rfc3339(word.until) <= at
        if over and reason.named_by(word.about):
            person = roster.person(word.person)
            name = person.name if person else word.person
            told.append(f"{name}’s waiver ran out with {long_day(word.until)}")
    return "; ".join(told)


def _why_not_waive(found: Standing | None, person: Person) -> str:
    """Why this person can't waive, or "" where they can."""
    if found is None:
        return "the run is not sealed yet"
    chief = sponsor(found.case.docket.seats)
    if chief is None:
        return "the playbook's sign-off list names no sponsor"
    if not may_waive(person):
        return f"only the {chief.role} may waive"
    if not person.key:
        return "the roster has no key for you"
    return ""


@router.post("/runs/{run}/verdict/waive")
async def waiving(request: Request, run: str) -> Response:
    who, form = visit(request), await form_of(request)
    day = means(request).days.get(run)
    return see(await run_in_threadpool(_waive, request, who, day, form))


def _waive(request: Request, who: Visit, day: Day, form: Form) -> str:
    tools = means(request)
    person = member(tools, who, day)
    reason, what = form.text("comment"), form.text("what", 400)
    if not reason:
        raise BadInput("a waiver has a reason", hint="say in your own words why it is borne")
    wish = Wish(
        person.id, reason, waive=what, until=day_until(form.text("until")),
        custody=CUSTODY, session=who.session.way,
    )  # fmt: skip

    def do() -> str:
        key = key_of(tools, who, form, client(request), fresh=True)
        say(tools, who, day, wish, key)
        return f"/runs/{day.name}/verdict"

    return once(tools, form, who, do)
