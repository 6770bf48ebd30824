"""`golive.ports.legal_pages.LegalPages` over the service's HTTP contract."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from golive.adapters.fixnado_http.reading import Calls, listed, objects, text
from golive.adapters.fixnado_http.wire import Reply, redacted
from golive.kernel.errors import PortError
from golive.kernel.json import JsonObject
from golive.ports.legal_pages import LegalDocument, LegalVersion
from golive.ports.marketplace import Session


class LegalPagesCalls(Calls):
    """The legal routes, for `FixnadoMarketplace`."""

    def legal_document(self, slug: str) -> LegalDocument:
        said = self._open(f"/legal/{quote(slug, safe='')}").object()
        return LegalDocument(
            slug=text(said, "slug") or slug,
            title=text(said, "documentTitle"),
            version=text(said, "version"),
            version_id=text(said, "versionId"),
            content=text(said, "content"),
            content_sha256=text(said, "contentSha256").lower(),
            sections=[
                (text(one, "heading") or text(one, "title"), text(one, "body"))
                for one in objects(said.get("sections"))
            ],
            raw=said,
        )

    def legal_versions(self, session: Session, slug: str) -> Sequence[LegalVersion]:
        path = f"/admin/legal/{quote(slug, safe='')}/versions"
        return [
            _version(one) for one in listed(self._signed("GET", path, session), "versions", "items")
        ]

    def legal_content(self, session: Session, slug: str, version_id: str) -> str:
        path = f"/admin/legal/{quote(slug, safe='')}/versions/{quote(version_id, safe='')}"
        return text(self._signed("GET", path, session).object(), "content")

    def legal_audit(self, session: Session) -> bytes:
        return _table(self._signed("GET", "/admin/legal/audit.csv", session))

    def legal_acknowledgements(self, session: Session) -> bytes:
        return _table(self._signed("GET", "/admin/legal/acknowledgements.csv", session))


def _version(said: JsonObject) -> LegalVersion:
    return LegalVersion(
        id=text(said, "id"),
        version=text(said, "version"),
        content_sha256=text(said, "contentSha256").lower(),
        current=said.get("current") is True,
        published_at=text(said, "publishedAt"),
        raw=said,
    )


def _table(reply: Reply) -> bytes:
    """CSV; PortError, with the answer attached, where it is a page or an object."""
    if not reply.data.strip() or reply.text.lstrip()[:1] in "<{[":
        raise PortError(
            "the answer is no table",
            where=reply.where,
            hint="is this the service itself, or a proxy's page?",
            answer=redacted(reply.text),
        )
    return reply.data
