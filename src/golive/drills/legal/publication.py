"""The documents as everybody reads them, held against the desk of those who publish them."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from golive.drillkit.attempts import attempted
from golive.drills.legal.metadata import findings
from golive.drills.legal.params import Ctx, pages
from golive.kernel.json import Json, JsonObject
from golive.ports.legal_pages import LegalDocument, LegalPages, LegalVersion


@dataclass(frozen=True)
class _Published:
    """A document with what the desk says of the version that it is."""

    document: LegalDocument
    current: LegalVersion | None
    words: str
    """The current version's, from the desk."""


def publication(ctx: Ctx) -> Json:
    """Read every document and the audit, keep them, then judge."""
    market = pages(ctx)
    found = {slug: _read(ctx, market, slug) for slug in ctx.params.documents}
    present = {slug: one for slug, one in found.items() if one is not None}
    today = ctx.clock.now().date()
    lacks = {slug: findings(one.document.raw, today) for slug, one in present.items()}
    document: JsonObject = {
        "readAt": ctx.clock.now().isoformat(),
        "documents": {slug: _told(one, lacks[slug]) for slug, one in present.items()},
        "absent": [slug for slug, one in found.items() if one is None],
    }
    ctx.save_json("documents", document, fidelity=market.fidelity)
    _audit(ctx, market, {slug: one.document.version for slug, one in present.items()})
    for slug, one in present.items():
        _judge(ctx, slug, one)
    said = [f"{slug}: {why}" for slug, whys in lacks.items() for why in whys]
    ctx.at_most(
        "metadata_findings",
        "every document states who owns it, since when it holds, and when it is reviewed next",
        0,
        len(said) if present else None,
        unit="findings",
        detail="; ".join(said),
    )
    return {slug: _memo(one) for slug, one in present.items()}


def _read(ctx: Ctx, market: LegalPages, slug: str) -> _Published | None:
    document = attempted(
        ctx,
        f"published-{slug}",
        f"{slug} is published, for visitors who aren't signed in",
        lambda: market.legal_document(slug),
    )
    if document is None:
        return None
    desk = attempted(
        ctx,
        f"desk-{slug}",
        f"the desk says which version of {slug} is the published one",
        lambda: _current(ctx, market, slug),
    )
    current, words = desk or (None, "")
    return _Published(document, current, words)


def _current(ctx: Ctx, market: LegalPages, slug: str) -> tuple[LegalVersion | None, str]:
    session = market.login(ctx.params.role)
    versions = market.legal_versions(session, slug)
    current = next((one for one in versions if one.current), None)
    return current, market.legal_content(session, slug, current.id) if current else ""


def _audit(ctx: Ctx, market: LegalPages, versions: Mapping[str, str]) -> None:
    table = attempted(
        ctx,
        "audit-exported",
        "the policies' audit can be exported",
        lambda: market.legal_audit(market.login(ctx.params.role)),
    )
    if table is None:
        return
    ctx.save("audit", table, fidelity=market.fidelity)
    rows = _rows(table)
    absent: list[Json] = [
        " ".join(filter(None, (slug, versions.get(slug))))
        for slug in ctx.params.documents
        if not any({slug, versions.get(slug, slug)} <= row for row in rows)
    ]
    ctx.equals(
        "audit-complete",
        "the audit is a table in which every document has a row with its published version",
        [],
        absent,
        detail="" if rows else "it is no CSV with a header and rows",
    )


def _rows(table: bytes) -> Sequence[set[str]]:
    """The cells of each row below the header; none of anything but a CSV (RFC 4180)."""
    try:
        rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return ()
    width = len(rows[0]) if rows else 0
    whole = width > 1 and all(len(row) in (0, width) for row in rows)
    return [{cell.strip() for cell in row} for row in rows[1:]] if whole else ()


def _judge(ctx: Ctx, slug: str, one: _Published) -> None:
    document, current = one.document, one.current
    whole = bool(document.sections) and all(head and body for head, body in document.sections)
    ctx.holds(
        f"complete-{slug}",
        f"{slug} has a title, and words under every heading",
        whole and bool(document.title),
    )
    ctx.equals(
        f"hash-{slug}",
        f"the words of {slug} have the hash by which people acknowledge them",
        document.content_sha256 or None,
        _sha256(document.content) if document.content and document.content_sha256 else None,
        detail="" if document.content_sha256 else "the page gives no hash",
    )
    if current is None:
        ctx.holds(f"same-{slug}", f"what is read of {slug} is what was published", None)
        return
    same = (document.version, document.content_sha256) == (current.version, current.content_sha256)
    ctx.holds(
        f"same-{slug}",
        f"what is read of {slug} is what was published, word for word",
        same and document.content == one.words and _within(document),
        detail=f"page {document.version}, desk {current.version}",
    )


def _within(document: LegalDocument) -> bool:
    """Whether the sections that are shown are the document's own words."""
    return all(
        head in document.content and body in document.content for head, body in document.sections
    )


def _told(one: _Published, lacks: Sequence[str]) -> JsonObject:
    shown = {name: value for name, value in one.document.raw.items() if name != "sections"}
    return {
        **shown,
        "sections": [head for head, _ in one.document.sections],
        "publishedAtDesk": one.current.published_at if one.current else None,
        "findings": list(lacks),
    }


def _memo(one: _Published) -> JsonObject:
    """What acknowledgements are held against."""
    raw = one.document.raw
    rule, audience = raw.get("acknowledgement"), raw.get("audience")
    required = rule.get("required") if isinstance(rule, Mapping) else None
    published = one.current.published_at if one.current else ""
    return {
        "version": one.document.version,
        "sha256": one.document.content_sha256,
        "required": required is True,
        "audience": list(audience) if isinstance(audience, list) else [],
        "publishedAt": published or str(raw.get("publishedAt") or ""),
    }


def _sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
