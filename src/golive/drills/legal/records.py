"""Who owes an acknowledgement of what, and who has given it, from the service's table. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from golive.drillkit.acknowledgements import Standing
from golive.kernel.json import Json, JsonObject

CLAIMED = "current"
"""The state by which the service says that an acknowledgement counts."""


@dataclass(frozen=True)
class InForce:
    """The published version that must be acknowledged."""

    version: str
    sha256: str
    required: bool
    audience: frozenset[str]
    """Roles; everybody in the table where it is empty."""
    published_at: str

    def held_by(self, one: Standing) -> bool:
        """Whether it was these very words that they acknowledged."""
        return one.bound_to(self.version, self.sha256)

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
    claimed = [one for one in standings if one.state == CLAIMED and one.policy in documents]
    return [one for one in claimed if not documents[one.policy].held_by(one)]
