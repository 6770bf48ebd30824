"""Who owns, who signs, and whether there is anybody."""

from __future__ import annotations

from collections.abc import Iterator

from golive.playbook.findings import Findings, nearest
from golive.playbook.lint.facts import Facts
from golive.playbook.model import HumanTask, Place, Playbook
from golive.playbook.people import ALL, Roster


def check(facts: Facts, findings: Findings) -> None:
    """Owners of the timeline who never sign are worth a note: is that meant?"""
    book = facts.playbook
    if not book.signoffs:
        place = book.activities[-1].place if book.activities else Place(book.file, 1)
        findings.add("no-sign-off", place, "nobody signs off: there is no sign-off section")
        return
    signs = {signoff.role.casefold() for signoff in book.signoffs}
    told: set[str] = set()
    for activity in book.activities:
        role = activity.owner.casefold()
        if role and role != ALL.casefold() and role not in signs | told:
            told.add(role)
            findings.add(
                "role-never-signs", activity.place, f"`{activity.owner}` owns rows and never signs"
            )


def check_roster(playbook: Playbook, roster: Roster, findings: Findings) -> None:
    told: set[str] = set()
    for role, place in _asked(playbook):
        if not role or role.casefold() in told:
            continue
        told.add(role.casefold())
        if not roster.holders(role) and not roster.deputies(role):
            findings.add(
                "role-without-holder",
                place,
                f"nobody on the roster holds the role `{role}`",
                nearest(role, roster.roles()),
            )


def _asked(playbook: Playbook) -> Iterator[tuple[str, Place]]:
    for activity in playbook.activities:
        yield activity.owner, activity.place
    for section in playbook.sections.values():
        for item in section.items:
            if isinstance(item, HumanTask):
                yield item.by, item.place
            elif item.approve:
                for role in item.approve.by:
                    yield role, item.places.get("approve", item.place)
    for signoff in playbook.signoffs:
        yield signoff.role, signoff.claim.place
