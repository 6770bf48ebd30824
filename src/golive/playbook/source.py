"""The document's bytes as lines of text, and places in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from golive.playbook.model import Place

MOST_BYTES = 8_000_000
"""A playbook is written by people; 10,000 rows are about one megabyte."""
_NEWLINE = re.compile(r"\r\n?|\n")
_BOM = "\ufeff"


@dataclass(frozen=True)
class Source:
    """`lines` without their ends, whatever kind of end they had (CommonMark 0.31 §2.1)."""

    file: str
    lines: tuple[str, ...]

    def place(self, line: int, column: int = 0) -> Place:
        """Of 0-based `line` and `column`, kept within the file."""
        row = min(max(line, 0), len(self.lines) - 1)
        return Place(self.file, row + 1, min(max(column, 0), len(self.lines[row])) + 1)


@dataclass(frozen=True)
class Unreadable:
    """Why bytes are no playbook: a finding's code and message, and where."""

    code: str
    message: str
    place: Place


def decode(data: bytes, file: str) -> Source | Unreadable:
    """UTF-8 text, with or without a byte order mark."""
    start = Place(file, 1, 1)
    if len(data) > MOST_BYTES:
        size = f"{len(data) / 1e6:.1f} MB, and a playbook may have {MOST_BYTES / 1e6:.0f} MB"
        return Unreadable("too-large", f"the file has {size}", start)
    if b"\0" in data:
        return Unreadable("not-text", "the file holds NUL bytes: it isn't text", _at(data, 0, file))
    try:
        text = data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        return Unreadable(
            "not-text", f"the file isn't UTF-8: {error.reason}", _at(data, error.start, file)
        )
    if not text.strip():
        return Unreadable("empty", "the file is empty", start)
    return Source(file, tuple(_NEWLINE.split(text)))


def _at(data: bytes, offset: int, file: str) -> Place:
    before = data[: offset or data.find(b"\0")]
    lines = _NEWLINE.split(before.decode("utf-8", "replace").removeprefix(_BOM))
    return Place(file, len(lines), len(lines[-1]) + 1)
