"""The completion report that the people's learning system would give, in Moodle's own shape.

The learning system is somebody else's: what it says is made from the same people and days as the
seeded acknowledgements, to the minute and in London's time, as its reports are.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from fixnado.legal.service.tables import ACKNOWLEDGEMENT_COLUMNS, acknowledgement_rows
from fixnado.platform.database import Database

COURSES: Final = {
    "refund-policy": "Refund policy",
    "community-guidelines": "Community guidelines",
}
_ZONE: Final = ZoneInfo("Europe/London")
_DATE: Final = "%d/%m/%y, %H:%M"


def write(database: Database, path: Path) -> int:
    """Write the report, for this user alone; how many learners it names."""
    header = ["Full name", "Email address"]
    for title in COURSES.values():
        header += [title, f"{title} - Completion date"]
    rows = list(_rows(database))
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return len(rows)


def _rows(database: Database) -> Iterator[list[str]]:
    learners: dict[str, tuple[str, dict[str, str]]] = {}
    for row in acknowledgement_rows(database, None):
        said = dict(zip(ACKNOWLEDGEMENT_COLUMNS, row, strict=True))
        if said["policy"] not in COURSES:
            continue
        _, completed = learners.setdefault(said["email"], (said["name"], {}))
        # the last row of a person and policy is their standing
        completed[said["policy"]] = said["acknowledged_at"] if _in_force(said) else ""
    for email, (name, completed) in sorted(learners.items()):
        cells = [cell for slug in COURSES for cell in _state(completed.get(slug, ""))]
        yield [name, email, *cells]


def _in_force(said: Mapping[str, str]) -> bool:
    """A course is reset when its policy is published anew."""
    mine = (said["version"], said["content_sha256"])
    return mine == (said["published_version"], said["published_content_sha256"])


def _state(at: str) -> tuple[str, str]:
    if not at:
        return "Not completed", ""
    return "Completed", datetime.fromisoformat(at).astimezone(_ZONE).strftime(_DATE)
