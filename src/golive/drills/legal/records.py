"""Who owes an acknowledgement of what, and who has given it, from the service's table. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from golive.kernel.json import Json, JsonObject

_NEEDED = ("person_id", "policy", "state", "version", "content_sha256")
CLAIMED = "current"
"""The state by which the service says that an acknowledgement counts."""


class NoTable(ValueError):
    """The bytes are not the table that was asked for; the message says why."""


@dataclass(frozen=True)
class InForce:
    """The published version that must be acknowledged."""

    version: str
    sha256: str
    required: bool
    audience: frozenset[str]
    """Roles; everybody in the table where it is empty."""
    published_at: str

    @classmethod
    def of(cls, said: Json) -> InForce:
        """What the publication step kept."""
        memo: JsonObject = said if isinstance(said, Mapping) else {}
        roles = memo.get("audience")
        return cls(
            version=str(memo.get("version") or ""),
            sha256=str(memo.get("sha256") or ""),
            required=memo.get("required") is True,
            audience=frozenset(map(str, roles)) if isinstance(roles, list) else frozenset(),
            published_at=str(memo.get("publishedAt") or ""),
        )


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

    def holds(self, document: InForce) -> bool:
        """Bound to the very words that are in force; what the service calls it doesn't matter."""
        return (self.version, self.sha256) == (document.version, document.sha256) != ("", "")


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


def owed(
    standings: Sequence[Standing], documents: Mapping[str, InForce]
) -> Mapping[str, Sequence[Standing]]:
    """By person: their standing towards each document that they must acknowledge."""
    found: dict[str, list[Standing]] = {}
    for one in standings:
        document = documents.get(one.policy)
        if document is None or not document.required:
            continue
        if not document.audience or one.role in document.audience:
            found.setdefault(one.person, []).append(one)
    return found


def wrongly_claimed(
    standings: Sequence[Standing], documents: Mapping[str, InForce]
) -> Sequence[Standing]:
    """Those that the service counts, though they are of other words."""
    return [
        one
        for one in standings
        if one.state == CLAIMED and one.policy in documents and not one.holds(documents[one.policy])
    ]
