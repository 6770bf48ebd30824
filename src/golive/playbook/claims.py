"""Objectives, evidence checklist, risks and sign-off: what the document claims and links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from golive.playbook.document import Document
from golive.playbook.inline import Span, lead, scan
from golive.playbook.markdown import ListItem, Row, Table
from golive.playbook.model import Claim, Risk, SignOff
from golive.playbook.words import Column, Part, columns, part

CLAIMS = (Part.OBJECTIVES, Part.EVIDENCE, Part.SIGN_OFF)


def parts(doc: Document) -> Mapping[Part, range]:
    """For each part that the document has, its chapters: the heading with the fewest other words,
    then the highest, then the first. A title that spans the whole document is no part."""
    best: dict[Part, tuple[int, int, int]] = {}
    chapters = doc.outline.chapters
    for index, chapter in enumerate(chapters):
        meaning = part(chapter.section.title)
        whole = index == 0 and len(chapters) > 1 and doc.outline.ends[0] == len(chapters)
        if meaning and not whole:
            rank = (meaning[1], chapter.section.level, index)
            best[meaning[0]] = min(rank, best.get(meaning[0], rank))
    return {one: range(rank[2], doc.outline.ends[rank[2]]) for one, rank in best.items()}


def claims(doc: Document, chapters: Sequence[int], steps: set[int]) -> tuple[Claim, ...]:
    """The list items of `chapters`; a task item is none where its chapter is in `steps`."""
    return tuple(
        doc.claim(item.text, checked=item.checked) for item in _items(doc, chapters, steps)
    )


def signoffs(doc: Document, chapters: Sequence[int], steps: set[int]) -> tuple[SignOff, ...]:
    """`**Role**: what they sign`, as list items or as a table with a column for the role."""
    found: list[SignOff] = []
    for item in _items(doc, chapters, steps):
        role, begin = lead(item.text.text)
        if role:
            claim = doc.claim(item.text, checked=item.checked, text_from=begin)
            found.append(SignOff(role, claim))
    for row, kinds in _rows(doc, chapters):
        role_cell = _cell(row, kinds, Column.OWNER)
        if role_cell and role_cell.text:
            scope = _cell(row, kinds, Column.SCOPE)
            scope = scope or _cell(row, kinds, Column.ARTEFACTS) or role_cell
            found.append(SignOff(scan(role_cell).plain, doc.claim(scope)))
    return tuple(found)


def risks(doc: Document) -> tuple[Risk, ...]:
    """Every table with columns for risk and mitigation."""
    found: list[Risk] = []
    for row, kinds in _rows(doc, range(len(doc.outline.chapters))):
        if Column.RISK not in kinds or Column.MITIGATION not in kinds:
            continue
        cell = _cell(row, kinds, Column.RISK)
        mitigation = _cell(row, kinds, Column.MITIGATION)
        if cell and cell.text and mitigation:
            found.append(
                Risk(
                    id=f"risk-{len(found) + 1}",
                    risk=scan(cell).plain,
                    impact=_plain(row, kinds, Column.IMPACT),
                    likelihood=_plain(row, kinds, Column.LIKELIHOOD),
                    mitigation=doc.claim(mitigation),
                    place=doc.place(cell),
                    owner=_plain(row, kinds, Column.OWNER),
                )
            )
    return tuple(found)


def _items(doc: Document, chapters: Sequence[int], steps: set[int]) -> Iterator[ListItem]:
    for index in chapters:
        for block in doc.outline.chapters[index].blocks:
            if isinstance(block, ListItem) and not (block.task and index in steps):
                yield block


def _rows(doc: Document, chapters: Sequence[int]) -> Iterator[tuple[Row, Mapping[Column, int]]]:
    for index in chapters:
        for block in doc.outline.chapters[index].blocks:
            if isinstance(block, Table):
                kinds = columns([scan(cell).plain for cell in block.header.cells])
                yield from ((row, kinds) for row in block.rows)


def _cell(row: Row, kinds: Mapping[Column, int], column: Column) -> Span | None:
    at = kinds.get(column)
    return row.cells[at] if at is not None and at < len(row.cells) else None


def _plain(row: Row, kinds: Mapping[Column, int], column: Column) -> str:
    span = _cell(row, kinds, column)
    return scan(span).plain if span else ""
