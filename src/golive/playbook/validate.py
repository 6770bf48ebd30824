"""Lays a YAML node against a shape: every mismatch becomes a finding at its own line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import ValidationError

from golive.kernel.json import Json
from golive.playbook.findings import Findings, nearest
from golive.playbook.model import Place
from golive.playbook.shapes import Shape
from golive.playbook.yaml12 import Node

S = TypeVar("S", bound=Shape)
PlaceOf = Callable[[int, int], Place]
"""From 0-based line and column in the YAML text to a place in the file."""


def fit(shape: type[S], value: Json, node: Node, place: PlaceOf, findings: Findings) -> S | None:
    """`value` (which is `node`'s, or derived from it) as a `shape`; None when it doesn't fit."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            _tell(shape, one["type"], one["loc"], one["msg"], node, place, findings)
        return None


def _tell(
    shape: type[Shape],
    kind: str,
    loc: Sequence[int | str],
    message: str,
    node: Node,
    place: PlaceOf,
    findings: Findings,
) -> None:
    where = place_of(node, loc, place, key=kind == "extra_forbidden")
    name = ".".join(str(part) for part in loc)
    if kind == "extra_forbidden":
        known = [field.alias or name for name, field in shape.model_fields.items()]
        hint = nearest(str(loc[-1]), known) if len(loc) == 1 else ""
        findings.add(
            "unknown-key", where, f"no key `{name}` is known here", hint or f"known: {known}"
        )
    elif kind == "missing":
        findings.add("missing-key", where, f"`{name}` is missing")
    else:
        findings.add("wrong-value", where, f"`{name}`: {message.removeprefix('Value error, ')}")


def place_of(node: Node, loc: Sequence[int | str], place: PlaceOf, *, key: bool = False) -> Place:
    """Where the value at `loc` stands (its key, if `key`), or the nearest thing that holds it."""
    line, column = node.line, node.column
    for step, part in enumerate(loc):
        last = step == len(loc) - 1
        if key and last and part in node.keys:
            return place(*node.keys[str(part)])
        child = node.children.get(part)
        if child is None:
            break
        node = child
        line, column = node.line, node.column
    return place(line, column)
