"""A run on the screen: a live board on a terminal, plain lines elsewhere, the verdict after both.

`NO_COLOR` takes the colours away (every mark is a letter or a word as well); `TERM=dumb` and pipes
get plain lines.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.text import Text

from golive.cli.boardview import BoardView
from golive.cli.lines import lines
from golive.cli.wording import near, program
from golive.kernel.json import JsonObject
from golive.rehearsal.board import Board
from golive.rehearsal.journal import Watcher
from golive.rehearsal.wording import clean, listing

_REDRAWS = 8
"""A second."""
_REASONS = 20

_WORDS = {"ready": "bold green", "not-ready": "bold red", "incomplete": "bold yellow"}


@contextmanager
def showing(past: Iterable[JsonObject] = ()) -> Iterator[Watcher]:
    """A watcher that shows a run while it goes on. `past` is what happened before this process."""
    console = _console()
    board = Board()
    for event in past:
        board.apply(event)
    live = console.is_terminal and not console.is_dumb_terminal
    screen = _live(console, board) if live else _plain(console, board)
    with screen as watcher:
        yield watcher
    if board.verdict:
        show_verdict(board.verdict, console)


def show_board(board: Board, *, running: bool) -> None:
    """The board once, whole: `golive status`."""
    console = _console()
    if board.state == "running" and not running:
        board.state = "interrupted"
    console.print(BoardView(board, datetime.now(UTC), console).whole())
    if board.verdict:
        show_verdict(board.verdict, console)
    elif board.state == "interrupted":
        console.print(Text(f"It goes on with: {program()} resume {board.rehearsal}"))


def show_verdict(verdict: JsonObject, console: Console | None = None) -> None:
    """The verdict, each reason with its place and what would change it, and where the vault is."""
    console = console or _console()

    def say(text: str, columns: int = 0, style: str = "") -> None:
        if console.is_terminal:
            console.print(Padding(Text(text, style=style), (0, 0, 0, columns), expand=False))
        else:  # a pipe has no width to wrap at
            console.print(Text(" " * columns + text), soft_wrap=True)

    console.print()
    style = _WORDS.get(str(verdict["verdict"]), "bold")
    say(clean(verdict["headline"]), 0, style)
    listed = [one for one in listing(verdict["reasons"]) if isinstance(one, Mapping)]
    for reason in listed[:_REASONS]:
        say(f"{_place(reason)}: {clean(reason['text'])}", 2)
        if reason["change"]:
            owner = f"{clean(reason['owner'])}: " if reason["owner"] else ""
            say(f"→ {owner}{clean(reason['change'])}", 4, "dim")
    if len(listed) > _REASONS:
        say(f"and {len(listed) - _REASONS} more: see golive/verdict.json", 2)
    for note in listing(verdict.get("notes")):
        say(f"note: {clean(note)}", 2)
    if verdict.get("vault"):
        vault = near(str(verdict["vault"]))
        # Unwrapped, so that it can be copied.
        console.print(Text(f"vault  {vault}"), soft_wrap=True)
        console.print(Text(f'check  {program()} verify "{vault}"'), soft_wrap=True)


@contextmanager
def _live(console: Console, board: Board) -> Iterator[Watcher]:
    lock = threading.Lock()

    def draw() -> RenderableType:
        with lock:
            return BoardView(board, datetime.now(UTC), console).fitting()

    def watch(event: JsonObject) -> None:
        with lock:
            _take(board, event)

    with Live(console=console, get_renderable=draw, refresh_per_second=_REDRAWS) as live:
        try:
            yield watch
        finally:
            live.refresh()


@contextmanager
def _plain(console: Console, board: Board) -> Iterator[Watcher]:
    lock = threading.Lock()

    def watch(event: JsonObject) -> None:
        with lock:
            if _take(board, event):
                for line in lines(board, event):
                    console.print(Text(line), soft_wrap=True)
                console.file.flush()

    yield watch


def _take(board: Board, event: JsonObject) -> bool:
    """Whether the board could take `event` in. One that speaks of a row it doesn't know (a newer
    journal) isn't shown; it mustn't end the run."""
    try:
        board.apply(event)
    except KeyError:
        return False
    return True


def _console() -> Console:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal without these letters shows a question mark rather than ending the run.
        sys.stdout.reconfigure(errors="replace")
    return Console(highlight=False, emoji=False, markup=False)


def _place(reason: JsonObject) -> str:
    return f"{clean(reason['file'])}:{reason['line']}"
