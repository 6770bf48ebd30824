"""Everything that can be said of a playbook's file before it runs, its roster included."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from golive.playbook.catalogue import Catalogue
from golive.playbook.lint import lint, lint_people
from golive.playbook.load import load
from golive.playbook.model import DrillBlock, Finding, HumanTask, Playbook
from golive.playbook.people import load_roster
from golive.playbook.show import summary


@dataclass(frozen=True)
class Report:
    playbook: Playbook | None
    findings: tuple[Finding, ...]

    def summary(self) -> str:
        """One line: what it holds, and how many findings of each level."""
        if self.playbook is None:
            return summary(self.findings)
        items = self.playbook.items()
        drills = sum(isinstance(item, DrillBlock) for item in items)
        people = sum(isinstance(item, HumanTask) for item in items)
        rows = len(self.playbook.activities)
        held = [
            f"{rows} activit{'y' if rows == 1 else 'ies'}",
            f"{drills} drill{'' if drills == 1 else 's'}",
            f"{people} human step{'' if people == 1 else 's'}",
        ]
        return f"{', '.join(held)}; {summary(self.findings)}"


def inspect(path: Path, catalogue: Catalogue) -> Report:
    """Parse, lint, and lay the playbook against its roster where that file is there.

    BadInput where the playbook or the roster can't be read.
    """
    parsed = load(path)
    book = parsed.playbook
    if book is None:
        return Report(None, parsed.findings)
    found = [*parsed.findings, *lint(book, catalogue)]
    if book.people and (roster := path.parent / book.people).exists():
        found += lint_people(book, load_roster(roster))
    found.sort(key=lambda one: (one.place.line, one.place.column))
    return Report(book, tuple(found))
