"""A marketplace's table of who has acknowledged which document in which words. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_NEEDED = ("person_id", "policy", "state", "version", "content_sha256")


class NoTable(ValueError):
    """The bytes are not the table that was asked for; the message says why."""


@dataclass(frozen=True)
class Standing:
    """How one person stands towards one document: their last line in the table."""

    person: str
    email: str
    role: str
    policy: str
    state: str
    version: str
    sha256: str
    at: str

    def bound_to(self, version: str, sha256: str) -> bool:
        """To just these words; what the service calls it doesn't matter."""
        return (self.version, self.sha256) == (version, sha256) != ("", "")


def read(content: bytes) -> Sequence[Standing]:
    """The last line of every person and document; NoTable where it is another table."""
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        missing = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
        if missing:
            raise NoTable(f"the table has no column {', '.join(missing)}")
        last = {(row["person_id"], row["policy"]): _standing(row) for row in rows}
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoTable(f"it is no CSV: {error}") from error
    return list(last.values())


def _standing(row: Mapping[str, str | None]) -> Standing:
    def cell(name: str) -> str:
        return row.get(name) or ""

    return Standing(
        person=cell("person_id"),
        email=cell("email").casefold(),
        role=cell("role"),
        policy=cell("policy"),
        state=cell("state"),
        version=cell("version"),
        sha256=cell("content_sha256").lower(),
        at=cell("acknowledged_at"),
    )
