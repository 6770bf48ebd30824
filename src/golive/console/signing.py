"""`/runs/RUN/sign`: one page to decide by, and the decision itself.

Whoever signs proves themselves again by passphrase, whatever their session. What is said is in the
ledger before it is acknowledged; `golive.rehearsal.sign` alone decides whether it may be said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from golive import bootstrap
from golive.console.acting import CUSTODY, key_of, member, once
from golive.console.days import Day
from golive.console.forms import Form
from golive.console.means import Means
from golive.console.sealed import Standing, step_numbers, vault_of
from golive.console.sessions import Visit
from golive.console.verdicts import CALLS, verdict_badge
from golive.console.web import client, form_of, means, page, see, visit
from golive.evidence.keys import SigningKey
from golive.evidence.vault import Vault
from golive.governance.decision import SeatStanding
from golive.kernel.errors import BadInput
from golive.playbook.people import Person
from golive.rehearsal.copying import NotCopied, copied_after
from golive.rehearsal.sign import Wish, sign
from golive.rehearsal.wording import zone

router = APIRouter()


@dataclass(frozen=True)
class Seats:
    """Where the visitor may sign."""

    mine: Sequence[SeatStanding]
    why_not: str
    signed: str
    """What they have said and still stands, or ""."""


def say(tools: Means, who: Visit, day: Day, wish: Wish, key: SigningKey) -> None:
    """Say `wish` over the newest seal of the run, whatever else its vault holds, bring the vault's
    copy up to date, and tell the visitor what became of it. SignRefused says why not; nothing was
    written then."""
    root = vault_of(day)
    if root is None:
        raise BadInput("the run is not sealed yet", hint="there is nothing to decide on so far")
    address, uncopied = day.settings.vault_copy, ""
    try:
        with copied_after(Vault(root), address, tools.supplies.copies, "said", urgent=True):
            done = sign(
                root,
                replace(wish, rehearsal=day.settings.rehearsal),
                None,
                key,
                tools.supplies.clock,
                log_key=tools.supplies.signing_key(),
                paper=bootstrap.approval_paper(),
            )
    except NotCopied as error:
        uncopied = f"It is {error.what}; the copy follows with the next word, or: {error.hint}."
    sheet = f"; the approval is {done.paper}" if done.paper else ""
    said = done.word.say.replace("-with-", " with ") or f"{done.word.kind} of {done.word.about}"
    text = f"Signed: {said}. It is entry {done.seq} of the ledger{sheet}."
    tools.sessions.tell(who, "done", text)
    if uncopied:
        tools.sessions.tell(who, "refused", uncopied)
    if done.paper_problem:
        problem = f"The approval sheet was not signed: {done.paper_problem}."
        tools.sessions.tell(who, "refused", problem)


def day_until(text: str) -> str:
    """A day of a form, to its end in UTC. BadInput where it is none."""
    try:
        return f"{date.fromisoformat(text).isoformat()}T23:59:59Z"
    except ValueError:
        hint = "choose the last day on which it holds"
        raise BadInput(f"{text!r} is no day", hint=hint) from None


@router.get("/runs/{run}/sign")
def deciding(request: Request, run: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    person = member(tools, who, day)
    found = tools.standing(day)
    with day.reading() as board:
        facts: dict[str, object] = {
            "run": day.name,
            "board_title": board.title or day.playbook.title,
            "numbers": step_numbers(board),
            "zone": zone(board),
        }
    facts |= {
        "found": found,
        "seats": seats(found, person) if found else None,
        "calls": CALLS,
        "verdict_badge": verdict_badge(found.decided.judgement.verdict.value) if found else None,
        "kept_key": bool(tools.identity.mark(who.person)),
        "names": {one.id: one.name for one in day.roster.people},
    }
    return page(request, "sign.html", facts)


def seats(found: Standing, person: Person) -> Seats:
    """The seats that `person` may fill, or why there are none."""
    mine = [one for one in found.decided.seats if person.id in one.may_sign]
    taken = [
        (seat, said)
        for seat in found.decided.seats
        for said in seat.signatures
        if said.person == person.id
    ]
    if taken:
        mine = [seat for seat, _ in taken]
    fresh = [f"{said.say} as {seat.seat.role}" for seat, said in taken if not said.stale]
    roles = ", ".join(one.seat.role for one in found.decided.seats)
    why = ""
    if not mine:
        why = f"the sign-off list asks for {roles or 'nobody'}; you are {', '.join(person.roles)}"
    elif not person.key:
        why = "the roster has no key for you"
    return Seats(mine, why, "; ".join(fresh))


@router.post("/runs/{run}/sign/say")
async def saying(request: Request, run: str) -> Response:
    who, form = visit(request), await form_of(request)
    day = means(request).days.get(run)
    return see(await run_in_threadpool(_say, request, who, day, form))


def _say(request: Request, who: Visit, day: Day, form: Form) -> str:
    tools = means(request)
    person = member(tools, who, day)
    decision = form.text("decision")
    conditions = [one.strip() for one in form.text("conditions").splitlines() if one.strip()]
    seal = form.text("seal")
    found = tools.standing(day)
    if found is None or found.decided.digest != seal:
        raise BadInput("there is another seal by now", hint="look at the page again, then sign")
    wish = Wish(
        person.id, form.text("comment"), decision, conditions, form.text("role"), seal=seal,
        custody=CUSTODY, session=who.session.way,
    )  # fmt: skip

    def do() -> str:
        key = key_of(tools, who, form, client(request), fresh=True)
        say(tools, who, day, wish, key)
        return f"/runs/{day.name}/sign"

    return once(tools, form, who, do)
