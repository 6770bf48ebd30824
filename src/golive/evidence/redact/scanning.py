"""Reading a document piece by piece, with what a finding becomes in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from golive.evidence.redact.model import mark
from golive.evidence.redact.rules import Rules

_LONGEST = 128 * 1024
"""Characters that no finding is longer than: the longest private key."""


@dataclass(frozen=True)
class Change:
    """`text[start:end]` becomes `new`; `reasons` are pairs of kind and why, for the log."""

    start: int
    end: int
    new: str
    reasons: Sequence[tuple[str, str]]


class Scanner(Protocol):
    """Reads one document; keeps its place between pieces."""

    def feed(self, text: str, final: bool) -> tuple[Sequence[Change], int]:
        """What must change in `text`, and how many characters of it have been dealt with. The rest
        comes again with the next piece. After the `final` one nothing is left."""
        ...


@dataclass
class TextScanner:
    """Text without a structure. What may stand across two pieces is left for the next."""

    rules: Rules

    def feed(self, text: str, final: bool) -> tuple[Sequence[Change], int]:
        limit = len(text) if final else len(text) - _LONGEST
        if limit <= 0:
            return (), 0
        spans = self.rules.spans(text)
        cut = limit if final else (text.rfind("\n", 0, limit) + 1 or limit)
        for span in spans:
            if span.context < cut < span.end:
                cut = span.context or span.end
        return [
            Change(span.start, span.end, mark(span.kind), [(span.kind, span.why)])
            for span in spans
            if span.end <= cut
        ], cut
