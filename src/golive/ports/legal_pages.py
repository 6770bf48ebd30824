"""What legal has published, and who has acknowledged it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from golive.kernel.json import JsonObject
from golive.ports.marketplace import Marketplace, Session


@dataclass(frozen=True)
class LegalDocument:
    """A published document as everybody reads it; "" for what it doesn't say."""

    slug: str
    title: str
    version: str
    version_id: str
    content: str
    """The whole as text; "" where the page gives only sections."""
    content_sha256: str
    sections: Sequence[tuple[str, str]]
    """Heading and body."""
    raw: JsonObject


@dataclass(frozen=True)
class LegalVersion:
    """A version on the desk of those who write and publish."""

    id: str
    version: str
    content_sha256: str
    current: bool
    published_at: str
    raw: JsonObject


@runtime_checkable
class LegalPages(Marketplace, Protocol):
    """One way in, with its documents."""

    def legal_document(self, slug: str) -> LegalDocument:
        """What `/legal/:slug` serves to a visitor who isn't signed in."""
        ...

    def legal_versions(self, session: Session, slug: str) -> Sequence[LegalVersion]: ...

    def legal_content(self, session: Session, slug: str, version_id: str) -> str:
        """The words of a version, from the desk."""
        ...

    def legal_audit(self, session: Session) -> bytes:
        """CSV of everything written and published."""
        ...

    def legal_acknowledgements(self, session: Session) -> bytes:
        """CSV of who has acknowledged what, and who owes it."""
        ...
