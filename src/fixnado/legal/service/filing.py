"""Writing versions, publishing them, and reading what is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fixnado.legal import store
from fixnado.legal.errors import Incomplete, NoSuchDocument, NoSuchVersion, VersionTaken
from fixnado.legal.model import (
    Current,
    Metadata,
    Publication,
    Version,
    next_label,
    read,
    sha256,
    tidy,
)
from fixnado.platform.access import Principal
from fixnado.platform.database import UnitOfWork
from fixnado.platform.ids import new_id


@dataclass(frozen=True)
class Draft:
    """A version as somebody writes it. What it doesn't state is as in the version before."""

    label: str | None = None
    content: str | None = None
    metadata: Metadata = field(default_factory=Metadata)
    summary: str = ""


@dataclass(frozen=True)
class Filed:
    """A version with what became of it."""

    version: Version
    publications: tuple[Publication, ...]
    current: bool


def add_version(unit: UnitOfWork, principal: Principal, slug: str, draft: Draft) -> Filed:
    """File a version; VersionTaken for a label that is in use, Malformed where it is no document.

    What the draft leaves out comes from what is published, or else from the latest version.
    """
    latest = store.latest_version(unit, slug)
    base = _base(unit, slug) or latest
    content = tidy(draft.content) if draft.content is not None else (base.content if base else "")
    read(content)
    label = draft.label or _free_label(unit, slug, latest)
    if store.has_label(unit, slug, label):
        raise VersionTaken(label)
    version = Version(
        id=new_id(),
        slug=slug,
        number=latest.number + 1 if latest else 1,
        label=label,
        content=content,
        content_sha256=sha256(content),
        metadata=draft.metadata.over(base.metadata) if base else draft.metadata,
        created_by=principal.user_id,
        created_at=unit.now,
        summary=draft.summary,
    )
    store.add_version(unit, version)
    return Filed(version, (), current=False)


def versions(unit: UnitOfWork, slug: str) -> list[Filed]:
    """Every version, newest first; NoSuchDocument where there is none."""
    found = store.versions_of(unit, slug)
    if not found:
        raise NoSuchDocument(slug)
    return _filed(found, store.publications_of(unit, slug))


def version(unit: UnitOfWork, slug: str, version_id: str) -> Filed:
    found = store.version(unit, slug, version_id)
    if found is None:
        raise NoSuchVersion
    return _filed([found], store.publications_of(unit, slug))[0]


def publish(unit: UnitOfWork, principal: Principal, slug: str, version_id: str) -> Filed:
    """Make a version the one that people read; Incomplete where metadata is missing.

    An earlier version may be published again: it comes back exactly as it was. Publishing what is
    published already changes nothing.
    """
    found = version(unit, slug, version_id)
    if lacking := found.version.metadata.lacking():
        raise Incomplete(lacking)
    if found.current:
        return found
    number = 1 + max((one.number for one in store.publications_of(unit, slug)), default=0)
    publication = Publication(new_id(), slug, number, version_id, principal.user_id, unit.now)
    store.add_publication(unit, publication)
    return version(unit, slug, version_id)


def current(unit: UnitOfWork, slug: str) -> Current:
    """What is published, without its words: cheap; NoSuchDocument where nothing is."""
    found = store.currents(unit, slug)
    if not found:
        raise NoSuchDocument(slug)
    return found[0]


def words(unit: UnitOfWork, published: Current) -> Version:
    """The published version with its words."""
    return version(unit, published.publication.slug, published.publication.version_id).version


def import_version(unit: UnitOfWork, version: Version, publication: Publication) -> None:
    """Add a version that was published before this database was."""
    store.add_version(unit, version)
    store.add_publication(unit, publication)


def _base(unit: UnitOfWork, slug: str) -> Version | None:
    published = store.currents(unit, slug)
    return store.version(unit, slug, published[0].publication.version_id) if published else None


def _free_label(unit: UnitOfWork, slug: str, latest: Version | None) -> str:
    label = next_label(latest.label if latest else None)
    while store.has_label(unit, slug, label):
        label = next_label(label)
    return label


def _filed(found: Sequence[Version], published: Sequence[Publication]) -> list[Filed]:
    now = published[-1].version_id if published else None
    return [
        Filed(
            one,
            tuple(each for each in published if each.version_id == one.id),
            current=one.id == now,
        )
        for one in found
    ]
