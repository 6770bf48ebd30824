"""The front door: invitations, signing in and out, the list of one's sessions."""

from __future__ import annotations

import secrets

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from golive.console.drafts import MOST, Draft, unpacked
from golive.console.forms import Form
from golive.console.identity import NotKnown, Proof, TooMany
from golive.console.sessions import Visit
from golive.console.web import (
    client,
    cookie,
    form_of,
    means,
    own_path,
    page,
    see,
    set_cookie,
    visit,
)
from golive.governance.passphrases import MINIMUM_PASSPHRASE
from golive.kernel.errors import BadInput
from golive.playbook.people import Person

router = APIRouter()


@router.get("/")
def root() -> Response:
    return see("/me")


@router.get("/enter")
def enter(request: Request, to: str = "/me") -> Response:
    return door(request, own_path(to) or "/me")


@router.post("/enter")
async def entering(request: Request) -> Response:
    form = await form_of(request)
    return await run_in_threadpool(_enter, request, form)


def _enter(request: Request, form: Form) -> Response:
    person, to = form.text("person").lower()[:40], own_path(form.text("to")) or "/me"
    try:
        proof = means(request).identity.enter(person, form.secret("passphrase"), client(request))
    except NotKnown as error:
        return door(request, to, person, error.what, 403, form.text("draft", MOST))
    except TooMany as error:
        answer = door(request, to, person, error.what, 429, form.text("draft", MOST))
        answer.headers["retry-after"] = str(error.seconds)
        return answer
    return _admit(request, proof, to, draft=form.text("draft", MOST))


def door(
    request: Request,
    to: str,
    person: str = "",
    problem: str = "",
    status: int = 200,
    draft: str = "",
) -> Response:
    """The sign-in page. A visitor without a cookie gets one, which proves the form to be theirs.
    `draft` comes back with it: what they had written when their session ended."""
    token = cookie(request) or secrets.token_urlsafe(32)
    passkeys = means(request).passkeys
    asked = passkeys.request(token) if passkeys.possible else ""
    facts = {"to": to, "person": person, "problem": problem, "passkey": asked}
    facts["draft"] = draft
    answer = page(request, "enter.html", facts, status, token)
    if not cookie(request):
        set_cookie(request, answer, token)
    return answer


@router.post("/enter/passkey")
async def entering_by_passkey(request: Request) -> Response:
    form = await form_of(request)
    return await run_in_threadpool(_enter_by_passkey, request, form)


def _enter_by_passkey(request: Request, form: Form) -> Response:
    to = own_path(form.text("to")) or "/me"
    try:
        person = means(request).passkeys.enter(cookie(request), form.text("credential", 20_000))
    except NotKnown as error:
        return door(request, to, "", error.what, 403, form.text("draft", MOST))
    return _admit(request, Proof(person, None), to, "passkey", form.text("draft", MOST))


def _admit(
    request: Request, proof: Proof, to: str, way: str = "passphrase", draft: str = ""
) -> Response:
    agent = request.headers.get("user-agent", "unknown")
    token = means(request).sessions.open(
        proof, way, f"{client(request)} ({_browser(agent)})", cookie(request)
    )
    kept = unpacked(draft, cookie(request)) if draft else None
    answer: HTMLResponse | RedirectResponse = see(to)
    if kept is not None and kept.person == proof.person:
        answer = _given_back(request, kept, token, to, locked=proof.key is None)
    set_cookie(request, answer, token)
    return answer


def _given_back(
    request: Request, kept: Draft, token: str, back: str, *, locked: bool
) -> HTMLResponse:
    """What somebody had written when their session ended: sent by their own hand, or not at all."""
    facts = {
        "title": "You are signed in again",
        "what": "Your session had ended, so what you wrote was not sent.",
        "hint": "",
        "back": back,
        "again": {**kept.fields, "passphrase": ""} if locked else kept.fields,
        "path": kept.path,
    }
    return page(request, "refused.html", facts, 200, token)


def _browser(agent: str) -> str:
    """A word or two for the list of sessions."""
    names = ("Firefox", "Edg", "Chrome", "Safari", "curl")
    name = next((one for one in names if one in agent), "another program")
    return f"{name}, phone" if "Mobile" in agent else name


# -- invitations -----------------------------------------------------------------------------


@router.get("/invited/{token}")
def invited(request: Request, token: str) -> Response:
    return _welcome(request, token)


@router.post("/invited/{token}")
async def accepting(request: Request, token: str) -> Response:
    form = await form_of(request)
    return await run_in_threadpool(_accept, request, token, form)


def _accept(request: Request, token: str, form: Form) -> Response:
    passphrase = form.secret("passphrase")
    if passphrase != form.secret("again"):
        return _welcome(request, token, "The two passphrases differ.")
    try:
        proof = means(request).identity.accept(token, passphrase, _name(request, token))
    except BadInput as error:
        return _welcome(request, token, f"{error.what}.")
    return _admit(request, proof, "/me")


def _person(request: Request, ident: str) -> Person | None:
    """As the newest roster has them."""
    known = [day.roster.person(ident) for day in means(request).days.all()]
    return next((one for one in known if one is not None), None)


def _name(request: Request, token: str) -> str:
    found = means(request).identity.invitation(token)
    person = _person(request, found.person) if found else None
    return person.name if person else ""


def _welcome(request: Request, token: str, problem: str = "") -> Response:
    found = means(request).identity.invitation(token)
    if found is None:
        return _over(request)
    person = _person(request, found.person)
    own = cookie(request) or secrets.token_urlsafe(32)
    answer = page(
        request,
        "invited.html",
        {
            "person": found.person,
            "name": person.name if person else "",
            "roles": ", ".join(person.roles) if person else "",
            "kept": bool(found.mark),
            "least": MINIMUM_PASSPHRASE,
            "problem": problem,
        },
        400 if problem else 200,
        own,
    )
    if not cookie(request):
        set_cookie(request, answer, own)
    return answer


def _over(request: Request) -> Response:
    """The same for every link that opens nothing, so that it tells a guesser nothing."""
    facts = {
        "title": "This link is no longer open",
        "what": "It was used, has expired, or another has taken its place.",
        "hint": "If you have taken part with it already, sign in with your passphrase. Another "
        "link is made by whoever runs this console, with golive invite: your programme manager "
        "knows them.",
        "back": "/enter",
        "again": {},
    }
    return page(request, "refused.html", facts, 404)


# -- sessions --------------------------------------------------------------------------------


@router.get("/sessions")
def sessions(request: Request) -> Response:
    who, tools = visit(request), means(request)
    mark = tools.identity.mark(who.person)
    facts = {
        "sessions": tools.sessions.of(who.person),
        "mine": who.session.id,
        "zone": tools.zone(who),
        "kept": bool(mark),
        "mark": mark,
        "passkeys": tools.passkeys.of(who.person),
        "possible": tools.passkeys.possible,
        "passkey": tools.passkeys.creation(who.token, who.person)
        if tools.passkeys.possible
        else "",
    }
    return page(request, "sessions.html", facts)


@router.post("/sessions")
async def revoking(request: Request) -> Response:
    who, form = visit(request), await form_of(request)
    ended = form.text("session")
    means(request).sessions.revoke(who.person, ended)
    if ended != who.session.id:
        means(request).sessions.tell(who, "done", "That session has ended.")
    return see("/sessions")


@router.post("/sessions/passkeys")
async def adding_a_passkey(request: Request) -> Response:
    who, form = visit(request), await form_of(request)
    return await run_in_threadpool(_add_passkey, request, who, form)


def _add_passkey(request: Request, who: Visit, form: Form) -> Response:
    tools = means(request)
    answer, label = form.text("credential", 20_000), form.text("label")
    tools.passkeys.add(who.token, who.person, answer, label)
    tools.sessions.tell(who, "done", "The passkey is kept: from now on it signs you in.")
    return see("/sessions")


@router.post("/sessions/passkeys/remove")
async def removing_a_passkey(request: Request) -> Response:
    who, form = visit(request), await form_of(request)
    means(request).passkeys.remove(who.person, form.text("passkey"))
    means(request).sessions.tell(who, "done", "That passkey opens nothing any more.")
    return see("/sessions")


@router.post("/leave")
async def leaving(request: Request) -> Response:
    who = visit(request)
    await form_of(request)
    means(request).sessions.revoke(who.person, who.session.id)
    answer = see("/enter")
    answer.delete_cookie(means(request).settings.cookie, secure=means(request).settings.secure)
    return answer
