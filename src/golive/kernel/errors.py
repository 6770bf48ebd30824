"""The one family of errors that reaches a person."""

from __future__ import annotations


class GoliveError(Exception):
    """Something that a person must be told: what happened, where, and what to do next.

    `exit_code` is what the command line ends with: 2 for bad input, unless a subclass says other.
    """

    exit_code: int = 2

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.hint:
            lines.append(f"  → {self.hint}")
        return "\n".join(lines)


class BadInput(GoliveError):
    """A file, option or value that Golive was given and can't use. Nothing was changed."""


class PortError(GoliveError):
    """Something outside did not do what was asked. Adapters raise this and nothing else.

    `answer` holds what the other side said, already redacted, for the evidence.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "", answer: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.answer = answer


class Unreachable(PortError):
    """No answer at all: refused, timed out, name unknown, certificate not trusted."""


class NotConfigured(PortError):
    """The target file names no such part."""
