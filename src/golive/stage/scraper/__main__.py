"""`python -m golive.stage.scraper FOLDER`: scrape both sides every second, until ended."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from golive.stage.layout import Layout
from golive.stage.scraper.fetch import Side
from golive.stage.scraper.tape import Tape
from golive.stage.settings import SIDES, load

_EVERY = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Never ends by itself but for a folder without settings (1)."""
    parser = argparse.ArgumentParser(prog="golive.stage.scraper")
    parser.add_argument("folder", type=Path)
    layout = Layout(parser.parse_args(arguments).folder)
    settings = load(layout)
    if settings is None:
        return 1
    layout.scraped.parent.mkdir(mode=0o700, exist_ok=True)
    sides = [Side(name, settings.ports[name]) for name in SIDES]
    with Tape(layout.scraped) as tape:
        _scrape(tape, sides)
    return 0


def _scrape(tape: Tape, sides: Sequence[Side]) -> None:
    """Until the process is ended."""
    due = time.monotonic()
    while True:
        for side in sides:
            exposed = side.scrape()
            tape.keep(time.time(), side.name, exposed)
        due = max(due + _EVERY, time.monotonic())  # behind time, none is made up for
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    sys.exit(main())
