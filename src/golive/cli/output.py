"""How a run's events reach the screen: one JSON event a line, a live board, or plain lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from golive.kernel.json import JsonObject
from golive.kernel.text import clean

Watcher = Callable[[JsonObject], None]

EXIT_CODES = {"ready": 0, "not-ready": 1, "incomplete": 3}


@contextmanager
def watching(as_json: bool, past: Iterable[JsonObject] = ()) -> Iterator[Watcher]:
    """A watcher for `--json`, or for people. `past` is what the run's journal holds already."""
    if as_json:
        yield print_event
        return
    from golive.cli.terminal import showing

    with showing(past) as watcher:
        yield watcher


def print_event(event: JsonObject) -> None:
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def exit_code(verdict: JsonObject) -> int:
    """What the command ends with: 0 ready, 1 not ready, 3 incomplete."""
    return EXIT_CODES[str(verdict["verdict"])]


def tell_stamp(verdict: JsonObject, *, as_json: bool) -> None:
    """When the seal was there, where a time stamp authority was asked; or why that isn't known."""
    if "timestamp_problem" in verdict:
        sys.stderr.write(f"golive: {clean(verdict['timestamp_problem'])}\n")
    elif "timestamp" in verdict and not as_json:
        sys.stdout.write(f"time stamp {verdict['timestamp']}\n")
