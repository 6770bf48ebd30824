"""Findings as people read them: place, message, the source line with a caret, a suggestion."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence

from golive.kernel.json import JsonObject
from golive.playbook.model import Finding, Level

WIDTH = 80
_INDENT = "  "
_COLOURS = {Level.ERROR: "31", Level.WARNING: "33", Level.NOTE: "36"}


def show(finding: Finding, *, colour: bool = False, width: int = WIDTH) -> str:
    """A few lines, none wider than `width` unless the file's own name is."""
    place = _clean(str(finding.place))
    told = f"{place}: {finding.level.value} {finding.code}:"
    stand_in = "x" * len(told)  # one word, so that no line break falls into it
    first, *rest = textwrap.wrap(
        f"{stand_in} {_clean(finding.message)}",
        width,
        subsequent_indent=_INDENT,
        break_on_hyphens=False,
        break_long_words=False,
    )
    level = _painted(finding.level.value, _COLOURS[finding.level], colour)
    head = "\n".join([f"{place}: {level} {finding.code}:" + first[len(told) :], *rest])
    lines = [head, *_excerpt(finding, width, colour)]
    if finding.suggestion:
        lines += textwrap.wrap(
            f"→ {_clean(finding.suggestion)}",
            width,
            initial_indent=_INDENT,
            subsequent_indent=_INDENT * 2,
            break_on_hyphens=False,
            break_long_words=False,
        )
    return "\n".join(lines)


def summary(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning, 8 notes`."""
    counts = [(level, sum(one.level is level for one in findings)) for level in Level]
    return ", ".join(f"{count} {level.value}{'' if count == 1 else 's'}" for level, count in counts)


def as_json(finding: Finding) -> JsonObject:
    return {
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "level": finding.level.value,
        "code": finding.code,
        "message": finding.message,
        "source": finding.source,
        "suggestion": finding.suggestion,
    }


def _excerpt(finding: Finding, width: int, colour: bool) -> Sequence[str]:
    """The source line, cut around the place, and a caret below it."""
    source = _clean(finding.source)
    if not source.strip():
        return []
    room = width - len(_INDENT) - 1  # the caret may stand behind the last character
    at = min(finding.place.column - 1, len(source))
    begin = max(0, min(at - room // 2, len(source) - room))
    cut = source[begin : begin + room]
    if begin:
        cut = "…" + cut[1:]
    if begin + room < len(source):
        cut = cut[:-1] + "…"
    caret = sum(_cells(one) for one in cut[: at - begin])
    return [_INDENT + cut, _INDENT + " " * caret + _painted("^", "1", colour)]


def _cells(character: str) -> int:
    """How many columns of a terminal a character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _clean(text: str) -> str:
    """`text` without what would move a terminal's cursor; one character stays one."""
    return "".join(
        " " if one == "\t" else "\ufffd" if unicodedata.category(one) in ("Cc", "Cf") else one
        for one in text
    )


def _painted(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
