"""`/audit/TOKEN`: what an auditor reads by a link. No session, no form, this one run."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from golive.console.auditpage import announcement, facts_of, links_of, release_of
from golive.console.days import Day
from golive.console.evidencepage import bytes_answer, listed, seen
from golive.console.means import Means
from golive.console.refusals import Missing
from golive.console.web import means, page

router = APIRouter()


@router.get("/audit/{token}")
def reading(request: Request, token: str) -> Response:
    tools, day = _guest(request, token)
    facts = facts_of(tools, day)
    more = {
        "guest": True,
        "base": f"/audit/{token}",
        "download": f"/audit/{token}/release.tar",
        "links": (),
    }
    return page(request, "audit.html", {**facts, **more})


@router.get("/audit/{token}/release.tar")
def taking_home(request: Request, token: str) -> Response:
    return release_of(*_guest(request, token))


@router.get("/audit/{token}/checking")
def checking(request: Request, token: str) -> Response:
    """Tells the page, once, what became of checking the vault."""
    return announcement(*_guest(request, token), f"/audit/{token}", f"/audit/{token}")


@router.get("/audit/{token}/evidence")
def reading_evidence(request: Request, token: str) -> Response:
    tools, day = _guest(request, token)
    facts = listed(tools, day, tools.standing(day))
    return page(request, "evidence.html", {**facts, "base": f"/audit/{token}", "guest": True})


@router.get("/audit/{token}/evidence/{sha256}")
def reading_one(request: Request, token: str, sha256: str) -> Response:
    tools, day = _guest(request, token)
    facts = seen(tools, day, sha256, tools.standing(day))
    return page(request, "piece.html", {**facts, "base": f"/audit/{token}", "guest": True})


@router.get("/audit/{token}/evidence/{sha256}/bytes")
def reading_bytes(request: Request, token: str, sha256: str) -> Response:
    tools, day = _guest(request, token)
    return bytes_answer(tools, day, sha256, tools.standing(day))


def _guest(request: Request, token: str) -> tuple[Means, Day]:
    """The run that the link opens. Missing where it opens nothing."""
    tools = means(request)
    link = links_of(tools).of_token(token)
    if link is None:
        raise Missing("there is no such link")
    return tools, tools.days.get(link.run)
