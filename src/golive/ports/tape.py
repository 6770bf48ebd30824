"""The tape: scraped metrics in one append-only file, as small as a day of them can be.

A line is a JSON array. A record that a kill cut off is skipped, and so is what isn't understood.

    ["golive-tape", 1]                      whoever writes has begun: numbers count from anew
    ["series", 7, "blue", "up_total{a=\\"b\\"}"]   series 7 of side blue, as exposed
    ["scrape", 1717056000.123, "blue", [7, 42.0, …]]   values that changed; null: it is gone
    ["down", 1717056001.123, "blue"]        it did not answer; nothing is known of its series

A full tape is moved aside as `<name>.1`, the one before it is dropped, and the new one begins with
every value again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

HEADER: Final = "golive-tape"
VERSION: Final = 1
SERIES, SCRAPE, DOWN = "series", "scrape", "down"


def aside(tape: Path) -> Path:
    """Where a full tape is moved."""
    return tape.with_name(f"{tape.name}.1")
