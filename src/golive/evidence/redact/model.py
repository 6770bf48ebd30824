"""What was found, and where; never the value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from golive.kernel.errors import GoliveError
from golive.kernel.json import JsonObject


class SecretInBinary(GoliveError):
    """A known secret lies in a file whose format would break if it were taken out."""

    exit_code = 1


UNSEARCHED = "unsearched"
"""Kind of what is told of because it could not be searched."""


@dataclass(frozen=True)
class Redaction:
    """One value that was taken out."""

    kind: str
    line: int
    """1-based, in the file as it came."""
    offset: int
    """Characters from the start of the file as it came; of the whole text where it was quoted."""
    why: str

    @property
    def is_note(self) -> bool:
        """Whether this says that something was not looked into; then nothing was taken out."""
        return self.kind == UNSEARCHED

    def to_json(self) -> JsonObject:
        return {"kind": self.kind, "line": self.line, "offset": self.offset, "why": self.why}


def unsearched(why: str) -> Redaction:
    """A note that something is kept without having been searched."""
    return Redaction(UNSEARCHED, 0, 0, why)


@dataclass(frozen=True)
class Span:
    """`text[start:end]` is to go. `context` is where what gave it away begins."""

    start: int
    end: int
    kind: str
    why: str
    context: int


def mark(kind: str) -> str:
    """What stands in its place: valid inside JSON strings, CSV cells and HTML alike."""
    return f"[redacted: {kind}]"


def merged(spans: Iterable[Span]) -> Sequence[Span]:
    """In order, without overlaps: of two that overlap, the one that begins first names the kind
    and both go."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if found and span.start < found[-1].end:
            last = found[-1]
            if span.end > last.end:
                found[-1] = Span(last.start, span.end, last.kind, last.why, last.context)
        else:
            found.append(span)
    return found


def replaced(text: str, spans: Sequence[Span]) -> str:
    """`text` with a mark in place of each span; `spans` are in order and don't overlap."""
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += [text[at : span.start], mark(span.kind)]
        at = span.end
    parts.append(text[at:])
    return "".join(parts)
