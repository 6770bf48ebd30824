"""From a document's bytes to a playbook. Pure; linear in the document; never raises on its content.

What can't be understood becomes a finding at its line; what is left is still read, so that one run
of `golive check` tells everything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from golive.playbook.agenda import activities
from golive.playbook.claims import claims, parts, risks, signoffs
from golive.playbook.document import Document
from golive.playbook.expand import Expander
from golive.playbook.findings import Findings
from golive.playbook.front import front
from golive.playbook.inline import scan
from golive.playbook.markdown import Blocks, Paragraph, split
from golive.playbook.model import Finding, Playbook
from golive.playbook.outline import outline
from golive.playbook.shapes import FrontMatter
from golive.playbook.source import Source, Unreadable, decode
from golive.playbook.timeline import rows
from golive.playbook.words import Part

NOT_YET = "{rehearsal}"


@dataclass(frozen=True)
class Parsed:
    playbook: Playbook | None
    """None where the document couldn't be read at all."""
    findings: tuple[Finding, ...]


def parse(source: bytes, file: str, *, rehearsal: str = NOT_YET) -> Parsed:
    """Read `source`, which people know as `file`.

    `rehearsal` fills `{rehearsal}`; before a rehearsal has begun it stays as it is written.
    """
    text = decode(source, file)
    if isinstance(text, Unreadable):
        findings = Findings(())
        findings.add(text.code, text.place, text.message)
        return Parsed(None, findings.all())
    findings = Findings(text.lines)
    playbook = _read(source, text, findings, rehearsal)
    return Parsed(playbook, findings.all())


def _read(data: bytes, source: Source, findings: Findings, rehearsal: str) -> Playbook | None:
    begin = front(source, findings)
    if begin is None:
        return None
    blocks = split(source.lines, begin.body)
    if blocks.too_deep is not None:
        place = source.place(blocks.too_deep)
        findings.add("nested-too-deeply", place, "lists and quotes are nested too deeply to read")
        return None
    doc = _document(source, findings, blocks, begin.matter, rehearsal)
    return _playbook(doc, begin.matter, hashlib.sha256(data).hexdigest(), data)


def _document(
    source: Source, findings: Findings, blocks: Blocks, matter: FrontMatter, rehearsal: str
) -> Document:
    values: Mapping[str, str | None] = {
        "date": matter.date.isoformat() if matter.date else None,
        "release": matter.release or None,
        "rehearsal": rehearsal,
    }
    expand = Expander(values, findings, matter.date)
    return Document(source, findings, expand, outline(blocks.blocks, source), blocks.references)


def _playbook(doc: Document, matter: FrontMatter, digest: str, data: bytes) -> Playbook:
    where = parts(doc)
    drafts = rows(doc, matter.timezone)
    agenda = activities(doc, drafts, where)
    empty = range(0)
    return Playbook(
        file=doc.source.file,
        digest=digest,
        source=data,
        title=_title(doc),
        release=matter.release,
        day=matter.date,
        timezone=matter.timezone or "UTC",
        vault=_vault(doc, matter),
        people=matter.people,
        targets=tuple(matter.targets),
        objectives=claims(doc, where.get(Part.OBJECTIVES, empty), agenda.steps),
        activities=agenda.activities,
        sections=agenda.sections,
        evidence=claims(doc, where.get(Part.EVIDENCE, empty), agenda.steps),
        risks=risks(doc),
        signoffs=signoffs(doc, where.get(Part.SIGN_OFF, empty), agenda.steps),
        policy=matter.policy,
    )


def _title(doc: Document) -> str:
    titles = [chapter.section.title for chapter in doc.outline.chapters if chapter.section.level]
    return titles[0] if titles else ""


def _vault(doc: Document, matter: FrontMatter) -> str | None:
    """The front matter's, else a folder that the text itself calls the vault."""
    if matter.vault:
        return doc.expand.path(matter.vault.rstrip("/"), doc.source.place(0))
    for chapter in doc.outline.chapters:
        for block in chapter.blocks:
            if isinstance(block, Paragraph) and "vault" in block.text.text:
                for code in scan(block.text).codes:
                    if code.text.endswith("/") and "vault" in code.text:
                        return doc.expand.path(code.text.rstrip("/"), doc.place(block.text))
    return None
