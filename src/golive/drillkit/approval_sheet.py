"""The one page that a decision maker signs: its words, and where each signature goes.

The same words give the same bytes, on every machine: fonts come with the typesetter, the date is
the sheet's own, nothing else enters. Tagged for reading aloud (PDF/UA-1).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from golive.kernel.errors import BadInput
from golive.kernel.json import Json, JsonObject
from golive.kernel.text import clean, cut

_MOST_ROLES = 24
_TALL, _TALLEST = 27.0, 31.0
"""Heights of a box in which the scope has two lines; the second where few sign: conditions are
drawn into it."""
_WIDE, _LEFT, _GAP, _FOOT = 174.0, 18.0, 3.0, 285.0
"""Millimetres from the page's left and upper edge: an A4 page is 210 by 297."""


@dataclass(frozen=True)
class Line:
    """A state in a word, what it is the state of, and perhaps why."""

    word: str
    text: str
    kind: str = "plain"
    """`good`, `bad`, `open` or `plain`: the colour, which only repeats the word."""
    note: str = ""


@dataclass(frozen=True)
class Listing:
    """Lines, the weightiest first, and what stands in their place where there is none."""

    rows: Sequence[Line]
    none: str


@dataclass(frozen=True)
class Role:
    """Who signs, and what for."""

    role: str
    scope: str


def merged(roles: Iterable[Role]) -> Sequence[Role]:
    """Each role once, with all that it signs for: a role has one field."""
    found: dict[str, Role] = {}
    for one in roles:
        known = found.get(one.role)
        found[one.role] = Role(one.role, f"{known.scope} {one.scope}") if known else one
    return list(found.values())


@dataclass(frozen=True)
class Sheet:
    """Everything that stands on the page."""

    title: str
    kicker: str
    """The small line above the title: release, day, rehearsal, target."""
    verdict: Line
    """Its `text` goes on after the word; its `note` says what the verdict rests on."""
    reasons: Listing
    said: Listing
    """Conditions and waivers: what people tied their word to."""
    objectives: Listing
    risks: Listing
    open: Listing
    fidelity: str
    facts: Sequence[tuple[str, str]]
    """What is signed, by name and value: digests in full."""
    roles: Sequence[Role]
    foot: str
    made: datetime
    """The page's date, also inside the file."""
    keywords: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Box:
    """A role's place on the page, in millimetres from its upper left corner."""

    role: Role
    x: float
    y: float
    width: float
    height: float

    @property
    def field(self) -> tuple[float, float, float, float]:
        """Where the signature itself goes, as (left, lower, right, upper) in PDF points."""
        left, right = self.x + 1.8, self.x + self.width - 1.8
        head = 12.4 if self.height >= _TALL else 9.2
        upper, lower = self.y + head, self.y + self.height - 3.4
        return tuple(round(one * 72 / 25.4, 2) for one in (left, 297 - lower, right, 297 - upper))  # type: ignore[return-value]


def boxes(roles: Sequence[Role]) -> Sequence[Box]:
    """A grid at the foot of the page. BadInput for more roles than a page holds."""
    if len(roles) > _MOST_ROLES:
        raise BadInput(
            f"{len(roles)} roles sign, and the approval page holds {_MOST_ROLES}",
            hint="let a role sign for several under Sign-off in the playbook",
        )
    columns = 2 if len(roles) <= 6 else 3 if len(roles) <= 12 else 4
    rows = -(-len(roles) // columns)
    width = (_WIDE - _GAP * (columns - 1)) / columns
    height = {1: _TALLEST, 2: _TALLEST, 3: _TALL, 4: 22.0}.get(rows, 19.0)
    top = _FOOT - 2.5 - rows * (height + _GAP)
    return [
        Box(
            role,
            _LEFT + (number % columns) * (width + _GAP),
            top + (number // columns) * (height + _GAP),
            width,
            height,
        )
        for number, role in enumerate(roles)
    ]


_OVERFLOW = "more than one page"
"""What the template says where the words don't fit."""
_DETAIL = (
    (14, 260),
    (11, 240),
    (9, 240),
    (7, 200),
    (6, 170),
    (5, 150),
    (4, 130),
    (3, 110),
    (2, 90),
    (1, 70),
    (0, 60),
)
"""How many lines each list shows, and how long one may be: as much as one page takes."""


def typeset(sheet: Sheet) -> bytes:
    """The page as PDF, without fields. As much of the lists as fits on one page; what is left out
    is counted."""
    places = boxes(sheet.roles)
    for lines, length in _DETAIL:
        pdf = _pdf(sheet, places, lines, length)
        if pdf is not None:
            return pdf
    raise BadInput("the approval doesn't fit on one page", hint="shorten the playbook's title")


def _pdf(sheet: Sheet, places: Sequence[Box], lines: int, length: int) -> bytes | None:
    """The page, or None where it became several."""
    from typst import TypstError

    words = json.dumps(_words(sheet, places, lines, length), ensure_ascii=False, sort_keys=True)
    try:
        return _compiled(words, sheet.made, ["ua-1"])
    except TypstError as error:
        if _OVERFLOW in str(error):
            return None
    # A character that none of the fonts has: shown as a box, and no longer PDF/UA, still tagged.
    try:
        return _compiled(words, sheet.made, [])
    except TypstError as error:
        if _OVERFLOW not in str(error):
            raise
        return None


def _compiled(words: str, made: datetime, standards: Sequence[str]) -> bytes:
    return compiled("approval_sheet.typ", {"sheet": words}, made, standards)


def compiled(
    template: str, inputs: Mapping[str, str], made: datetime, standards: Sequence[str]
) -> bytes:
    """`template` of this folder as PDF, with the fonts that come with the typesetter alone."""
    import typst

    source = resources.files(__package__).joinpath(template).read_bytes()
    options: dict[str, Any] = {"format": "pdf", "pdf_standards": list(standards)}
    pdf: bytes = typst.compile(
        source,
        ignore_system_fonts=True,
        sys_inputs=dict(inputs),
        timestamp=int(made.timestamp()),
        **options,
    )
    return pdf


def _words(sheet: Sheet, places: Sequence[Box], lines: int, length: int) -> JsonObject:
    made = sheet.made.astimezone(UTC)
    top = min((one.y for one in places), default=_FOOT) - 1.0
    return {
        "name": f"Approval: {cut(clean(sheet.title), 120)}",
        "title": cut(clean(sheet.title), 120),
        "kicker": cut(clean(sheet.kicker), 160),
        "keywords": [clean(one) for one in sheet.keywords],
        "made": [made.year, made.month, made.day, made.hour, made.minute, made.second],
        "verdict": {
            "word": clean(sheet.verdict.word),
            "kind": sheet.verdict.kind,
            "told": cut(clean(sheet.verdict.text), 200),
            "note": cut(clean(sheet.verdict.note), 260),
        },
        "reasons": _listing(sheet.reasons, lines, length),
        # What a signature would be tied to stands there even where there is room for little else.
        "said": _listing(sheet.said, lines + 2, length),
        "objectives": _listing(sheet.objectives, lines, length),
        "risks": _listing(sheet.risks, lines, length),
        "open": _listing(sheet.open, lines, length),
        "fidelity": clean(sheet.fidelity),
        "facts": [[clean(name), clean(value)] for name, value in sheet.facts],
        "foot": cut(clean(sheet.foot), 200),
        "band": {"top": top, "foot": _FOOT, "boxes": list(_boxes(places))},
    }


def _listing(listing: Listing, lines: int, length: int) -> JsonObject:
    rows: list[Json] = [
        {
            "word": clean(one.word),
            "kind": one.kind,
            "text": cut(clean(one.text), length),
            "note": cut(clean(one.note), length // 2),
        }
        for one in listing.rows[:lines]
    ]
    return {"rows": rows, "more": len(listing.rows) - len(rows), "none": clean(listing.none)}


def _boxes(places: Sequence[Box]) -> Iterator[JsonObject]:
    for one in places:
        yield {
            "x": one.x,
            "y": one.y,
            "w": one.width,
            "h": one.height,
            "role": cut(clean(one.role.role), int(one.width / 1.9)),
            "scope": cut(
                clean(one.role.scope), int(one.width * (1.35 if one.height >= _TALL else 0.7))
            ),
        }
