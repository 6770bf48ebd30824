"""Expectations of a JSON document, and values taken out of it or out of text.

Places are JSON Pointers (RFC 6901): `/items/0/id`, "" for the whole document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue, model_validator

from golive.drillkit.context import Context
from golive.kernel.json import Json

_SEARCHED = 1_000_000
"""Characters of text that a pattern is looked for in."""


class Missing:
    """What `resolve` answers where the document has nothing at that place."""


MISSING = Missing()


class Demand(BaseModel):
    """What must hold of the value at one place. Several demands must all hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    equals: JsonValue = None
    at_most: float | None = None
    at_least: float | None = None
    matches: str | None = None
    """A regular expression that must be found in the text."""
    size_at_least: int | None = None
    """Members of a list or object, characters of a text."""
    present: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Demand:
        if not self.model_fields_set:
            raise ValueError("an empty demand holds of everything")
        _pattern(self.matches or "")
        return self


def _pointer(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError("a JSON Pointer is empty or starts with '/', e.g. /items/0/id")
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"the regular expression can't be read: {error}") from error
    return text


def _place(text: str) -> str:
    return text if text.startswith("/") else _pattern(text)


Pointer = Annotated[str, AfterValidator(_pointer)]
Place = Annotated[str, AfterValidator(_place)]
"""A JSON Pointer, or else a regular expression: its first group, or the whole match."""
Demands = Mapping[Pointer, Demand | str | int | float | bool | list[JsonValue] | None]


def resolve(document: Json, pointer: str) -> Json | Missing:
    """The value at `pointer`, or MISSING."""
    found = document
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping):
            if name not in found:
                return MISSING
            found = found[name]
        elif isinstance(found, list | tuple):
            if not re.fullmatch(r"0|[1-9][0-9]{0,8}", name) or int(name) >= len(found):
                return MISSING
            found = found[int(name)]
        else:
            return MISSING
    return found


def parse(text: str) -> Json | Missing:
    """MISSING where `text` is no JSON (RFC 8259: NaN and Infinity are none either)."""
    try:
        found: Json = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return MISSING
    return found


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")


def judge_json(ctx: Context[Any], text: str, demands: Demands) -> None:
    """One check a demand. A document that can't be read fails them all."""
    if not demands:
        return
    document = parse(text)
    ctx.holds(
        "json",
        "the answer is JSON",
        not isinstance(document, Missing),
        detail=text[:200] if isinstance(document, Missing) else "",
    )
    for pointer, wanted in demands.items():
        found = MISSING if isinstance(document, Missing) else resolve(document, pointer)
        for kind, value in _spelled(wanted).items():
            _judge(ctx, pointer, kind, value, found)


def _spelled(wanted: Demand | JsonValue) -> Mapping[str, Json]:
    if isinstance(wanted, Demand):
        return {name: getattr(wanted, name) for name in sorted(wanted.model_fields_set)}
    return {"equals": wanted}


def _judge(ctx: Context[Any], pointer: str, kind: str, wanted: Json, found: Json | Missing) -> None:
    check, place = f"json:{pointer}:{kind}", pointer or "the document"
    if kind == "present":
        claim = f"{place} is {'there' if wanted else 'not there'}"
        ctx.holds(check, claim, isinstance(found, Missing) is not wanted)
    elif isinstance(found, Missing):
        ctx.holds(check, f"{place} is there", False)
    elif kind == "equals" and wanted is not None and found is not None:
        ctx.equals(check, f"{place} is as expected", wanted, found)
    elif kind == "equals":
        claim = f"{place} is {json.dumps(wanted)}"
        ctx.holds(check, claim, found is wanted, detail=_short(found))
    elif kind == "matches":
        text = found if isinstance(found, str) else json.dumps(found)
        claim = f"{place} matches {wanted}"
        matched = re.search(str(wanted), text[:_SEARCHED]) is not None
        ctx.holds(check, claim, matched, detail=_short(found))
    else:
        _judge_figure(ctx, check, place, kind, wanted, found)


def _judge_figure(
    ctx: Context[Any], check: str, place: str, kind: str, wanted: Json, found: Json
) -> None:
    if kind == "size_at_least":
        place = f"the size of {place}"
        found = len(found) if isinstance(found, str | Mapping | Sequence) else None
    number = isinstance(found, int | float) and not isinstance(found, bool)
    if not number or not isinstance(wanted, int | float):
        ctx.holds(check, f"{place} is a number", False, detail=_short(found))
    elif kind == "at_most":
        ctx.at_most(check, f"{place} is at most {wanted:g}", wanted, _figure(found))
    else:
        ctx.at_least(check, f"{place} is at least {wanted:g}", wanted, _figure(found))


def _figure(found: Json) -> float | None:
    return found if isinstance(found, int | float) else None


def extract(ctx: Context[Any], text: str, places: Mapping[str, str]) -> Mapping[str, Json]:
    """Values by name; a check each, which fails where there is nothing to take."""
    document = parse(text) if any(one.startswith("/") for one in places.values()) else MISSING
    taken: dict[str, Json] = {}
    for name, place in places.items():
        found = _taken(text, document, place)
        there = not isinstance(found, Missing)
        detail = _short(found) if there else f"nothing at {place}"
        ctx.holds(f"extract:{name}", f"{name} is found in the output", there, detail=detail)
        if not isinstance(found, Missing):
            taken[name] = found
    return taken


def _taken(text: str, document: Json | Missing, place: str) -> Json | Missing:
    if place.startswith("/"):
        return MISSING if isinstance(document, Missing) else resolve(document, place)
    match = re.search(place, text[:_SEARCHED], re.MULTILINE)
    if match is None:
        return MISSING
    return match[1] if match.re.groups else match[0]


def _short(value: Json | Missing) -> str:
    return "" if isinstance(value, Missing) else json.dumps(value, ensure_ascii=False)[:200]
