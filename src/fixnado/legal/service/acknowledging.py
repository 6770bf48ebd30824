"""Who has acknowledged what, and who still owes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fixnado.legal import store
from fixnado.legal.errors import NothingToAcknowledge, NotWhatIsPublished
from fixnado.legal.model import Acknowledgement, Current, Standing, standing
from fixnado.legal.service.filing import current
from fixnado.platform.access import Principal
from fixnado.platform.database import UnitOfWork
from fixnado.platform.ids import new_id


@dataclass(frozen=True)
class Duty:
    """How one person stands towards one published document."""

    current: Current
    standing: Standing
    latest: Acknowledgement | None


def acknowledge(
    unit: UnitOfWork, principal: Principal, slug: str, label: str, content_sha256: str, channel: str
) -> Acknowledgement:
    """Bind the caller to the published version and its content.

    NotWhatIsPublished where they name another version or hash than the published one. Who has
    acknowledged it already, and needn't again, gets what they gave.
    """
    published = current(unit, slug)
    rule = published.metadata.acknowledgement
    if rule is None or not rule.required:
        raise NothingToAcknowledge(slug)
    if (label, content_sha256) != (published.label, published.content_sha256):
        raise NotWhatIsPublished(published.label)
    earlier = _latest(store.acknowledgements_of(unit, [principal.user_id], slug))
    if earlier and standing(published, earlier, unit.now) is Standing.CURRENT:
        return earlier
    given = Acknowledgement(
        id=new_id(),
        slug=slug,
        user_id=principal.user_id,
        version_id=published.publication.version_id,
        version=label,
        content_sha256=content_sha256,
        channel=channel,
        acknowledged_at=unit.now,
    )
    store.add_acknowledgement(unit, given)
    return given


def acknowledged(unit: UnitOfWork, user_id: str, slug: str) -> Acknowledgement | None:
    """The last acknowledgement of a document that this person gave, asked for or not."""
    return _latest(store.acknowledgements_of(unit, [user_id], slug))


def duties(unit: UnitOfWork, principal: Principal) -> list[Duty]:
    """What the caller's role is asked to acknowledge, and how they stand towards it."""
    given = store.acknowledgements_of(unit, [principal.user_id])
    found = []
    for published in store.currents(unit):
        rule = published.metadata.acknowledgement
        if rule and rule.required and principal.role in published.metadata.audience:
            own = [one for one in given if one.slug == published.publication.slug]
            latest = _latest(own)
            found.append(Duty(published, standing(published, latest, unit.now), latest))
    return found


def import_acknowledgements(unit: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add many acknowledgements at once."""
    store.import_acknowledgements(unit, rows)


def _latest(given: Sequence[Acknowledgement]) -> Acknowledgement | None:
    return given[-1] if given else None
