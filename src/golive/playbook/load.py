"""Reads a playbook's file."""

from __future__ import annotations

from pathlib import Path

from golive.kernel.errors import BadInput
from golive.playbook.model import Level
from golive.playbook.parse import NOT_YET, Parsed, parse
from golive.playbook.source import MOST_BYTES

_HINTS = {
    "not-text": "a playbook is a Markdown file in UTF-8",
    "empty": "a playbook has at least a timeline: docs/playbook-format.md shows one",
    "too-large": "one rehearsal is one playbook; split it",
}


def load(path: Path, *, rehearsal: str = NOT_YET) -> Parsed:
    """Parse the file at `path`.

    BadInput: no such file, a folder, not readable, empty, too large, not text.
    """
    parsed = parse(read(path), str(path), rehearsal=rehearsal)
    for one in parsed.findings:
        if parsed.playbook is None and one.level is Level.ERROR and one.code in _HINTS:
            raise BadInput(one.message, where=str(one.place), hint=_HINTS[one.code])
    return parsed


def read(path: Path) -> bytes:
    """The file's bytes, at most one more than may be parsed. BadInput where it can't be read."""
    try:
        if path.is_dir():
            raise BadInput("this is a folder", where=str(path), hint="name the Markdown file in it")
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise BadInput("there is no such file", where=str(path)) from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise BadInput(f"it can't be read: {why}", where=str(path)) from error
