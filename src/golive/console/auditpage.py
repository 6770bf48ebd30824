"""`/runs/RUN/audit` for those who take part, `/audit/TOKEN` for an auditor with a link: the same
page, read-only."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from golive.console.acting import member, once
from golive.console.auditing import (
    claims,
    deviations,
    sample,
    seed_of,
    unverifiable,
)
from golive.console.auditlinks import MOST_DAYS, AuditLinks
from golive.console.days import Day
from golive.console.evidencepage import bytes_answer, listed, seen
from golive.console.forms import Form
from golive.console.means import Means
from golive.console.refusals import Missing
from golive.console.sealed import Standing, standing_of, step_numbers
from golive.console.sessions import Visit
from golive.console.verdicts import CALLS, verdict_badge
from golive.console.web import form_of, means, page, see, visit
from golive.evidence import verify as evidence
from golive.evidence.keys import PublicKey
from golive.evidence.transport import export_release
from golive.governance.acts import ActRefused
from golive.governance.powers import may_steer, may_waive
from golive.kernel.errors import BadInput
from golive.playbook.people import Person
from golive.rehearsal.wording import zone

router = APIRouter()
_PIECE = 1 << 16


def _links(tools: Means) -> AuditLinks:
    return AuditLinks(tools.store, tools.supplies.clock)


# -- for those who take part -----------------------------------------------------------------


@router.get("/runs/{run}/audit")
def audit(request: Request, run: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    person = member(tools, who, day)
    facts = _facts(tools, day, standing_of(tools, day))
    more = {
        "guest": False,
        "base": f"/runs/{day.name}",
        "download": f"/runs/{day.name}/audit/release.tar",
        "why_no_link": _why_no_link(person),
        "links": _links(tools).of_run(day.name),
        "most_days": MOST_DAYS,
    }
    return page(request, "audit.html", {**facts, **more})


@router.get("/runs/{run}/audit/release.tar")
def download(request: Request, run: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    member(tools, who, day)
    return _tar(tools, day)


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
        token = _links(tools).make(day.name, who.person, label, int(days))
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
        _links(tools).take_back(day.name, form.text("link", 40))
        tools.sessions.tell(who, "done", "The link opens nothing any more.")
        return f"/runs/{day.name}/audit"

    return once(tools, form, who, do)


def _why_no_link(person: Person) -> str:
    return "" if may_steer(person) or may_waive(person) else "programme manager or sponsor may"


# -- for an auditor --------------------------------------------------------------------------


@router.get("/audit/{token}")
def reading(request: Request, token: str) -> Response:
    tools, day = _guest(request, token)
    facts = _facts(tools, day, standing_of(tools, day))
    more = {
        "guest": True,
        "base": f"/audit/{token}",
        "download": f"/audit/{token}/release.tar",
        "links": (),
    }
    return page(request, "audit.html", {**facts, **more})


@router.get("/audit/{token}/release.tar")
def taking_home(request: Request, token: str) -> Response:
    return _tar(*_guest(request, token))


@router.get("/audit/{token}/evidence")
def reading_evidence(request: Request, token: str) -> Response:
    tools, day = _guest(request, token)
    facts = listed(tools, day, standing_of(tools, day))
    return page(request, "evidence.html", {**facts, "base": f"/audit/{token}", "guest": True})


@router.get("/audit/{token}/evidence/{sha256}")
def reading_one(request: Request, token: str, sha256: str) -> Response:
    tools, day = _guest(request, token)
    facts = seen(tools, day, sha256, standing_of(tools, day))
    return page(request, "piece.html", {**facts, "base": f"/audit/{token}", "guest": True})


@router.get("/audit/{token}/evidence/{sha256}/bytes")
def reading_bytes(request: Request, token: str, sha256: str) -> Response:
    tools, day = _guest(request, token)
    return bytes_answer(tools, day, sha256, standing_of(tools, day))


def _guest(request: Request, token: str) -> tuple[Means, Day]:
    """The run that the link opens. Missing where it opens nothing."""
    tools = means(request)
    link = _links(tools).of_token(token)
    if link is None:
        raise Missing("there is no such link")
    return tools, tools.days.get(link.run)


# -- what both see ---------------------------------------------------------------------------


class _Verified:
    """What verifying a vault said, for as long as no file of it has been touched: size, time of
    change and inode of each tell (a file's ctime can't be set back)."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[str, evidence.Verification]] = {}

    def of(self, root: Path, key: PublicKey) -> evidence.Verification:
        state = hashlib.sha256(key.key_id.encode())
        for file in sorted(root.rglob("*")):
            with suppress(FileNotFoundError):  # a lock or a staged file that has just gone
                at = file.lstat()
                facts = (str(file), at.st_size, at.st_ctime_ns, at.st_ino, at.st_mode)
                state.update(repr(facts).encode())
        known = self._known.get(root)
        if known is None or known[0] != state.hexdigest():
            known = (state.hexdigest(), evidence.verify(root, trusted=[key]))
            self._known[root] = known
        return known[1]


_VERIFIED = _Verified()


def _facts(tools: Means, day: Day, found: Standing | None) -> dict[str, object]:
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
    checked = _VERIFIED.of(found.root, tools.supplies.signing_key().public)
    return facts | {
        "verdict_badge": verdict_badge(found.decided.judgement.verdict.value),
        "deviations": deviations(found),
        "claims": claims(found),
        "checked": checked,
        "intact": checked.state is evidence.State.INTACT,
        "unverifiable": unverifiable(found, checked),
        "seed": seed_of(found),
        "sample": sample(found),
        "total": len(found.case.sealed.release.artefacts),
    }


def _tar(tools: Means, day: Day) -> Response:
    found = standing_of(tools, day)
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
