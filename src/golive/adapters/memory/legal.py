"""The legal pages of the memory target: documents in two versions, and who acknowledged which."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from golive.adapters.memory.world import Fault, World
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.ports.legal_pages import LegalDocument, LegalVersion
from golive.ports.marketplace import Refused, Session

_TITLES: Mapping[str, str] = {
    "refund-policy": "Refund Policy",
    "community-guidelines": "Community Guidelines",
    "about-fixnado": "About",
    "fixnado-faq": "Questions",
}
_REQUIRED = ("refund-policy", "community-guidelines")
_DESK = ("legal", "admin")
_COLUMNS = (
    "person_id,email,name,role,policy,state,version,content_sha256,acknowledged_at,channel,"
    "published_version,published_content_sha256"
)


@dataclass
class LegalBooks:
    """State of the legal pages. A test may change it."""

    people: int = 120
    """Providers, each of whom owes an acknowledgement of every document that asks for one."""
    outdated_every: int = 10
    missing_every: int = 15

    def words(self, slug: str, version: str) -> str:
        return f"# {_TITLES[slug]}\n\n## What it says\n\nVersion {version} of {slug}.\n"


class MemoryLegal(ABC):
    """`golive.ports.legal_pages.LegalPages`, for `MemoryMarketplace`."""

    url: str
    _world: World
    _legal: LegalBooks

    @abstractmethod
    def _serve(self, route: str, session: Session | None = None) -> None:
        """Answer an ordinary request, or raise what it comes to."""

    def legal_document(self, slug: str) -> LegalDocument:
        self._world.call("marketplace.legal_document")
        self._serve("GET /v1/legal")
        content = self._words(slug, "2.0")
        body = content.partition("\n\n## What it says\n\n")[2].strip()
        return LegalDocument(
            slug=slug,
            title=_TITLES[slug],
            version="2.0",
            version_id=f"{slug}-2.0",
            content=content,
            content_sha256=_sha256(content),
            sections=[("What it says", body)],
            raw=self._raw(slug),
        )

    def legal_versions(self, session: Session, slug: str) -> Sequence[LegalVersion]:
        self._desk("legal_versions", session)
        return [
            LegalVersion(
                id=f"{slug}-{version}",
                version=version,
                content_sha256=_sha256(self._words(slug, version)),
                current=version == "2.0",
                published_at=self._ago(10),
                raw={},
            )
            for version in ("2.0", "1.0")
        ]

    def legal_content(self, session: Session, slug: str, version_id: str) -> str:
        self._desk("legal_content", session)
        return self._words(slug, version_id.rpartition("-")[2])

    def legal_audit(self, session: Session) -> bytes:
        self._desk("legal_audit", session)
        lines = [f"{self._ago(10)},published,{slug},2.0" for slug in _TITLES]
        return "\n".join(["at,event,policy,version", *lines, ""]).encode()

    def legal_acknowledgements(self, session: Session) -> bytes:
        self._desk("legal_acknowledgements", session)
        lines = [
            self._line(slug, number) for number in range(self._legal.people) for slug in _REQUIRED
        ]
        return "\n".join([_COLUMNS, *lines, ""]).encode()

    def _line(self, slug: str, number: int) -> str:
        person = f"person-{number:03d}"
        who = f"{person},{person}@rehearsal.fixnado.example,Person {number},provider,{slug}"
        hashes = {version: _sha256(self._words(slug, version)) for version in ("1.0", "2.0")}
        now = f"2.0,{hashes['2.0']}"
        if number % self._legal.missing_every == 1:
            return f"{who},missing,,,,,{now}"
        if number % self._legal.outdated_every == 2:
            state = "current" if self._world.has(Fault.ACK_WRONG_VERSION) else "outdated"
            return f"{who},{state},1.0,{hashes['1.0']},{self._ago(40)},web,{now}"
        return f"{who},current,2.0,{hashes['2.0']},{self._ago(5)},web,{now}"

    def _raw(self, slug: str) -> JsonObject:
        required = slug in _REQUIRED
        today = self._world.clock.now().date()
        said: dict[str, Json] = {
            "documentTitle": _TITLES[slug],
            "version": "2.0",
            "owner": "General Counsel",
            "effectiveDate": (today - timedelta(days=10)).isoformat(),
            "lastUpdated": self._ago(12),
            "publishedAt": self._ago(10),
            "jurisdiction": "England and Wales",
            "contact": "legal@rehearsal.fixnado.example",
            "audience": ["provider"],
            "statusLabel": "Published",
            "acknowledgement": {
                "required": required,
                "frequency": "each-version",
                "channel": "web" if required else "none",
                "dueWithinHours": 72 if required else None,
                "reminderCadence": "every day" if required else "none",
            },
            "governance": {"nextReviewDue": (today + timedelta(days=300)).isoformat()},
        }
        if slug == "refund-policy" and self._world.has(Fault.LEGAL_METADATA_MISSING):
            said |= {"owner": None, "governance": None}
        return said

    def _desk(self, route: str, session: Session) -> None:
        self._world.call(f"marketplace.{route}")
        self._serve(route, session)
        if session.role not in _DESK:
            raise Refused("answered 403", status=403, where=f"{self.url} {route}")

    def _words(self, slug: str, version: str) -> str:
        if slug not in _TITLES:
            raise Refused("answered 404", status=404, where=f"{self.url} /v1/legal/{slug}")
        return self._legal.words(slug, version)

    def _ago(self, days: int) -> str:
        return rfc3339(self._world.clock.now() - timedelta(days=days))


def _sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
