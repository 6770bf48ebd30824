"""What a command said, for people."""

from __future__ import annotations

from golive.ports.commands import CommandResult


def output(result: CommandResult) -> str:
    """Standard output, then standard error; bytes that aren't UTF-8 are replaced."""
    parts = (part.decode("utf-8", "replace").strip("\n") for part in (result.stdout, result.stderr))
    return "\n".join(part for part in parts if part)


def last_lines(words: str, lines: int) -> str:
    return "\n".join(words.splitlines()[-lines:])


def ending(result: CommandResult) -> str:
    ended = "ran out of time" if result.exit_code is None else f"ended with {result.exit_code}"
    return f"{ended} after {result.seconds:.1f} s"
