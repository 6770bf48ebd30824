"""The six documents, published, and who has acknowledged them: most people, some an older one."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from fixnado.identity import service as identity
from fixnado.legal import service as legal
from fixnado.legal.model import (
    AckRule,
    Frequency,
    Governance,
    Metadata,
    Publication,
    Version,
    read,
    sha256,
    tidy,
)
from fixnado.platform.access import MARKET, Role
from fixnado.platform.database import UnitOfWork
from fixnado.seed.people import DOMAIN, account_id, draw, identifier

DOCUMENTS: Final = Path(__file__).parent / "documents"
_WRITER: Final = f"policy.desk@{DOMAIN}"
_COUNSEL: Final = f"policy.counsel@{DOMAIN}"
_REVIEW_AFTER: Final = timedelta(days=365)
"""After the seeding: the one date that is not fixed, lest the rehearsal expire with it."""
_DELIVERING: Final = (
    Role.PROVIDER,
    Role.PROVIDER_ADMIN,
    Role.SERVICEMAN,
    Role.ENTERPRISE,
    Role.FINANCE,
    Role.SUPPORT,
)
_EVERYBODY: Final = (*sorted(MARKET), Role.FINANCE, Role.SUPPORT)
_CHANNELS: Final = {"web": 70, "mobile": 30}
_BOTH: Final = 0.4
_STANDING: Final = {"current": 80, "older": 9, "missing": 11}


@dataclass(frozen=True)
class _Policy:
    slug: str
    label: str
    published: datetime
    owner: str
    contact: str
    audience: tuple[Role, ...]
    required: bool
    older: str | None = None
    """The label of the version before, which lacked the sections in `added`."""
    added: tuple[str, ...] = ()
    summary: str = "First version"


def _on(month: int, day: int) -> datetime:
    return datetime(2024, month, day, 9, 0, tzinfo=UTC)


POLICIES: Final = (
    _Policy(
        "terms",
        "3.1",
        _on(4, 15),
        "General Counsel",
        "terms",
        _EVERYBODY,
        required=True,
        older="3.0",
        added=("Suspension and closing an account",),
        summary="Says how an account is suspended and how to ask for a review",
    ),
    _Policy("privacy", "2.2", _on(4, 15), "Data Protection Officer", "privacy", _EVERYBODY, False),
    _Policy(
        "refund-policy",
        "2.0",
        _on(5, 10),
        "Head of Finance Operations",
        "refunds",
        _DELIVERING,
        required=True,
        older="1.0",
        added=("Refunds by milestone", "Inspection reports"),
        summary="Refunds name the failed milestone and its inspection report",
    ),
    _Policy(
        "community-guidelines",
        "1.1",
        _on(5, 13),
        "Head of Community",
        "community",
        _DELIVERING,
        required=True,
        older="1.0",
        added=("Asking for a review of a decision",),
        summary="Says how to ask for a review of a decision",
    ),
    _Policy(
        "about-fixnado", "1.0", _on(5, 20), "Head of Communications", "hello", _EVERYBODY, False
    ),
    _Policy("fixnado-faq", "1.0", _on(5, 20), "Head of Support", "help", _EVERYBODY, False),
)


def publish(
    unit: UnitOfWork,
    rng: random.Random,
    crowd: Sequence[Mapping[str, Any]],
    sure: Sequence[Mapping[str, Any]],
    anchor: datetime,
) -> None:
    """Publish every policy as it stood at `anchor`, with acknowledgements before that moment.

    Of `crowd` most have acknowledged; the people in `sure` all have. Both are rows of accounts.
    """
    identity.import_people(unit, list(_desk(_on(1, 2))))
    for policy in POLICIES:
        versions = list(_versions(rng, policy, unit.now + _REVIEW_AFTER))
        for turn, version in enumerate(versions, 1):
            counsel = account_id(_COUNSEL)
            published = _published_at(policy, version)
            publication = Publication(
                identifier(rng), policy.slug, turn, version.id, counsel, published
            )
            legal.import_version(unit, version, publication)
        if policy.required:
            given = _acknowledged(rng, policy, versions, crowd, sure, anchor)
            legal.import_acknowledgements(unit, list(given))


def _desk(since: datetime) -> Iterator[dict[str, Any]]:
    for email, name in ((_WRITER, "Policy Desk"), (_COUNSEL, "Policy Counsel")):
        yield {
            "id": account_id(email),
            "email": email,
            "name": name,
            "phone": None,
            "role": Role.LEGAL.value,
            "region": "GB",
            "password_hash": None,
            "created_at": since,
        }


def _versions(rng: random.Random, policy: _Policy, review: datetime) -> Iterator[Version]:
    """Oldest first; the last is the published one."""
    words = tidy((DOCUMENTS / f"{policy.slug}.md").read_text("utf-8"))
    newest = Version(
        id=identifier(rng),
        slug=policy.slug,
        number=2 if policy.older else 1,
        label=policy.label,
        content=words,
        content_sha256=sha256(words),
        metadata=_metadata(policy, review),
        created_by=account_id(_WRITER),
        created_at=policy.published - timedelta(days=3),
        summary=policy.summary,
    )
    if policy.older is not None:
        before = _without(words, policy.added)
        yield replace(
            newest,
            id=identifier(rng),
            number=1,
            label=policy.older,
            content=before,
            content_sha256=sha256(before),
            metadata=replace(newest.metadata, effective_date=_earlier(policy).date()),
            created_at=_earlier(policy) - timedelta(days=3),
            summary="First version",
        )
    yield newest


def _metadata(policy: _Policy, review: datetime) -> Metadata:
    return Metadata(
        owner=policy.owner,
        effective_date=policy.published.date(),
        jurisdiction="England and Wales",
        contact=f"{policy.contact}@{DOMAIN}",
        audience=tuple(sorted(policy.audience)),
        acknowledgement=AckRule(
            required=policy.required,
            frequency=Frequency.EACH_VERSION,
            channel="web" if policy.required else "none",
            due_within_hours=72 if policy.required else None,
            reminder_cadence="every 24 hours until acknowledged" if policy.required else "none",
        ),
        governance=Governance(
            next_review_due=review.date(),
            review_cadence="every year, and within twelve months of a go-live",
            approver="General Counsel",
            last_reviewed=(policy.published - timedelta(days=2)).date(),
        ),
    )


def _earlier(policy: _Policy) -> datetime:
    """When the version before was published."""
    return policy.published - timedelta(days=90)


def _published_at(policy: _Policy, version: Version) -> datetime:
    return policy.published if version.label == policy.label else _earlier(policy)


def _without(words: str, headings: Sequence[str]) -> str:
    title, sections = read(words)
    kept = [f"## {one.heading}\n\n{one.body}" for one in sections if one.heading not in headings]
    opening = words.partition("\n## ")[0].removeprefix(f"# {title}").strip()
    return tidy("\n\n".join([f"# {title}", opening, *kept]))


def _acknowledged(
    rng: random.Random,
    policy: _Policy,
    versions: Sequence[Version],
    crowd: Sequence[Mapping[str, Any]],
    sure: Sequence[Mapping[str, Any]],
    anchor: datetime,
) -> Iterator[dict[str, Any]]:
    older, newest = versions[0], versions[-1]
    for person in crowd:
        if Role(person["role"]) not in policy.audience:
            continue
        standing = draw(rng, _STANDING)
        # of those who are up to date, some had acknowledged the version before as well
        both = standing == "current" and rng.random() < _BOTH
        if (standing == "older" or both) and person["created_at"] < policy.published:
            yield _given(rng, older, person, _earlier(policy), policy.published)
        if standing == "current":
            yield _given(rng, newest, person, policy.published, anchor)
    for person in sure:
        if Role(person["role"]) in policy.audience:
            yield _given(rng, newest, person, policy.published, anchor)


def _given(
    rng: random.Random,
    version: Version,
    person: Mapping[str, Any],
    begin: datetime,
    end: datetime,
) -> dict[str, Any]:
    since = max(begin, person["created_at"])
    return {
        "id": identifier(rng),
        "slug": version.slug,
        "user_id": person["id"],
        "version_id": version.id,
        "content_sha256": version.content_sha256,
        "channel": draw(rng, _CHANNELS),
        "acknowledged_at": since + (end - since) * rng.random(),
    }
