"""Files that the vault must hold, and who leaves them there."""

from __future__ import annotations

from collections.abc import Mapping

from golive.playbook.findings import Findings, nearest
from golive.playbook.lint.facts import Facts
from golive.playbook.model import Activity, Claim, FileRef, HumanKind, HumanTask

_OWN = "golive/"
"""Where the rehearsal's own papers lie: verdict, facts, journal."""


def check(facts: Facts, findings: Findings) -> None:
    _leave_own(facts, findings)
    made = _made(facts, findings)
    for activity in facts.playbook.activities:
        for file in activity.files:
            if _key(file.path) not in made and not _uploads(activity):
                _unmade(facts, file, findings)
    runs = _run_sections(facts)
    for claim in _claims(facts):
        for file in claim.files:
            if _key(file.path) not in made:
                _unmade(facts, file, findings)
        if claim.checked and not _proven(claim, runs, made):
            findings.add(
                "checked-without-evidence",
                claim.place,
                f"`{claim.text[:60]}` bears a check mark, and nothing that runs stands behind it",
                "link it to the section whose drills or tasks produce it",
            )


def _key(path: str) -> str:
    """Paths that differ by case alone are one: some file systems can't tell them apart."""
    return path.casefold()


def _leave_own(facts: Facts, findings: Findings) -> None:
    """No drill and no person writes where Golive does: one of the two would be lost."""
    left = [(one.path, one.place) for one in facts.outputs]
    rows = (row for row in facts.playbook.activities if row.id in facts.by_hand)
    left += [(file.path, file.place) for row in rows for file in row.files]
    for path, place in left:
        if _key(path).startswith(_OWN):
            findings.add(
                "bad-path",
                place,
                f"`{path}` would lie among Golive's own papers",
                "give it, or the section that it is named after, another name",
            )


def _made(facts: Facts, findings: Findings) -> Mapping[str, str]:
    """Path to the item that leaves it; two of them are one too many."""
    made: dict[str, str] = {}
    for output in facts.outputs:
        other = made.setdefault(_key(output.path), output.item)
        if other != output.item:
            findings.add(
                "written-twice",
                output.place,
                f"`{output.path}` is already written by `{other}`",
                "give one of them another name with `save`, or another step to upload",
            )
    for activity in facts.playbook.activities:
        step = facts.by_hand.get(activity.id)
        if step is None:
            continue
        for file in activity.files:
            other = made.setdefault(_key(file.path), step.id)
            if other != step.id and other.startswith("row-"):
                row = other.rpartition("/")[0]
                findings.add(
                    "written-twice", file.place, f"`{file.path}` is already left by `{row}`"
                )
    return made


def _uploads(activity: Activity) -> bool:
    """Whether somebody is asked for a file that isn't named: it may be this one."""
    return any(
        isinstance(item, HumanTask) and item.kind is HumanKind.UPLOAD and not item.files
        for item in activity.items
    )


def _unmade(facts: Facts, file: FileRef, findings: Findings) -> None:
    name = file.path.rpartition("/")[2]
    defaults = {output.path.rpartition("/")[2]: output for output in facts.outputs}
    near = defaults.get(name)
    hint = f"`{near.item}` leaves `{near.path}`: rename it with `save`" if near else ""
    findings.add(
        "no-producer",
        file.place,
        f"nothing leaves `{file.path}` in the vault",
        hint
        or nearest(file.path, [output.path for output in facts.outputs])
        or "a drill's `save`, or a task `- [ ] … (upload: `…`)`, would",
    )


def _claims(facts: Facts) -> list[Claim]:
    book = facts.playbook
    signed = [signoff.claim for signoff in book.signoffs]
    return [*book.evidence, *(risk.mitigation for risk in book.risks), *signed]


def _run_sections(facts: Facts) -> set[str]:
    """Sections of which a row runs something, and every section around those."""
    sections = facts.playbook.sections
    found: set[str] = set()
    for activity in facts.playbook.activities:
        for item in activity.items:
            at: str | None = item.section or None
            while at is not None and at not in found:
                found.add(at)
                at = sections[at].parent if at in sections else None
    return found


def _proven(claim: Claim, runs: set[str], made: Mapping[str, str]) -> bool:
    return any(link in runs for link in claim.links) or any(
        _key(file.path) in made for file in claim.files
    )
