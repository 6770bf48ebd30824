"""YAML 1.2 with places, and without what a hostile file would use.

ruamel.yaml's parser gives the events; the core schema (YAML 1.2.2 §10.3) is applied here, so
`10:45` is text, `on` is text and `2024-05-30` is text. Refused: duplicate keys, anchors and
aliases (a few lines of them expand to gigabytes), tags, more than one document, deep nesting,
more nodes than a person would write.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from golive.kernel.json import Json

_MISHAPS = (
    YAMLError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    AttributeError,
    AssertionError,
    RuntimeError,
)
"""ruamel raises plain exceptions on some malformed directives and escapes."""
_DEEPEST = 16
_MOST_NODES = 5_000
MOST_CHARACTERS = 64_000

_INT = re.compile(r"[-+]?[0-9]{1,300}")
_OCTAL = re.compile(r"0o[0-7]{1,300}")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,300}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True)
class YamlProblem(Exception):
    """`code` of a finding, its message, 0-based line and column in the YAML text."""

    code: str
    message: str
    line: int
    column: int


@dataclass(frozen=True)
class Node:
    """A value and where it stands (0-based line and column in the YAML text)."""

    value: Json
    line: int
    column: int
    raw: str = ""
    """A scalar's own characters: `1.00` stays `1.00`."""
    children: Mapping[str | int, Node] = field(default_factory=dict)
    keys: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Where each key of a mapping stands."""


def read(text: str) -> Node:
    """The one document in `text`. YamlProblem for everything else."""
    if len(text) > MOST_CHARACTERS:
        said = f"{len(text):,} characters of YAML; at most {MOST_CHARACTERS:,} are read"
        raise YamlProblem("yaml-too-large", said, 0, 0)
    try:
        return _Reader(iter(YAML(typ="safe", pure=True).parse(text))).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(str(error.problem or error.context or "not YAML").split())
        raise YamlProblem(
            "yaml-syntax", said, mark.line if mark else 0, mark.column if mark else 0
        ) from error
    except _MISHAPS as error:
        said = (str(error) or "not YAML").splitlines()[0]
        raise YamlProblem("yaml-syntax", said, 0, 0) from error


class _Reader:
    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._nodes = 0

    def document(self) -> Node:
        node: Node | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent) and node is not None:
                _refuse("yaml-syntax", "more than one YAML document", event)
            if not isinstance(event, DocumentStartEvent | DocumentEndEvent) and _is_node(event):
                node = self._node(event, 0)
        return node or Node(None, 0, 0)

    def _node(self, event: Any, depth: int) -> Node:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            _refuse("yaml-too-large", f"more than {_MOST_NODES:,} values", event)
        if depth > _DEEPEST:
            _refuse("yaml-too-deep", f"nested more than {_DEEPEST} levels deep", event)
        if isinstance(event, AliasEvent) or event.anchor:
            _refuse("yaml-alias", "anchors and aliases (`&`, `*`) aren't accepted", event)
        if event.tag is not None:
            _refuse("yaml-tag", f"tags (`{event.tag}`) aren't accepted", event)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(event, depth)
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, depth)
        return _scalar(event)

    def _sequence(self, start: Any, depth: int) -> Node:
        children: dict[str | int, Node] = {}
        while not isinstance(event := next(self._events), SequenceEndEvent):
            children[len(children)] = self._node(event, depth + 1)
        value = [child.value for child in children.values()]
        return Node(value, start.start_mark.line, start.start_mark.column, children=children)

    def _mapping(self, start: Any, depth: int) -> Node:
        children: dict[str | int, Node] = {}
        keys: dict[str, tuple[int, int]] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(event, ScalarEvent):
                _refuse("yaml-syntax", "a key must be a plain word", event)
            if key.raw in keys:
                _refuse("yaml-duplicate-key", f"the key `{key.raw}` stands here twice", event)
            keys[key.raw] = (key.line, key.column)
            children[key.raw] = self._node(next(self._events), depth + 1)
        value = {str(name): child.value for name, child in children.items()}
        return Node(value, start.start_mark.line, start.start_mark.column, "", children, keys)


def _is_node(event: Any) -> bool:
    return isinstance(event, AliasEvent | ScalarEvent | SequenceStartEvent | MappingStartEvent)


def _scalar(event: ScalarEvent) -> Node:
    raw = str(event.value)
    plain = bool(event.implicit[0])
    value = _resolve(raw, event) if plain else raw
    return Node(value, event.start_mark.line, event.start_mark.column, raw)


def _resolve(raw: str, event: ScalarEvent) -> Json:
    if raw in _WORDS:
        return _WORDS[raw]
    if _INT.fullmatch(raw):
        return int(raw)
    if _OCTAL.fullmatch(raw):
        return int(raw[2:], 8)
    if _HEX.fullmatch(raw):
        return int(raw[2:], 16)
    if _FLOAT.fullmatch(raw):
        number = float(raw)
        if not math.isfinite(number):
            _refuse("wrong-value", "this number is too large", event)
        return number
    return raw


def _refuse(code: str, message: str, event: Any) -> NoReturn:
    raise YamlProblem(code, message, event.start_mark.line, event.start_mark.column)
