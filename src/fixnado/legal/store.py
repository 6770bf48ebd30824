"""Documents, publications and acknowledgements in the database.

Rows of the first two tables never change: triggers refuse it, whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    RowMapping,
    String,
    Table,
    func,
    select,
)
from sqlalchemy import Text as SqlText

from fixnado.legal.model import (
    Acknowledgement,
    AckRule,
    Current,
    Frequency,
    Governance,
    Metadata,
    Publication,
    Version,
)
from fixnado.platform.access import Role
from fixnado.platform.database import UnitOfWork, UtcMoment, metadata
from fixnado.platform.streaming import stream

versions = Table(
    "legal_versions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("slug", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("label", String(32), nullable=False),
    Column("content", SqlText, nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("owner", String(200)),
    Column("effective_date", Date),
    Column("jurisdiction", String(200)),
    Column("contact", String(200)),
    Column("audience", String(400), nullable=False),
    Column("ack_required", Boolean),
    Column("ack_frequency", String(32)),
    Column("ack_channel", String(64)),
    Column("ack_due_within_hours", Integer),
    Column("ack_reminder_cadence", String(200)),
    Column("next_review_due", Date),
    Column("review_cadence", String(200)),
    Column("approver", String(200)),
    Column("last_reviewed", Date),
    Column("summary", String(200), nullable=False),
    Column("created_by", String(36), ForeignKey("users.id"), nullable=False),
    Column("created_at", UtcMoment, nullable=False),
)
publications = Table(
    "legal_publications",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("slug", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("version_id", String(36), ForeignKey("legal_versions.id"), nullable=False),
    Column("published_by", String(36), ForeignKey("users.id"), nullable=False),
    Column("published_at", UtcMoment, nullable=False),
)
acknowledgements = Table(
    "legal_acknowledgements",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("slug", String(64), nullable=False),
    Column("user_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("version_id", String(36), ForeignKey("legal_versions.id"), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("acknowledged_at", UtcMoment, nullable=False),
)
_WITHOUT_WORDS = [column for column in versions.c if column.name != "content"]


def add_version(unit: UnitOfWork, version: Version) -> None:
    stated = version.metadata
    row = {
        "id": version.id,
        "slug": version.slug,
        "number": version.number,
        "label": version.label,
        "content": version.content,
        "content_sha256": version.content_sha256,
        "owner": stated.owner,
        "effective_date": stated.effective_date,
        "jurisdiction": stated.jurisdiction,
        "contact": stated.contact,
        "audience": " ".join(role.value for role in stated.audience),
        "summary": version.summary,
        "created_by": version.created_by,
        "created_at": version.created_at,
        **_rule_row(stated.acknowledgement),
        **_governance_row(stated.governance),
    }
    unit.connection.execute(versions.insert().values(row))


def versions_of(unit: UnitOfWork, slug: str) -> list[Version]:
    """Newest first."""
    query = select(versions).where(versions.c.slug == slug).order_by(versions.c.number.desc())
    return [_version(row) for row in unit.connection.execute(query).mappings()]


def latest_version(unit: UnitOfWork, slug: str) -> Version | None:
    query = select(versions).where(versions.c.slug == slug)
    newest = query.order_by(versions.c.number.desc()).limit(1)
    row = unit.connection.execute(newest).mappings().first()
    return _version(row) if row else None


def version(unit: UnitOfWork, slug: str, version_id: str) -> Version | None:
    query = select(versions).where(versions.c.id == version_id, versions.c.slug == slug)
    row = unit.connection.execute(query).mappings().first()
    return _version(row) if row else None


def has_label(unit: UnitOfWork, slug: str, label: str) -> bool:
    query = select(versions.c.id).where(versions.c.slug == slug, versions.c.label == label)
    return unit.connection.execute(query).first() is not None


def add_publication(unit: UnitOfWork, publication: Publication) -> None:
    unit.connection.execute(publications.insert().values(**vars(publication)))


def publications_of(unit: UnitOfWork, slug: str) -> list[Publication]:
    """Oldest first; the last one is the one that counts."""
    query = select(publications).where(publications.c.slug == slug)
    rows = unit.connection.execute(query.order_by(publications.c.number)).mappings()
    return [Publication(**row) for row in rows]


def slugs(unit: UnitOfWork) -> list[str]:
    """Of every document with a version, published or not, by name."""
    query = select(versions.c.slug).distinct().order_by(versions.c.slug)
    return list(unit.connection.execute(query).scalars())


def currents(unit: UnitOfWork, slug: str | None = None) -> list[Current]:
    """What is published, without the words: of one document, or of all, by name."""
    last = select(publications.c.slug, func.max(publications.c.number).label("number"))
    newest = last.group_by(publications.c.slug).subquery()
    own = [column.label(f"p_{column.name}") for column in publications.c]
    query = (
        select(*own, *_WITHOUT_WORDS)
        .join(versions, versions.c.id == publications.c.version_id)
        .join(
            newest,
            (newest.c.slug == publications.c.slug) & (newest.c.number == publications.c.number),
        )
        .order_by(publications.c.slug)
    )
    if slug is not None:
        query = query.where(publications.c.slug == slug)
    return [_current(row) for row in unit.connection.execute(query).mappings()]


def add_acknowledgement(unit: UnitOfWork, given: Acknowledgement) -> None:
    row = {name: value for name, value in vars(given).items() if name != "version"}
    unit.connection.execute(acknowledgements.insert().values(row))


def import_acknowledgements(unit: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        unit.connection.execute(acknowledgements.insert(), list(rows))


def acknowledgements_of(
    unit: UnitOfWork, user_ids: Sequence[str], slug: str | None = None
) -> list[Acknowledgement]:
    """What these people have acknowledged, oldest first."""
    query = (
        select(acknowledgements, versions.c.label.label("version"))
        .join(versions, versions.c.id == acknowledgements.c.version_id)
        .where(acknowledgements.c.user_id.in_(user_ids))
        .order_by(acknowledgements.c.acknowledged_at, acknowledgements.c.id)
    )
    if slug is not None:
        query = query.where(acknowledgements.c.slug == slug)
    return [Acknowledgement(**row) for row in unit.connection.execute(query).mappings()]


def stream_acknowledgements(unit: UnitOfWork, user_id: str) -> Iterator[RowMapping]:
    """Everything that one person has acknowledged, oldest first."""
    query = (
        select(acknowledgements, versions.c.label.label("version"))
        .join(versions, versions.c.id == acknowledgements.c.version_id)
        .where(acknowledgements.c.user_id == user_id)
        .order_by(acknowledgements.c.acknowledged_at, acknowledgements.c.id)
    )
    return stream(unit, query)


def count_acknowledgements(unit: UnitOfWork, user_id: str | None) -> int:
    """Those of one person, or of everybody."""
    query = select(func.count()).select_from(acknowledgements)
    if user_id is not None:
        query = query.where(acknowledgements.c.user_id == user_id)
    return int(unit.connection.execute(query).scalar_one())


def _rule_row(rule: AckRule | None) -> dict[str, Any]:
    if rule is None:
        return {}
    return {
        "ack_required": rule.required,
        "ack_frequency": rule.frequency.value,
        "ack_channel": rule.channel,
        "ack_due_within_hours": rule.due_within_hours,
        "ack_reminder_cadence": rule.reminder_cadence,
    }


def _governance_row(governance: Governance | None) -> dict[str, Any]:
    return dict(vars(governance)) if governance else {}


def _metadata(row: RowMapping) -> Metadata:
    return Metadata(
        owner=row["owner"],
        effective_date=row["effective_date"],
        jurisdiction=row["jurisdiction"],
        contact=row["contact"],
        audience=tuple(Role(name) for name in row["audience"].split()),
        acknowledgement=_rule(row) if row["ack_required"] is not None else None,
        governance=_governance(row, row["next_review_due"]),
    )


def _rule(row: RowMapping) -> AckRule:
    return AckRule(
        required=row["ack_required"],
        frequency=Frequency(row["ack_frequency"]),
        channel=row["ack_channel"],
        due_within_hours=row["ack_due_within_hours"],
        reminder_cadence=row["ack_reminder_cadence"],
    )


def _governance(row: RowMapping, next_review_due: date | None) -> Governance | None:
    if next_review_due is None:
        return None
    return Governance(
        next_review_due=next_review_due,
        review_cadence=row["review_cadence"],
        approver=row["approver"],
        last_reviewed=row["last_reviewed"],
    )


def _version(row: RowMapping) -> Version:
    return Version(
        id=row["id"],
        slug=row["slug"],
        number=row["number"],
        label=row["label"],
        content=row["content"],
        content_sha256=row["content_sha256"],
        metadata=_metadata(row),
        created_by=row["created_by"],
        created_at=row["created_at"],
        summary=row["summary"],
    )


def _current(row: RowMapping) -> Current:
    return Current(
        publication=Publication(**{one.name: row[f"p_{one.name}"] for one in publications.c}),
        label=row["label"],
        content_sha256=row["content_sha256"],
        metadata=_metadata(row),
        created_at=row["created_at"],
    )
