"""Rows that people do by hand: which drill would fit?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from golive.playbook.findings import Findings
from golive.playbook.lint.facts import Facts
from golive.playbook.model import Activity

_MOST_DRILLS = 3


def check(facts: Facts, findings: Findings) -> None:
    fits = _Fits(facts)
    for activity in facts.playbook.activities:
        if activity.id not in facts.by_hand:
            continue
        found = fits.of(activity)
        drills = ", ".join(f"`{drill}` (it says {words})" for drill, words in found)
        findings.add(
            "manual-row",
            activity.place,
            f"`{activity.title[:60]}` is done by hand"
            + (f"; drills that would fit: {drills}" if found else ""),
            _how(found),
        )


class _Fits:
    """The words by which each drill knows its rows."""

    def __init__(self, facts: Facts) -> None:
        self._sections = facts.playbook.sections
        self._words = [
            (name, word, re.compile(rf"(?<!\w){re.escape(word.casefold())}"))
            for name in facts.catalogue.names()
            if (card := facts.catalogue.card(name)) is not None
            for word in card.fits
        ]

    def of(self, activity: Activity) -> Sequence[tuple[str, str]]:
        """Drills and the words of the row that made one think of them; most words first."""
        titles = [self._sections[one].title for one in activity.links if one in self._sections]
        said = " ".join(
            [activity.title, *activity.phrases, *(f.path for f in activity.files), *titles]
        ).casefold()
        found: dict[str, list[str]] = {}
        for name, word, pattern in self._words:
            if pattern.search(said):
                found.setdefault(name, []).append(word)
        ranked = sorted(found.items(), key=lambda one: -len(one[1]))
        return [
            (name, ", ".join(f"“{word}”" for word in words))
            for name, words in ranked[:_MOST_DRILLS]
        ]


def _how(found: Sequence[tuple[str, str]]) -> str:
    if not found:
        return "link the row to a section whose tasks `- [ ]` say who does what"
    return f"link the row to a section with a block ```yaml golive that says `drill: {found[0][0]}`"
