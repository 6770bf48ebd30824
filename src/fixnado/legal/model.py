"""Documents in versions. A version never changes; publishing one points at it and nothing else."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from fixnado.legal.errors import Malformed
from fixnado.platform.access import Role

DUE_SOON: Final = timedelta(days=30)
YEAR: Final = timedelta(days=365)


class Frequency(StrEnum):
    """How often the same person acknowledges."""

    EACH_VERSION = "each-version"
    ANNUAL = "annual"
    """Each version, and the same one again after 365 days."""


class Health(StrEnum):
    HEALTHY = "healthy"
    SCHEDULED = "scheduled"
    REVIEW_DUE = "review-due"
    REVIEW_OVERDUE = "review-overdue"
    INCOMPLETE = "incomplete"


class Standing(StrEnum):
    """How a person stands towards what is published."""

    CURRENT = "current"
    OUTDATED = "outdated"
    EXPIRED = "expired"
    MISSING = "missing"


@dataclass(frozen=True)
class Section:
    id: str
    heading: str
    body: str


@dataclass(frozen=True)
class AckRule:
    """Whether, how and by when people acknowledge a document."""

    required: bool
    frequency: Frequency
    channel: str
    due_within_hours: int | None
    reminder_cadence: str


@dataclass(frozen=True)
class Governance:
    next_review_due: date
    review_cadence: str
    approver: str
    last_reviewed: date


@dataclass(frozen=True)
class Metadata:
    """Everything about a document beside its words. None and empty mean: not stated."""

    owner: str | None = None
    effective_date: date | None = None
    jurisdiction: str | None = None
    contact: str | None = None
    audience: tuple[Role, ...] = ()
    acknowledgement: AckRule | None = None
    governance: Governance | None = None

    def over(self, earlier: Metadata) -> Metadata:
        """This metadata, with what it doesn't state taken from `earlier`."""
        stated = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(earlier, **{name: value for name, value in stated.items() if value})

    def lacking(self) -> tuple[str, ...]:
        """What must be stated before a document may be published, by its name on the wire."""
        names = {"effective_date": "effectiveDate"}
        return tuple(
            names.get(one.name, one.name) for one in fields(self) if not getattr(self, one.name)
        )


@dataclass(frozen=True)
class Version:
    id: str
    slug: str
    number: int
    """1, 2, … within its document."""
    label: str
    content: str
    """Markdown: one title, then sections under headings of the second level."""
    content_sha256: str
    """Of `content` in UTF-8."""
    metadata: Metadata
    created_by: str
    created_at: datetime
    summary: str
    """What changed, for the audit."""


@dataclass(frozen=True)
class Publication:
    """The moment at which a version became the one that people read."""

    id: str
    slug: str
    number: int
    version_id: str
    published_by: str
    published_at: datetime


@dataclass(frozen=True)
class Current:
    """What is published under a slug, without its words: enough to answer whether it changed."""

    publication: Publication
    label: str
    content_sha256: str
    metadata: Metadata
    created_at: datetime


@dataclass(frozen=True)
class Acknowledgement:
    id: str
    slug: str
    user_id: str
    version_id: str
    version: str
    content_sha256: str
    channel: str
    acknowledged_at: datetime


_TITLE: Final = re.compile(r"\A# +(?P<title>\S[^\n]*)\n")
_HEADING: Final = re.compile(r"^## +(?P<heading>\S[^\n]*)$", re.MULTILINE)
TITLE_LIMIT: Final = 200


def sha256(content: str) -> str:
    """The name by which a person says which words they have acknowledged."""
    return hashlib.sha256(content.encode()).hexdigest()


def tidy(content: str) -> str:
    """`content` with plain line ends and one at its end, so that equal words have equal hashes."""
    return content.replace("\r\n", "\n").replace("\r", "\n").strip() + "\n"


def read(content: str) -> tuple[str, tuple[Section, ...]]:
    """Title and sections of a tidy text; Malformed where it has none."""
    title = _TITLE.match(content)
    if title is None or len(title["title"]) > TITLE_LIMIT:
        raise Malformed(f"the first line must be `# Title`, of {TITLE_LIMIT} characters at most")
    found = list(_HEADING.finditer(content))
    if not found:
        raise Malformed("there is no section: each begins with a line `## Heading`")
    ends = [one.start() for one in found[1:]] + [len(content)]
    sections = [
        (one["heading"].strip(), content[one.end() : end].strip())
        for one, end in zip(found, ends, strict=True)
    ]
    for heading, body in sections:
        if not body:
            raise Malformed(f"the section `{heading[:80]}` is empty")
    return title["title"].strip(), _numbered(sections)


def _numbered(sections: list[tuple[str, str]]) -> tuple[Section, ...]:
    """Each section with an anchor that is its own, also where two headings are the same."""
    numbered: dict[str, Section] = {}
    for heading, body in sections:
        anchor = re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") or "section"
        number = 1
        unique = anchor
        while unique in numbered:
            number += 1
            unique = f"{anchor}-{number}"
        numbered[unique] = Section(unique, heading, body)
    return tuple(numbered.values())


def next_label(latest: str | None) -> str:
    """`1.0` for a first version; after `2.3` comes `2.4`."""
    if latest is None:
        return "1.0"
    head, _, last = latest.rpartition(".")
    return f"{head}.{int(last) + 1}" if head and last.isdecimal() else f"{latest}.1"


def health(metadata: Metadata, today: date) -> Health:
    """How a published document stands on `today`, its worst trouble first."""
    if metadata.lacking() or metadata.governance is None or metadata.effective_date is None:
        return Health.INCOMPLETE
    due = metadata.governance.next_review_due
    if due < today:
        return Health.REVIEW_OVERDUE
    if metadata.effective_date > today:
        return Health.SCHEDULED
    return Health.REVIEW_DUE if due - today <= DUE_SOON else Health.HEALTHY


STATUS_LABELS: Final = {
    Health.HEALTHY: "Published",
    Health.SCHEDULED: "Published, not yet in effect",
    Health.REVIEW_DUE: "Published, review due soon",
    Health.REVIEW_OVERDUE: "Published, review overdue",
    Health.INCOMPLETE: "Published, metadata incomplete",
}


def standing(current: Current, latest: Acknowledgement | None, now: datetime) -> Standing:
    """How a person whose latest acknowledgement of a document is `latest` stands towards it."""
    if latest is None:
        return Standing.MISSING
    same = latest.version_id == current.publication.version_id
    if not same or latest.content_sha256 != current.content_sha256:
        return Standing.OUTDATED
    rule = current.metadata.acknowledgement
    annual = rule is not None and rule.frequency is Frequency.ANNUAL
    if annual and now - latest.acknowledged_at >= YEAR:
        return Standing.EXPIRED
    return Standing.CURRENT
