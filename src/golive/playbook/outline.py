"""Sections and their anchors, as GitHub and GitLab make them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from golive.playbook.findings import Findings, nearest
from golive.playbook.inline import scan
from golive.playbook.markdown import Block, Heading
from golive.playbook.model import Place, Section
from golive.playbook.source import Source

_PUNCTUATION = re.compile(r"[^\w\- ]")
_RESERVED = re.compile(r"row-\d+(-\d+)?")
BEFORE = "introduction"
"""The section of whatever stands before the first heading."""


@dataclass(frozen=True)
class Chapter:
    """A section while it is being read: its blocks, and where its subsections end."""

    section: Section
    blocks: list[Block] = field(default_factory=list)


class Names:
    """Unique names: `name`, then `name-1`, `name-2`, … as both code hosts count."""

    def __init__(self, reserved: re.Pattern[str] | None = None) -> None:
        self.index: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._reserved = reserved

    def claim(self, name: str, index: int) -> str:
        """The first form of `name` that is free; it then belongs to chapter `index`."""
        if self._reserved and self._reserved.fullmatch(name):
            name = f"section-{name}"
        count = self._last.get(name, 0)
        candidate = f"{name}-{count}" if count else name
        while candidate in self.index or (self._reserved and self._reserved.fullmatch(candidate)):
            count += 1
            candidate = f"{name}-{count}"
        self._last[name] = count
        self.index[candidate] = index
        return candidate


@dataclass
class Outline:
    """Chapters in document order."""

    chapters: list[Chapter]
    anchors: Sequence[Mapping[str, int]]
    """Anchor to index of its chapter: GitHub's, then GitLab's, then the sections' own ids."""
    ends: Sequence[int]
    """For each chapter, the index after its last subsection."""

    def find(self, anchor: str) -> int | None:
        """The chapter that `#anchor` means; letters' case and percent encoding don't matter."""
        name = anchor.removeprefix("#")
        if name in self.anchors[0]:
            return self.anchors[0][name]
        name = unquote(name).lower().removeprefix("user-content-")
        return next((names[name] for names in self.anchors if name in names), None)

    def resolve(self, anchor: str, place: Place, findings: Findings) -> int | None:
        """`find`, and a finding where there is none."""
        index = self.find(anchor)
        if index is None:
            hint = nearest(unquote(anchor.removeprefix("#")), self.anchors[-1])
            findings.add("no-such-section", place, f"no section has the anchor `{anchor}`", hint)
        return index


def github(title: str) -> str:
    """GitHub's anchor: lower case, punctuation dropped, every space a hyphen."""
    return _PUNCTUATION.sub("", title.strip().lower()).replace(" ", "-")


def gitlab(title: str) -> str:
    """GitLab's: the same with runs of hyphens made one."""
    return re.sub(r"-{2,}", "-", github(title))


def outline(blocks: Sequence[Block], source: Source) -> Outline:
    """Cut `blocks` at the headings."""
    chapters: list[Chapter] = []
    hub, lab, own = Names(), Names(), Names(_RESERVED)
    open_: list[tuple[int, str]] = []
    for block in blocks:
        if not isinstance(block, Heading):
            if not chapters:
                ident = own.claim(BEFORE, 0)
                chapters.append(Chapter(Section(ident, "", 0, source.place(0), None)))
            chapters[-1].blocks.append(block)
            continue
        while open_ and open_[-1][0] >= block.level:
            open_.pop()
        title = scan(block.text).plain
        hub.claim(github(title), len(chapters))
        lab.claim(gitlab(title), len(chapters))
        ident = own.claim(gitlab(title).strip("-") or "section", len(chapters))
        place = source.place(*block.text.at(0))
        parent = open_[-1][1] if open_ else None
        open_.append((block.level, ident))
        chapters.append(Chapter(Section(ident, title, block.level, place, parent)))
    return Outline(chapters, (hub.index, lab.index, own.index), _ends(chapters))


def _ends(chapters: Sequence[Chapter]) -> Sequence[int]:
    ends = [len(chapters)] * len(chapters)
    open_: list[int] = []
    for index, chapter in enumerate(chapters):
        while open_ and chapters[open_[-1]].section.level >= chapter.section.level:
            ends[open_.pop()] = index
        open_.append(index)
    return ends
