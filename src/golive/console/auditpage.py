"""`/runs/RUN/audit`: what an auditor is shown, for those who take part; and who may make a link."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from golive.console.acting import member, once
from golive.console.auditing import claims, deviations, seed_of, unverifiable
from golive.console.auditlinks import MOST_DAYS, AuditLinks
from golive.console.days import Day
from golive.console.forms import Form
from golive.console.means import Means
from golive.console.sealed import Standing, step_numbers, vault_of
from golive.console.sessions import Visit
from golive.console.stream import event
from golive.console.verdicts import CALLS, verdict_badge
from golive.console.web import form_of, means, page, see, visit
from golive.evidence.transport import export_release
from golive.governance.acts import ActRefused
from golive.governance.powers import may_steer, may_waive
from golive.kernel.errors import BadInput
from golive.playbook.people import Person
from golive.rehearsal.wording import zone

router = APIRouter()
_PIECE = 1 << 16
_PATIENCE, _TICK = 30.0, 0.1
"""Seconds that a stream waits for the check, and between two looks. A page asks again."""


def links_of(tools: Means) -> AuditLinks:
    return AuditLinks(tools.store, tools.supplies.clock)


# -- for those who take part -----------------------------------------------------------------


@router.get("/runs/{run}/audit")
def audit(request: Request, run: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    person = member(tools, who, day)
    facts = facts_of(tools, day)
    more = {
        "guest": False,
        "base": f"/runs/{day.name}",
        "download": f"/runs/{day.name}/audit/release.tar",
        "why_no_link": _why_no_link(person),
        "links": links_of(tools).of_run(day.name),
        "most_days": MOST_DAYS,
    }
    return page(request, "audit.html", {**facts, **more})


@router.get("/runs/{run}/audit/release.tar")
def download(request: Request, run: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    member(tools, who, day)
    return release_of(tools, day)


@router.get("/runs/{run}/audit/checking")
def checking(request: Request, run: str) -> Response:
    """Tells the page, once, what became of checking the vault."""
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    member(tools, who, day)
    return announcement(tools, day, f"/runs/{day.name}/audit", f"/runs/{day.name}")


@router.post("/runs/{run}/audit/links")
async def linking(request: Request, run: str) -> Response:
    who, form = visit(request), await form_of(request)
    day = means(request).days.get(run)
    return see(await run_in_threadpool(_link, request, who, day, form))


def _link(request: Request, who: Visit, day: Day, form: Form) -> str:
    tools = means(request)
    why = _why_no_link(member(tools, who, day))
    if why:
        raise ActRefused(f"you may not make a link: {why}")
    days, label = form.text("days", 4), form.text("label", 80)
    if not days.isdigit() or not label:
        raise BadInput("a link is for somebody, and for some days", hint="say for whom, how long")

    def do() -> str:
        token = links_of(tools).make(day.name, who.person, label, int(days))
        link = f"{tools.settings.origin}/audit/{token}"
        tools.sessions.tell(who, "done", f"For {label}, shown this once: {link}")
        return f"/runs/{day.name}/audit"

    return once(tools, form, who, do)


@router.post("/runs/{run}/audit/take-back")
async def taking_back(request: Request, run: str) -> Response:
    who, form = visit(request), await form_of(request)
    day = means(request).days.get(run)
    return see(await run_in_threadpool(_take_back, request, who, day, form))


def _take_back(request: Request, who: Visit, day: Day, form: Form) -> str:
    tools = means(request)
    why = _why_no_link(member(tools, who, day))
    if why:
        raise ActRefused(f"you may not take it back: {why}")

    def do() -> str:
        links_of(tools).take_back(day.name, form.text("link", 40))
        tools.sessions.tell(who, "done", "The link opens nothing any more.")
        return f"/runs/{day.name}/audit"

    return once(tools, form, who, do)


def _why_no_link(person: Person) -> str:
    return "" if may_steer(person) or may_waive(person) else "programme manager or sponsor may"


# -- what both see ---------------------------------------------------------------------------


def facts_of(tools: Means, day: Day) -> dict[str, object]:
    """Everything but whether the vault is what was sealed is there at once; that is too where it
    is known already (`checked`)."""
    found = tools.standing(day)
    with day.reading() as board:
        facts: dict[str, object] = {
            "run": day.name,
            "board_title": board.title or day.playbook.title,
            "numbers": step_numbers(board),
            "zone": zone(board),
            "found": found,
            "calls": CALLS,
        }
    facts["names"] = {one.id: one.name for one in day.roster.people}
    if found is None:
        return facts
    return facts | {
        "verdict_badge": verdict_badge(found.decided.judgement.verdict.value),
        "deviations": deviations(found),
        "claims": claims(found),
        "seed": seed_of(found),
        **_checked(tools, found),
    }


def _checked(tools: Means, found: Standing) -> dict[str, object]:
    checked = tools.verifier.look(found, tools.supplies.signing_key().public)
    return {
        "checked": checked,
        "unverifiable": unverifiable(found, checked.verification) if checked else (),
        "total": len(found.case.sealed.release.artefacts),
    }


def announcement(tools: Means, day: Day, own: str, base: str) -> Response:
    """A stream of one event: the two parts of the page `own` that wait for the check. `base` is
    where it finds the evidence."""

    def parts() -> bytes | None:
        root = vault_of(day)
        found = None if root is None or tools.verifier.busy(root) else tools.standing(day)
        facts = _checked(tools, found) if found else {}
        if found is None or facts["checked"] is None:
            return None
        with day.reading() as board:
            where = zone(board)
        macros = tools.templates.get_template("checked.html").module
        checked, total = facts["checked"], facts["total"]
        told = {
            "checking": macros.banner(checked, total, own, where),  # type: ignore[attr-defined]
            "checked": macros.details(  # type: ignore[attr-defined]
                checked, total, base, seed_of(found), facts["unverifiable"]
            ),
        }
        return event("checked", {"patch": {name: str(one).strip() for name, one in told.items()}})

    async def stream() -> AsyncIterator[bytes]:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and not tools.verifier.ended:
            told = await run_in_threadpool(parts)
            if told is not None:
                yield told
                return
            await asyncio.sleep(_TICK)

    return StreamingResponse(stream(), media_type="text/event-stream")


def release_of(tools: Means, day: Day) -> Response:
    found = tools.standing(day)
    if found is None:
        raise BadInput("the run is not sealed yet", hint="there is nothing to hand over so far")
    seal = found.case.sealed.release.seal
    return StreamingResponse(
        _pieces(found.release),
        media_type="application/x-tar",
        headers={
            "content-disposition": f'attachment; filename="{seal.rehearsal}-{seal.number}.tar"',
        },
    )


def _pieces(release: Path) -> Iterator[bytes]:
    """The exported release, made whole before its first byte is handed out."""
    with tempfile.TemporaryFile() as file:
        export_release(release, file)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
