"""Files that wait beside the vault because only eyes can judge them: shown to those who may say
whether they hold personal data.

They come from the command line, or are the last version of a step that ran again. The word is for
the bytes that were looked at, by their digest; that somebody else than the bringer gives it, the
run's own desk decides once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from golive.console import files
from golive.console.acting import item_of, key_of, member, once, perform
from golive.console.days import Day
from golive.console.forms import Form
from golive.console.refusals import Missing, TooLate
from golive.console.security import INERT
from golive.console.sessions import Visit
from golive.console.web import client, form_of, means, page, see, visit
from golive.evidence.objects import ObjectStore
from golive.governance.acts import ActRefused
from golive.kernel.errors import BadInput
from golive.playbook.people import Person
from golive.rehearsal.act import Wish
from golive.rehearsal.board import BoardItem, unvouched
from golive.rehearsal.turns import why_no_word

router = APIRouter()
_PREVIEW = 4000
_BEGINNING = 256 * 1024
_ACTIONS = {"clean": "vouch", "personal": "withdraw"}


@dataclass(frozen=True)
class Aside:
    """One file that waits for a second person's word."""

    run: str
    number: int
    """Of the step that it was brought for."""
    item: str
    title: str
    path: str
    sha256: str
    by: str
    why_not: str
    """Why the visitor may not give the word, or ""."""

    @property
    def name(self) -> str:
        return Path(self.path).name

    @property
    def address(self) -> str:
        return f"/runs/{self.run}/steps/{self.number}/unvouched/{self.sha256}"


def asides(day: Day, number: int, item: BoardItem, person: Person) -> Sequence[Aside]:
    """What waits beside the vault for the step `number`, as `person` meets it."""
    return [
        Aside(day.name, number, item.id, item.title, one["path"], one["sha256"], one["by"],
              why_no_word(person, one["by"]))
        for one in unvouched(item)
    ]  # fmt: skip


def to_look_at(day: Day, person: Person) -> Sequence[Aside]:
    """Every file of the run for which `person` may give the word."""
    with day.reading() as board:
        found = [
            one
            for number, item in enumerate(board.items.values(), 1)
            for one in asides(day, number, item, person)
        ]
    return [one for one in found if not one.why_not]


# -- looking at it ---------------------------------------------------------------------------


@router.get("/runs/{run}/steps/{number}/unvouched/{sha256}")
def looking(request: Request, run: str, number: int, sha256: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    aside = _found(day, member(tools, who, day), number, sha256)
    place = _bytes(day, aside)
    with place.open("rb") as file:
        beginning = file.read(_BEGINNING)
    kind = files.media_type(aside.name, beginning)
    facts = {
        "aside": aside,
        "mine": aside.by == who.person,
        "size": place.stat().st_size,
        "kind": kind,
        "shown": kind in files.SHOWN,
        "text": beginning[:_PREVIEW].decode("utf-8", "replace") if kind in files.TEXTS else "",
        "unseen": files.unseen(beginning),
        "locked": tools.sessions.key(who) is None,
        "kept_key": bool(tools.identity.mark(who.person)),
        "names": {one.id: one.name for one in day.roster.people},
    }
    return page(request, "vouch.html", facts)


@router.get("/runs/{run}/steps/{number}/unvouched/{sha256}/bytes")
def handing_out(request: Request, run: str, number: int, sha256: str) -> Response:
    """The file, inert: pictures are shown, all else is only ever saved."""
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    aside = _found(day, member(tools, who, day), number, sha256)
    place = _bytes(day, aside)
    with place.open("rb") as file:
        kind = files.media_type(aside.name, file.read(_BEGINNING))
    shown = kind in files.SHOWN
    return FileResponse(
        place,
        media_type=kind if shown else "application/octet-stream",
        filename=files.safe_name(aside.name),
        content_disposition_type="inline" if shown else "attachment",
        headers={"content-security-policy": INERT, "x-content-type-options": "nosniff"},
    )


# -- giving the word -------------------------------------------------------------------------


@router.post("/runs/{run}/steps/{number}/unvouched/{sha256}/word")
async def judging(request: Request, run: str, number: int, sha256: str) -> Response:
    who, form = visit(request), await form_of(request)
    day = means(request).days.get(run)
    return see(await run_in_threadpool(_word, request, who, day, number, sha256, form))


def _word(request: Request, who: Visit, day: Day, number: int, sha256: str, form: Form) -> str:
    tools = means(request)
    person = member(tools, who, day)
    action = _ACTIONS.get(form.text("action"))
    if action is None:
        raise BadInput("no such act")

    def do() -> str:
        aside = _found(day, person, number, sha256)
        if action == "vouch" and aside.why_not:
            raise ActRefused(f"you can't vouch for {aside.name}: {aside.why_not}")
        _bytes(day, aside)
        said = form.text("comment") or _said(action, aside, who.person)
        key = key_of(tools, who, form, client(request))
        wish = Wish(action, aside.item, person.id, said, aside.sha256, key=form.once)
        perform(tools, who, day, wish, key)
        return f"/runs/{day.name}/steps/{number}"

    return once(tools, form, who, do)


def _said(action: str, aside: Aside, person: str) -> str:
    if action == "vouch":
        return f"I have looked at {aside.name}: it holds no personal data"
    mine = aside.by == person
    return f"{aside.name} is taken back" if mine else f"{aside.name} holds personal data"


# -- finding it ------------------------------------------------------------------------------


def _found(day: Day, person: Person, number: int, sha256: str) -> Aside:
    """The file of that step that waits for a word. TooLate where the word was given, Missing where
    the step has never had such a file."""
    with day.reading() as board:
        item = item_of(board, number)
        waiting = asides(day, number, item, person)
        known = any(act["digest"] == sha256 for act in item.acts)
    found = next((one for one in waiting if one.sha256 == sha256), None)
    if found is not None:
        return found
    if known:
        raise _settled()
    raise Missing("there is no such file")


def _bytes(day: Day, aside: Aside) -> Path:
    """Where they lie. TooLate where they have gone on, BadInput where they aren't what was
    brought."""
    place = ObjectStore(day.folder.unvouched).path(aside.sha256)
    try:
        with place.open("rb") as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == aside.sha256
    except FileNotFoundError:
        raise _settled() from None  # the journal says so in a moment
    if not same:
        raise BadInput(
            f"{aside.name} is not the file that was brought any more",
            hint="bring it again; a word for it would count for nothing",
        )
    return place


def _settled() -> TooLate:
    return TooLate("nobody's word is needed for this file any more", hint="look at the step")
