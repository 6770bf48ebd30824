"""The document while it is being read: what every reader of a part needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from golive.playbook.expand import Expander, names_a_file, path_problem
from golive.playbook.findings import Findings
from golive.playbook.inline import Inline, Span, scan
from golive.playbook.model import Claim, FileRef, Place
from golive.playbook.outline import Outline
from golive.playbook.source import Source

_CHECK_MARKS = "✅✔☑✓"
_MOST_BLOCKS = 1_000
_MOST_YAML = 300_000


@dataclass
class Budget:
    """How much YAML is still read: it is the one part of a document that takes real time."""

    blocks: int = _MOST_BLOCKS
    characters: int = _MOST_YAML

    def spend(self, text: str) -> bool:
        """Take `text` from the budget; False where it is used up."""
        self.blocks -= 1
        self.characters -= len(text)
        return self.blocks >= 0 and self.characters >= 0


@dataclass(frozen=True)
class Document:
    source: Source
    findings: Findings
    expand: Expander
    outline: Outline
    references: Mapping[str, str]
    """Link definitions: name in lower case to target."""
    budget: Budget = field(default_factory=Budget)

    def place(self, span: Span, offset: int = 0) -> Place:
        return self.source.place(*span.at(offset))

    def sections(self, span: Span, inline: Inline) -> Sequence[int]:
        """Chapters that the span links to, in order, each once; a finding for a dead link."""
        found: dict[int, None] = {}
        for link in inline.links:
            target = link.target
            if target.startswith("["):
                target = self.references.get(target[1:], "")
            if target.startswith("#") and len(target) > 1:
                place = self.place(span, link.offset)
                index = self.outline.resolve(target, place, self.findings)
                if index is not None:
                    found.setdefault(index)
        return list(found)

    def links(self, span: Span, inline: Inline) -> tuple[str, ...]:
        """Ids of the sections that the span links to."""
        return tuple(self.outline.chapters[one].section.id for one in self.sections(span, inline))

    def codes(
        self, span: Span, inline: Inline, *, prose: bool = False
    ) -> tuple[tuple[FileRef, ...], tuple[str, ...]]:
        """The span's code spans as files in the vault and as references, expanded.

        In `prose`, what can't be a path in the vault (`/healthz`) is a reference and no mistake.
        """
        files: list[FileRef] = []
        references: list[str] = []
        for code in inline.codes:
            place = self.place(span, code.offset)
            if names_a_file(code.text) and not (prose and path_problem(code.text)):
                path = self.expand.path(code.text, place)
                if path is not None:
                    files.append(FileRef(path, place))
            else:
                references.append(self.expand.text(code.text, place))
        return tuple(files), tuple(references)

    def claim(self, span: Span, *, checked: bool = False, text_from: int = 0) -> Claim:
        """The span as a claim; what stands before `text_from` isn't part of its text."""
        inline = scan(span)
        files, references = self.codes(span, inline, prose=True)
        said = scan(span.part(text_from, len(span.text))).plain if text_from else inline.plain
        marked = said[:1] in _CHECK_MARKS if said else False
        text = said.lstrip(_CHECK_MARKS + "\ufe0f ") if marked else said
        return Claim(
            text=self.expand.text(text, self.place(span)),
            place=self.place(span),
            links=self.links(span, inline),
            files=files,
            references=references,
            checked=checked or marked,
        )
