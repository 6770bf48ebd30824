"""Files that people bring: taken in, looked at, vouched for where need be, then kept as evidence.

What arrives is staged here, hashed, and shown with its digest before it is confirmed; another file
is another version. What no machine can search through (pictures, scans, archives, all but plain
text) needs a second person's word that it holds no personal data; the word is for those bytes, so
another version needs another. Only the confirmed file goes to the vault, through
`golive.rehearsal.act`.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import shutil
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
from golive.console.forms import Brought, Form
from golive.console.means import Means
from golive.console.refusals import Missing
from golive.console.security import INERT
from golive.console.sessions import Visit
from golive.console.web import client, form_of, means, page, see, visit
from golive.governance.acts import ActRefused
from golive.governance.eyes import needs_eyes
from golive.kernel.errors import BadInput
from golive.kernel.ids import sha256_hex
from golive.playbook.people import Person
from golive.rehearsal.act import Wish
from golive.rehearsal.turns import turn
from golive.rehearsal.wording import zone

router = APIRouter()
_COLUMNS = (
    "id", "run", "item", "person", "name", "media_type", "size", "sha256", "kept", "redactions",
    "version", "picture", "vouched_by", "sent", "at",
)  # fmt: skip


@dataclass(frozen=True)
class Upload:
    """One version of one file; the columns of the table."""

    id: str
    run: str
    item: str
    person: str
    name: str
    media_type: str
    size: int
    sha256: str
    kept: str
    redactions: int
    version: int
    picture: int
    vouched_by: str
    sent: int
    at: float

    @property
    def address(self) -> str:
        return f"/runs/{self.run}/uploads/{self.id}"

    @property
    def waits_for_word(self) -> bool:
        return bool(self.picture) and not self.vouched_by and not self.sent


def versions(tools: Means, day: Day, item: str) -> Sequence[Upload]:
    """What was brought for `item`, newest first."""
    rows = tools.store.all(
        "SELECT * FROM upload WHERE run = ? AND item = ? ORDER BY version DESC", day.name, item
    )
    return [Upload(*(row[name] for name in _COLUMNS)) for row in rows]


def to_vouch_for(tools: Means, day: Day, person: Person) -> Sequence[Upload]:
    """Pictures of others that wait for a second person's word, of items that still wait."""
    if not person.key:
        return ()
    with day.reading() as board:
        open_items = [item.id for item in board.waiting()]
    newest = [next(iter(versions(tools, day, item)), None) for item in open_items]
    return [one for one in newest if one and one.waits_for_word and one.person != person.id]


# -- bringing a file -------------------------------------------------------------------------


@router.post("/runs/{run}/steps/{number}/uploads")
async def bringing(request: Request, run: str, number: int) -> Response:
    who, form = visit(request), await form_of(request)
    chosen = [one for one in form.files if one.name]
    if len(chosen) != 1:
        raise BadInput("one file is wanted", hint="choose one, or take a photo")
    tools = means(request)
    day = tools.days.get(run)

    def do() -> str:
        upload = _stage(tools, who, day, number, chosen[0])
        return f"/runs/{day.name}/uploads/{upload}"

    return see(await run_in_threadpool(once, tools, form, who, do))


def _stage(tools: Means, who: Visit, day: Day, number: int, given: Brought) -> str:
    person = member(tools, who, day)
    with day.reading() as board:
        item = item_of(board, number)
        asked = turn(item, person, day.roster)
    if asked is None:
        raise BadInput("this step doesn't wait for a file now")
    if asked.why_not:
        raise ActRefused(f"you may not bring a file here: {asked.why_not}")
    content = given.content
    name = files.safe_name(given.name)
    media_type = files.media_type(name, content)
    files.demand_evidence(content)
    clean, redactions = tools.supplies.keeper(day.folder).foresee(content, media_type)
    ident = secrets.token_hex(12)
    folder = tools.settings.folder / "uploads" / ident
    folder.mkdir(parents=True, mode=0o700)
    (folder / name).write_bytes(content)
    with tools.store.writing() as db:
        count = db.execute(
            "SELECT count(*) FROM upload WHERE run = ? AND item = ?", (day.name, item.id)
        ).fetchone()[0]
        db.execute(
            "INSERT INTO upload VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, ?)",
            (ident, day.name, item.id, person.id, name, media_type, len(content),
             sha256_hex(content), sha256_hex(clean), len(redactions), count + 1,
             int(needs_eyes(io.BytesIO(content))), tools.supplies.clock.now().timestamp()),
        )  # fmt: skip
    return ident


# -- looking at it ---------------------------------------------------------------------------


@router.get("/runs/{run}/uploads/{ident}")
def looking(request: Request, run: str, ident: str) -> Response:
    who, tools = visit(request), means(request)
    day, upload, person = _found(tools, who, run, ident)
    with day.reading() as board:
        number = list(board.items).index(upload.item) + 1
        item = board.items[upload.item]
        waits = item.state == "waiting"
        title, where = item.title, zone(board)
    facts = {
        "run": day.name,
        "zone": where,
        "number": number,
        "title": title,
        "upload": upload,
        "mine": upload.person == person.id,
        "waits": waits,
        "newest": versions(tools, day, upload.item)[0].id == upload.id,
        "text": _preview(tools, upload),
        "shown": upload.media_type in files.SHOWN,
        "unseen": _unseen(tools, upload) if upload.picture else (),
        "locked": tools.sessions.key(who) is None,
        "names": {one.id: one.name for one in day.roster.people},
    }
    return page(request, "upload.html", facts)


@router.get("/runs/{run}/uploads/{ident}/bytes")
def handing_out(request: Request, run: str, ident: str) -> Response:
    """The file as it came, inert: pictures are shown, all else is only ever saved."""
    who, tools = visit(request), means(request)
    _, upload, _ = _found(tools, who, run, ident)
    shown = upload.media_type in files.SHOWN
    return FileResponse(
        _path(tools, upload),
        media_type=upload.media_type if shown else "application/octet-stream",
        filename=upload.name,
        content_disposition_type="inline" if shown else "attachment",
        headers={"content-security-policy": INERT, "x-content-type-options": "nosniff"},
    )


def _preview(tools: Means, upload: Upload) -> str:
    """The beginning of a text, as text; "" of all else."""
    if not upload.media_type.startswith("text/") and "json" not in upload.media_type:
        return ""
    with _path(tools, upload).open("rb") as file:
        return file.read(4000).decode("utf-8", "replace")


def _unseen(tools: Means, upload: Upload) -> Sequence[str]:
    return files.unseen(_path(tools, upload).read_bytes())


# -- settling it -----------------------------------------------------------------------------


@router.post("/runs/{run}/uploads/{ident}/confirm")
async def confirming(request: Request, run: str, ident: str) -> Response:
    who, form = visit(request), await form_of(request)
    return see(await run_in_threadpool(_confirm, request, who, run, ident, form))


def _confirm(request: Request, who: Visit, run: str, ident: str, form: Form) -> str:
    tools = means(request)
    day, upload, person = _found(tools, who, run, ident)
    if upload.person != person.id:
        raise ActRefused("only the person who brought the file confirms it")
    if upload.waits_for_word:
        raise ActRefused(
            f"{upload.name} needs a second person's word that it holds no personal data"
        )
    _demand_same(tools, upload)
    wish = Wish(
        "attach", upload.item, person.id, form.text("comment") or upload.name,
        files=[_path(tools, upload)], key=form.once,
    )  # fmt: skip

    def do() -> str:
        key = key_of(tools, who, form, client(request))
        if perform(tools, who, day, wish, key, upload.media_type):
            with tools.store.writing() as db:
                db.execute("UPDATE upload SET sent = 1 WHERE id = ?", (upload.id,))
        return f"/runs/{day.name}/uploads/{upload.id}"

    return once(tools, form, who, do)


@router.post("/runs/{run}/uploads/{ident}/vouch")
async def vouching(request: Request, run: str, ident: str) -> Response:
    who, form = visit(request), await form_of(request)
    return see(await run_in_threadpool(_vouch, request, who, run, ident, form))


def _vouch(request: Request, who: Visit, run: str, ident: str, form: Form) -> str:
    tools = means(request)
    day, upload, person = _found(tools, who, run, ident)
    if upload.person == person.id:
        raise ActRefused("you brought this file, so somebody else must look at it")
    if not upload.waits_for_word:
        raise BadInput("nobody's word is needed for this file any more")
    _demand_same(tools, upload)
    bad = form.text("action") == "personal"
    comment = f"version {upload.version} of {upload.name} holds no personal data"
    wish = Wish("vouch", upload.item, person.id, comment, upload.kept, key=form.once)

    def do() -> str:
        if bad:
            _throw_away(tools, upload)
            tools.sessions.tell(who, "done", "The file is thrown away; its owner brings another.")
            return "/me"
        key = key_of(tools, who, form, client(request))
        if perform(tools, who, day, wish, key):
            with tools.store.writing() as db:
                db.execute("UPDATE upload SET vouched_by = ? WHERE id = ?", (person.id, upload.id))
        return f"/runs/{day.name}/uploads/{upload.id}"

    return once(tools, form, who, do)


def _demand_same(tools: Means, upload: Upload) -> None:
    """BadInput unless the file is still the one that was shown and hashed."""
    with _path(tools, upload).open("rb") as file:
        now = hashlib.file_digest(file, "sha256").hexdigest()
    if now != upload.sha256:
        raise BadInput(
            f"{upload.name} is not the file that was brought any more",
            hint="bring it again; a word that was given for it counts for nothing",
        )


def _throw_away(tools: Means, upload: Upload) -> None:
    with tools.store.writing() as db:
        db.execute("DELETE FROM upload WHERE id = ?", (upload.id,))
    shutil.rmtree(tools.settings.folder / "uploads" / upload.id)


def _found(tools: Means, who: Visit, run: str, ident: str) -> tuple[Day, Upload, Person]:
    """The upload, for somebody on its run's roster; Missing for everybody else."""
    day = tools.days.get(run)
    person = member(tools, who, day)
    row = tools.store.one("SELECT * FROM upload WHERE id = ? AND run = ?", ident, day.name)
    if row is None:
        raise Missing("there is no such file")
    return day, Upload(*(row[name] for name in _COLUMNS)), person


def _path(tools: Means, upload: Upload) -> Path:
    return tools.settings.folder / "uploads" / upload.id / upload.name
