"""`/runs/RUN/evidence`: what was kept, how real it is, what was taken out of it, and its bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from golive.console import files
from golive.console.acting import member
from golive.console.days import Day
from golive.console.means import Means
from golive.console.readable import readable
from golive.console.refusals import Missing
from golive.console.sealed import Standing, step_numbers
from golive.console.security import INERT
from golive.console.views import reality
from golive.console.web import means, page, visit
from golive.evidence.artefact import Artefact
from golive.evidence.strict import load_object
from golive.evidence.vault import Vault
from golive.kernel.errors import GoliveError
from golive.kernel.json import Json
from golive.rehearsal.docket import sealed_bytes
from golive.rehearsal.wording import listing, zone

router = APIRouter()
REDACTIONS = "golive/redactions.json"
_OWN = "golive/"
_SHOWN_AS_TEXT = 20_000
_MOST_SHOWN = 25 * 1024 * 1024


@dataclass(frozen=True)
class Piece:
    """One artefact as it is listed."""

    artefact: Artefact
    number: int
    """Of the step that it is evidence for; 0 where it is for none."""
    redacted: int

    @property
    def own(self) -> bool:
        return self.artefact.path.startswith(_OWN)


@dataclass(frozen=True)
class Kept:
    """A run's evidence: as sealed, or as it is so far."""

    artefacts: Sequence[Artefact]
    redactions: Sequence[Mapping[str, Json]]
    unsearched: Sequence[Mapping[str, Json]]
    sealed: Standing | None

    def one(self, sha256: str) -> Artefact:
        """Missing where the run has kept no such bytes."""
        found = next((one for one in self.artefacts if one.sha256 == sha256), None)
        if found is None:
            raise Missing("there is no such evidence")
        return found


def kept_of(tools: Means, day: Day, found: Standing | None) -> Kept:
    """What the newest seal covers; before there is one, what the run has kept so far."""
    if found is not None:
        release = found.case.sealed.release
        told = load_object(sealed_bytes(release, REDACTIONS))
        return Kept(
            list(release.artefacts), _told(told["redactions"]), _told(told["unsearched"]), found
        )
    with day.reading() as board:
        records = [one for item in board.items.values() for one in item.artefacts.values()]
    artefacts = []
    for record in records:
        with suppress(KeyError, TypeError, ValueError):
            artefacts.append(Artefact.from_record(record))
    keeper = tools.supplies.keeper(day.folder)
    return Kept(artefacts, _told(keeper.redactions()), _told(keeper.unsearched()), None)


def _told(value: object) -> Sequence[Mapping[str, Json]]:
    return [one for one in listing(value) if isinstance(one, Mapping)]  # type: ignore[arg-type]


def content_of(day: Day, kept: Kept, artefact: Artefact) -> bytes:
    """Its bytes, which are those of its digest. NotAsSealed or VaultError where they aren't."""
    if kept.sealed is not None:
        return sealed_bytes(kept.sealed.case.sealed.release, artefact.path)
    with Vault(Path(day.settings.vault_root)).objects.open(artefact.sha256) as file:
        return file.read()


def pieces(kept: Kept, numbers: Mapping[str, int]) -> Sequence[Piece]:
    """In the order of the playbook, Golive's own papers last."""
    cut = Counter(str(one.get("artefact")) for one in kept.redactions)
    made = [
        Piece(one, numbers.get(one.control or one.producer.partition(":")[0], 0), cut[one.path])
        for one in kept.artefacts
    ]
    return sorted(made, key=lambda one: (one.own, one.number or 10_000, one.artefact.path))


def listed(tools: Means, day: Day, found: Standing | None) -> dict[str, object]:
    """What the list shows, for whoever may see it."""
    kept = kept_of(tools, day, found)
    with day.reading() as board:
        numbers, where = step_numbers(board), zone(board)
        title = board.title or day.playbook.title
    evidence = [one for one in kept.artefacts if not one.path.startswith(_OWN)]
    return {
        "run": day.name,
        "board_title": title,
        "pieces": pieces(kept, numbers),
        "reality": reality([one.record() for one in evidence]),
        "evidence_count": len(evidence),
        "redactions": kept.redactions,
        "unsearched": kept.unsearched,
        "sealed": found is not None,
        "zone": where,
    }


def seen(tools: Means, day: Day, sha256: str, found: Standing | None) -> dict[str, object]:
    """What the page of one piece shows."""
    kept = kept_of(tools, day, found)
    artefact = kept.one(sha256)
    facts = listed(tools, day, found)
    facts |= {
        "artefact": artefact,
        "cuts": [one for one in kept.redactions if one.get("artefact") == artefact.path],
        "picture": False,
        "text": "",
        "more": False,
        "extract": False,
        "problem": "",
    }
    if artefact.size > _MOST_SHOWN:
        return facts
    try:
        content = content_of(day, kept, artefact)
    except (GoliveError, OSError) as error:
        what = error.what if isinstance(error, GoliveError) else "the bytes can't be read"
        return {**facts, "problem": what}
    kind = files.media_type(artefact.path, content)
    if kind in files.SHOWN:
        return {**facts, "picture": True}
    text = _text(content)
    if text and artefact.media_type.startswith("text/html"):
        text, facts["extract"] = readable(text), True
    return {**facts, "text": text[:_SHOWN_AS_TEXT], "more": len(text) > _SHOWN_AS_TEXT}


def _text(content: bytes) -> str:
    """The content where it is text, else ""."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return ""
    return "" if "\0" in text else text


def bytes_answer(tools: Means, day: Day, sha256: str, found: Standing | None) -> Response:
    """The bytes, inert: pictures are shown, all else is only ever saved."""
    kept = kept_of(tools, day, found)
    artefact = kept.one(sha256)
    content = content_of(day, kept, artefact)
    kind = files.media_type(artefact.path, content)
    shown = kind in files.SHOWN
    name = files.safe_name(artefact.path)
    way = "inline" if shown else "attachment"
    return Response(
        content,
        media_type=kind if shown else "application/octet-stream",
        headers={
            "content-disposition": f'{way}; filename="{name}"',
            "content-security-policy": INERT,
            "x-content-type-options": "nosniff",
        },
    )


@router.get("/runs/{run}/evidence")
def evidence(request: Request, run: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    member(tools, who, day)
    facts = listed(tools, day, tools.standing(day))
    return page(request, "evidence.html", {**facts, "base": f"/runs/{day.name}", "guest": False})


@router.get("/runs/{run}/evidence/{sha256}")
def one_piece(request: Request, run: str, sha256: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    member(tools, who, day)
    facts = seen(tools, day, sha256, tools.standing(day))
    return page(request, "piece.html", {**facts, "base": f"/runs/{day.name}", "guest": False})


@router.get("/runs/{run}/evidence/{sha256}/bytes")
def bytes_of_one(request: Request, run: str, sha256: str) -> Response:
    who, tools = visit(request), means(request)
    day = tools.days.get(run)
    member(tools, who, day)
    return bytes_answer(tools, day, sha256, tools.standing(day))
