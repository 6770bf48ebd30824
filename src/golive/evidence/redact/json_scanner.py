"""JSON, read token by token and never as a tree.

A member's name says what its value is, and the result must still parse. Blanks, order, broken,
concatenated and line-by-line documents come out as they went in, but for what was taken out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from golive.evidence.redact.model import mark, replaced
from golive.evidence.redact.rules import Rules
from golive.evidence.redact.scanning import Change

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*+(?:"|$|\\$)|[-+]?\d[\w.+-]*+|[A-Za-z_]\w*+|[\[\]{},:]', re.MULTILINE
)
_COLON = re.compile(r"\s*+:")
_SHORT = 40
_MANY = 10_000
_DEEPEST = 1_000
"""Levels that are told apart; whatever is deeper counts as the deepest of them, for a file of
brackets would otherwise take a hundred times its size."""
_MARGIN = 256
"""Characters after a string in which a colon is looked for."""


@dataclass
class _Frame:
    """An object or array that is open. `key` is the member being read; `label` is what a member
    called name, key or header says, as in `{"name": "Cookie", "value": "…"}`."""

    is_object: bool
    key: str = ""
    label: str = ""


@dataclass
class JsonScanner:
    """One JSON document, or JSON lines."""

    rules: Rules
    frames: list[_Frame] = field(default_factory=lambda: [_Frame(is_object=False)])
    harmless: set[str] = field(default_factory=set)
    """Short values that were looked at and may stay: most names and words come again and again."""
    deeper: int = 0
    """Levels that are open beyond the deepest frame."""

    def feed(self, text: str, final: bool) -> tuple[Sequence[Change], int]:
        changes: list[Change] = []
        limit = len(text) if final else len(text) - _MARGIN
        for match in _TOKEN.finditer(text):
            if match.end() > limit:
                return changes, match.start()
            change = self._token(text, match.start(), match[0])
            if change:
                changes.append(change)
        return changes, max(0, limit)

    def _token(self, text: str, start: int, token: str) -> Change | None:
        first = token[0]
        if first == '"':
            return self._string(text, start, token)
        if first in "{[":
            self._open(first)
        elif first in "}]":
            self._close()
        elif first == ",":
            if self.frames[-1].is_object:
                self.frames[-1].key = ""
        elif first != ":":
            return self._scalar(start, token)
        return None

    def _open(self, bracket: str) -> None:
        if len(self.frames) > _DEEPEST:
            self.deeper += 1
        else:
            inherited = self.frames[-1].key if bracket == "[" else ""
            self.frames.append(_Frame(bracket == "{", inherited))

    def _close(self) -> None:
        if self.deeper:
            self.deeper -= 1
        elif len(self.frames) > 1:
            self.frames.pop()

    def _string(self, text: str, start: int, token: str) -> Change | None:
        value = _decoded(token)
        frame = self.frames[-1]
        end = start + len(token)
        if _COLON.match(text, end):
            frame.key = value
            return self._inside(start, end, value)
        name = frame.label if frame.key.lower() in ("value", "values") else frame.key
        if frame.is_object and frame.key.lower() in ("name", "key", "header"):
            frame.label = value
        reason = self.rules.called(name, value) if name else None
        if reason:
            return Change(start, end, json.dumps(mark(reason[0])), [reason])
        return self._inside(start, end, value)

    def _inside(self, start: int, end: int, value: str) -> Change | None:
        if value in self.harmless:
            return None
        spans = self.rules.spans(value)
        if not spans:
            if len(value) <= _SHORT and len(self.harmless) < _MANY:
                self.harmless.add(value)
            return None
        new = json.dumps(replaced(value, spans), ensure_ascii=False)
        return Change(start, end, new, [(span.kind, span.why) for span in spans])

    def _scalar(self, start: int, token: str) -> Change | None:
        """A bare number or word. By its shape alone a figure is never taken for a card's."""
        name = self.frames[-1].key
        if token in ("true", "false", "null") or not name:
            return None
        reason = self.rules.called(name, token)
        if reason is None:
            return None
        return Change(start, start + len(token), json.dumps(mark(reason[0])), [reason])


def _decoded(token: str) -> str:
    inner = token[1:-1] if token.endswith('"') and len(token) > 1 else token[1:]
    if "\\" not in inner:
        return inner
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        return inner
