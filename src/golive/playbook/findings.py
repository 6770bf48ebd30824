"""Collects findings, a bounded number of each kind: a hostile file must not flood its reader."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence

from golive.playbook.codes import CODES
from golive.playbook.model import Finding, Place

_OF_ONE_CODE = 100
_CANDIDATES = 400
_NAME = 60


class Findings:
    """Findings on one file. `lines` are its source lines, for showing."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._found: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def add(self, code: str, place: Place, message: str, suggestion: str = "") -> None:
        """Note `code` (one of `CODES`) at `place`. Beyond a hundred of a code they are counted."""
        self._counts[code] += 1
        if self._counts[code] <= _OF_ONE_CODE:
            source = self._lines[place.line - 1] if place.line <= len(self._lines) else ""
            self._found.append(Finding(CODES[code], code, message, place, source, suggestion))

    def all(self) -> tuple[Finding, ...]:
        """In order of place; what was only counted is told by the code's last finding."""
        last: dict[str, int] = {one.code: at for at, one in enumerate(self._found)}
        told = list(self._found)
        for code, count in self._counts.items():
            if count > _OF_ONE_CODE:
                one = told[last[code]]
                more = f"{one.message} (and {count - _OF_ONE_CODE} more of this kind)"
                told[last[code]] = Finding(
                    one.level, code, more, one.place, one.source, one.suggestion
                )
        return tuple(sorted(told, key=lambda one: (one.place.line, one.place.column)))


def nearest(name: str, candidates: Iterable[str]) -> str:
    """`did you mean …?` with up to three candidates, or "". Bounded work, whatever the input."""
    known = {one.lower(): one for one in list(candidates)[:_CANDIDATES]}
    close = difflib.get_close_matches(name[:_NAME].lower(), [k[:_NAME] for k in known], n=3)
    names = [f"`{known[one]}`" for one in close if one in known]
    return f"did you mean {' or '.join(names)}?" if names else ""
