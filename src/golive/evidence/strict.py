"""JSON that can be read in one way only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from golive.kernel.json import Json, JsonObject, canonical


def load(data: bytes) -> Json:
    """Parse `data`. ValueError on a duplicate key, NaN, broken UTF-8, a byte order mark, a lone
    surrogate, or nesting too deep to read."""
    try:
        value: Json = json.loads(
            data.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_refuse
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def load_object(data: bytes) -> JsonObject:
    """`load`, and a ValueError when it isn't an object."""
    value = load(data)
    if not isinstance(value, Mapping):
        raise ValueError("not a JSON object")
    return value


def load_canonical(data: bytes) -> JsonObject:
    """An object whose bytes are its RFC 8785 form; ValueError otherwise.

    The form is checked by writing the value again and comparing bytes, which also refuses
    duplicate keys, spare blanks and other spellings of one value.
    """
    care = not data.isascii() and _ASTRAL.search(data) is not None

    def whole(text: str) -> int:
        nonlocal care
        care = care or len(text) > _SAFE_DIGITS
        return int(text)

    def fraction(text: str) -> float:
        nonlocal care
        care = True
        return float(text)

    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_int=whole,
            parse_float=fraction,
            parse_constant=_refuse,
        )
        if not isinstance(value, dict):
            raise ValueError("not a JSON object")
        again = canonical(value) if care else _plain_form(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if again != data:
        raise ValueError("not in canonical form (RFC 8785)")
    return value


def load_line(data: bytes) -> JsonObject:
    """As `load_canonical`, of a file that is one line: ValueError unless one newline ends it."""
    if not data.endswith(b"\n"):
        raise ValueError("the line is cut off")
    return load_canonical(data[:-1])


def dump(value: Json) -> bytes:
    """The RFC 8785 form of `value`, as `kernel.json.canonical` writes it, but faster. ValueError
    where it has none."""
    data = _plain_form(value)
    return canonical(value) if _NEEDS_CARE.search(data) else data


_SAFE_DIGITS = 15
_ASTRAL = re.compile(rb"[\xf0-\xf4]")
_NEEDS_CARE = re.compile(rb'(?:":|[\[,]|^)-?(?:\d{16}|\d+[.eE])|[\xf0-\xf4]')
"""Fractions, integers that may be 2^53 or more, and keys whose order differs between UTF-16 and
code points: only these does the standard library spell otherwise than RFC 8785 does."""


def _plain_form(value: Json) -> bytes:
    """The canonical form of a value without any of the above, about twenty times faster."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
