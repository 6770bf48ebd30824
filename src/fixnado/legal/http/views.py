"""Documents on the wire."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import Field, StringConstraints

from fixnado.legal.model import STATUS_LABELS, Current, Metadata, Version, health, read
from fixnado.legal.service import Filed
from fixnado.platform.access import Role
from fixnado.platform.moments import Moment
from fixnado.platform.wire import PLAIN_TEXT, Incoming, Line, Outgoing

Slug = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Label = Annotated[
    str, StringConstraints(min_length=1, max_length=24, pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]*$")
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200_000, pattern=PLAIN_TEXT)]
FrequencyName = Literal["each-version", "annual"]


class AckRuleView(Outgoing):
    required: bool
    frequency: str
    channel: str
    due_within_hours: int | None
    reminder_cadence: str


class GovernanceView(Outgoing):
    next_review_due: date
    review_cadence: str
    approver: str
    last_reviewed: date


class MetadataView(Outgoing):
    owner: str | None
    effective_date: date | None
    jurisdiction: str | None
    contact: str | None
    audience: tuple[str, ...]
    acknowledgement: AckRuleView | None
    governance: GovernanceView | None


class SectionView(Outgoing):
    id: str
    heading: str
    body: str


class DocumentView(MetadataView):
    slug: str
    document_title: str
    version: str
    version_id: str
    last_updated: Moment
    """When these words were written. Publishing them again doesn't change it."""
    published_at: Moment
    status_label: str
    health: str
    content: str
    """The whole as Markdown: what `contentSha256` is the hash of, in UTF-8."""
    content_sha256: str
    sections: tuple[SectionView, ...]


class VersionSummary(MetadataView):
    id: str
    slug: str
    number: int
    version: str
    document_title: str
    content_sha256: str
    summary: str
    created_by: str
    created_at: Moment
    published_at: Moment | None
    """When it was published last."""
    published_by: str | None
    publications: int
    current: bool
    lacking: tuple[str, ...]
    """What must be stated before it can be published."""


class VersionDetail(VersionSummary):
    content: str
    sections: tuple[SectionView, ...]


class VersionList(Outgoing):
    versions: tuple[VersionSummary, ...]


class NewRule(Incoming):
    required: bool
    frequency: FrequencyName = "each-version"
    channel: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PLAIN_TEXT)]
    due_within_hours: Annotated[int, Field(ge=1, le=24 * 366)] | None = None
    reminder_cadence: Line


class NewGovernance(Incoming):
    next_review_due: date
    review_cadence: Line
    approver: Line
    last_reviewed: date


class NewVersion(Incoming):
    """What is left out is as in the published version."""

    version: Label | None = None
    content: Words | None = None
    owner: Line | None = None
    effective_date: date | None = None
    jurisdiction: Line | None = None
    contact: Line | None = None
    audience: Annotated[tuple[Role, ...], Field(max_length=12)] = ()
    acknowledgement: NewRule | None = None
    governance: NewGovernance | None = None
    summary: Annotated[str, StringConstraints(max_length=200, pattern=PLAIN_TEXT)] = ""


class NewAcknowledgement(Incoming):
    version: Label
    content_sha256: Sha256
    channel: Literal["web", "mobile", "in-person"] = "web"


class AcknowledgementView(Outgoing):
    id: str
    slug: str
    user_id: str
    version: str
    content_sha256: str
    channel: str
    acknowledged_at: Moment


class DutyView(Outgoing):
    slug: str
    version: str
    content_sha256: str
    standing: str
    due_within_hours: int | None
    acknowledged_version: str | None
    acknowledged_at: Moment | None


class DutyList(Outgoing):
    acknowledgements: tuple[DutyView, ...]


def document(published: Current, version: Version, today: date) -> DocumentView:
    """What is published, as people read it on `today`."""
    title, sections = read(version.content)
    state = health(published.metadata, today)
    return DocumentView(
        **metadata(published.metadata),
        slug=published.publication.slug,
        document_title=title,
        version=published.label,
        version_id=version.id,
        last_updated=published.created_at,
        published_at=published.publication.published_at,
        status_label=STATUS_LABELS[state],
        health=state.value,
        content=version.content,
        content_sha256=published.content_sha256,
        sections=tuple(SectionView.model_validate(one) for one in sections),
    )


def summary(filed: Filed) -> VersionSummary:
    one = filed.version
    last = filed.publications[-1] if filed.publications else None
    return VersionSummary(
        **metadata(one.metadata),
        id=one.id,
        slug=one.slug,
        number=one.number,
        version=one.label,
        document_title=read(one.content)[0],
        content_sha256=one.content_sha256,
        summary=one.summary,
        created_by=one.created_by,
        created_at=one.created_at,
        published_at=last.published_at if last else None,
        published_by=last.published_by if last else None,
        publications=len(filed.publications),
        current=filed.current,
        lacking=one.metadata.lacking(),
    )


def detail(filed: Filed) -> VersionDetail:
    _, sections = read(filed.version.content)
    return VersionDetail(
        **dict(summary(filed)),
        content=filed.version.content,
        sections=tuple(SectionView.model_validate(one) for one in sections),
    )


def metadata(stated: Metadata) -> dict[str, Any]:
    return dict(MetadataView.model_validate(stated))
