"""What a line of the playbook amounts to, by the items of the sections that it links to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from golive.drillkit.records import ItemRecord, Outcome
from golive.playbook.model import Claim, DrillBlock, Item, Playbook
from golive.report.wording import Badge, many

MET = Badge("good", "✔", "met")
NOT_MET = Badge("bad", "✘", "not met")
OPEN = Badge("open", "◇", "open")
NOT_SHOWN = Badge("open", "?", "not shown")

_WRONG = (Outcome.FAILED, Outcome.REFUSED, Outcome.EXPIRED, Outcome.ABORTED)


def standing(
    playbook: Playbook, claim: Claim, items: Mapping[str, ItemRecord], kept: frozenset[str]
) -> tuple[Badge, str]:
    """A badge and why. `kept` are the vault's paths."""
    behind = playbook.behind(claim.links)
    missing = [one.path for one in claim.files if one.path not in kept]
    if not behind and not claim.files:
        return NOT_SHOWN, "it links to nothing that was carried out"
    drills = [one for one in behind if isinstance(one, DrillBlock)]
    people = [one for one in behind if not isinstance(one, DrillBlock)]
    wrong = [one for one in behind if _outcome(items, one) in _WRONG]
    if wrong:
        names = ", ".join(one.drill if isinstance(one, DrillBlock) else one.text for one in wrong)
        return NOT_MET, f"did not pass: {names}"
    told = _told(drills, people, items, missing)
    unrun = [one for one in drills if _outcome(items, one) is not Outcome.PASSED]
    if not (unrun or missing or _waiting(drills, people, items)):
        return MET, told
    return (NOT_SHOWN if unrun else OPEN), told


def _told(
    drills: Sequence[DrillBlock],
    people: Sequence[Item],
    items: Mapping[str, ItemRecord],
    missing: Sequence[str],
) -> str:
    passed = sum(_outcome(items, one) is Outcome.PASSED for one in drills)
    waiting = _waiting(drills, people, items)
    parts = []
    if drills:
        parts.append(f"{passed} of {many(len(drills), 'drill')} passed")
    if people and not waiting:
        parts.append(f"{many(len(people), 'human item')} done")
    if waiting:
        parts.append(f"{many(waiting, 'human item')} open")
    if missing:
        parts.append(f"not in the vault: {', '.join(missing)}")
    return "; ".join(parts) or "every file named is in the vault"


def _waiting(
    drills: Sequence[DrillBlock], people: Sequence[Item], items: Mapping[str, ItemRecord]
) -> int:
    """Human tasks and approvals that nobody has given."""
    return sum(_outcome(items, one) is not Outcome.PASSED for one in people) + sum(
        one.approve is not None and not approved(items.get(one.id)) for one in drills
    )


def approved(record: ItemRecord | None) -> bool:
    return record is not None and any(act.action == "approve" for act in record.acts)


def _outcome(items: Mapping[str, ItemRecord], item: Item) -> Outcome | None:
    record = items.get(item.id)
    return record.outcome if record else None
