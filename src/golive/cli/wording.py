"""What the command line adds to the words of a run: colours, and the commands that answer."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from golive.rehearsal.board import Board, BoardItem, unvouched
from golive.rehearsal.brought import seen_at
from golive.rehearsal.wording import clean, clock_time, listing, zone

STYLES: Mapping[str, str] = {
    "running": "bold cyan",
    "waiting": "bold yellow",
    "passed": "green",
    "failed": "bold red",
    "refused": "bold red",
    "expired": "bold red",
    "aborted": "red",
    "skipped": "yellow",
    "open": "yellow",
    "pending": "dim",
}
"""Colour only repeats what mark and words say."""


def request_lines(board: Board, item: BoardItem) -> Sequence[str]:
    """Who is asked for what, in whose words, and the command that answers."""
    waiting = item.waiting
    who = ", ".join(map(clean, listing(waiting.get("by"))))
    persons = waiting.get("persons")
    several = f", {persons} persons" if isinstance(persons, int) and persons > 1 else ""
    until = clock_time(str(waiting.get("until") or ""), zone(board))
    by = f", by {until}" if until else ""
    want = str(waiting.get("want") or "confirm")
    command = {"upload": "attach", "sign": "confirm", "decide": "retry"}.get(want, want)
    file = " FILE" if command == "attach" else ""
    text = clean(waiting.get("text") or item.title)
    lines = [
        f"for {who}{several}: {want} {item.id}{by}",
        text,
        f'{program()} {command} {board.rehearsal} {item.id}{file} --as PERSON --comment "…"',
    ]
    for one in unvouched(item):
        place = seen_at(Path(board.rehearsal) / "unvouched", one["sha256"], one["path"])
        lines += [
            f"and for anybody but {clean(one['by'])} to look at {clean(place)}: "
            "does it hold personal data? If not:",
            f"{program()} vouch {board.rehearsal} {item.id} --digest {one['sha256'][:12]} "
            '--as PERSON --comment "…"',
        ]
    return lines


def program() -> str:
    """How `golive` is called from here: by its name where that is on PATH, else by where it is."""
    own = Path(sys.prefix) / "bin" / "golive"
    if shutil.which("golive") or not own.exists():
        return "golive"
    return shlex.quote(near(str(own)))


def near(path: str) -> str:
    """`path` relative to here, where that is shorter."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
