"""Acknowledgements and the audit as rows, a page at a time.

Each page has a transaction of its own, so that none waits for a slow reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fixnado.identity import service as identity
from fixnado.identity.model import Person
from fixnado.legal import store
from fixnado.legal.model import Acknowledgement, Current, Standing, read, standing
from fixnado.legal.service.filing import Filed, versions
from fixnado.platform.database import Database, UnitOfWork
from fixnado.platform.moments import rfc3339

PAGE: Final = 500
"""People per transaction."""
Row = tuple[str, ...]
ACKNOWLEDGEMENT_COLUMNS: Final = (
    "person_id",
    "email",
    "name",
    "role",
    "policy",
    "state",
    "version",
    "content_sha256",
    "acknowledged_at",
    "channel",
    "published_version",
    "published_content_sha256",
)
SUPERSEDED: Final = "superseded"
"""The state of an acknowledgement that the same person has followed with a later one."""


def acknowledgement_rows(database: Database, slug: str | None) -> Iterator[Row]:
    """Every acknowledgement, and a row for everybody who owes one and has given none.

    The last row of a person and policy bears their standing: current, outdated, expired or missing.
    """
    after = ""
    while True:
        page = database.read(lambda unit, after=after: _acknowledged(unit, slug, after))  # type: ignore[misc]
        yield from page[0]
        if page[1] is None:
            return
        after = page[1]


def _acknowledged(unit: UnitOfWork, slug: str | None, after: str) -> tuple[list[Row], str | None]:
    people = identity.page(unit, after, PAGE)
    given = store.acknowledgements_of(unit, [one.id for one in people], slug)
    by_person: dict[tuple[str, str], list[Acknowledgement]] = {}
    for one in given:
        by_person.setdefault((one.user_id, one.slug), []).append(one)
    published = store.currents(unit, slug)
    rows = [
        (person.id, person.email, person.name, person.role.value, *cells)
        for person in people
        for document in published
        for cells in _cells(
            unit,
            document,
            by_person.get((person.id, document.publication.slug), []),
            owes=_owes(document, person),
        )
    ]
    return rows, people[-1].id if len(people) == PAGE else None


def _owes(document: Current, person: Person) -> bool:
    rule = document.metadata.acknowledgement
    return bool(rule and rule.required and person.role in document.metadata.audience)


def _cells(
    unit: UnitOfWork, document: Current, given: Sequence[Acknowledgement], *, owes: bool
) -> Iterator[Row]:
    slug = document.publication.slug
    now = (document.label, document.content_sha256)
    if not given and owes:
        yield (slug, Standing.MISSING.value, "", "", "", "", *now)
    for one in given:
        last = one is given[-1]
        state = standing(document, one, unit.now).value if last else SUPERSEDED
        at = rfc3339(one.acknowledged_at)
        yield (slug, state, one.version, one.content_sha256, at, one.channel, *now)


AUDIT_COLUMNS: Final = (
    "at",
    "event",
    "policy",
    "version",
    "version_id",
    "title",
    "content_sha256",
    "actor_id",
    "owner",
    "effective_date",
    "jurisdiction",
    "contact",
    "audience",
    "acknowledgement_required",
    "next_review_due",
    "approver",
    "published_now",
    "summary",
)


def audit_rows(database: Database) -> Iterator[Row]:
    """Everything that was written and published, document by document, oldest first."""
    for slug in database.read(store.slugs):
        found = database.read(lambda unit, slug=slug: versions(unit, slug))  # type: ignore[misc]
        events = [
            (one.version.created_at, 0, _audit("version-created", one, one.version.created_by))
            for one in found
        ]
        for one in found:
            for turn, publication in enumerate(one.publications):
                name = "republished" if turn else "published"
                row = _audit(name, one, publication.published_by)
                events.append((publication.published_at, publication.number, row))
        for at, _, row in sorted(events, key=lambda event: event[:2]):
            yield (rfc3339(at), *row)


def _audit(event: str, filed: Filed, actor: str) -> Row:
    one, stated = filed.version, filed.version.metadata
    rule, governance = stated.acknowledgement, stated.governance
    return (
        event,
        one.slug,
        one.label,
        one.id,
        read(one.content)[0],
        one.content_sha256,
        actor,
        stated.owner or "",
        stated.effective_date.isoformat() if stated.effective_date else "",
        stated.jurisdiction or "",
        stated.contact or "",
        " ".join(role.value for role in stated.audience),
        "" if rule is None else ("yes" if rule.required else "no"),
        governance.next_review_due.isoformat() if governance else "",
        governance.approver if governance else "",
        "yes" if filed.current else "no",
        one.summary,
    )
