"""The timeline: which table it is, and what each row says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from golive.playbook.document import Document
from golive.playbook.inline import Span, plain, scan
from golive.playbook.markdown import Row, Table
from golive.playbook.model import Activity, FileRef, Moment
from golive.playbook.times import (
    duration,
    header_zone,
    usual_zone,
    when,
    zone_fits,
)
from golive.playbook.words import Column, Part, columns, part

_CODE_OR_SPLIT = re.compile(r"`[^`]*`|<br\s*/?>|[,;\n]")


@dataclass(frozen=True)
class Draft:
    """A row as it is written; what it runs is settled once all rows are known."""

    activity: Activity
    chapters: Sequence[int]
    """Chapters it links to."""


@dataclass(frozen=True)
class _Grid:
    """A table of the timeline, with what its columns mean."""

    table: Table
    columns: Mapping[Column, int]
    phase: str

    def cell(self, row: Row, column: Column) -> Span | None:
        at = self.columns.get(column)
        return row.cells[at] if at is not None and at < len(row.cells) else None


def rows(doc: Document, timezone: str) -> list[Draft]:
    """Every row of the timeline, in document order; none where there is no timeline."""
    drafts: list[Draft] = []
    for grid in _grids(doc):
        width = len(grid.table.header.cells)
        zones = _Zones(doc, timezone)
        zones.header(grid)
        for row in grid.table.rows:
            if len(row.cells) > width:
                doc.findings.add(
                    "extra-cells",
                    doc.place(row.cells[width]),
                    f"this row has {len(row.cells)} cells and the table {width} columns",
                    "a `|` inside a cell is written `\\|`",
                )
            draft = _draft(doc, grid, row, len(drafts) + 1, zones)
            if draft:
                drafts.append(draft)
    return drafts


def _grids(doc: Document) -> Sequence[_Grid]:
    """The tables under the heading that says timeline, else all that have times and activities."""
    all_: list[tuple[int, _Grid]] = []
    under: list[_Grid] = []
    ends = -1
    for index, chapter in enumerate(doc.outline.chapters):
        meaning = part(chapter.section.title)
        opens = index >= ends and meaning is not None and meaning[0] is Part.TIMELINE
        if opens and chapter.section.level > 1:
            ends = doc.outline.ends[index]
        for table in (one for one in chapter.blocks if isinstance(one, Table)):
            found = columns([scan(cell).plain for cell in table.header.cells])
            if Column.ACTIVITY not in found or Column.MITIGATION in found:
                continue
            here = opens or index < ends
            grid = _Grid(table, found, "" if opens or not here else chapter.section.title)
            if here:
                under.append(grid)
            all_.append((_score(found), grid))
    if under:
        return under
    best = max((score for score, _ in all_), default=0)
    several = sum(score == best for score, _ in all_) > 1
    return [
        grid if several else replace(grid, phase="") for score, grid in all_ if score == best > 0
    ]


def _score(found: Mapping[Column, int]) -> int:
    return 2 * (Column.TIME in found) + (Column.OWNER in found)


def _draft(doc: Document, grid: _Grid, row: Row, number: int, zones: _Zones) -> Draft | None:
    title = grid.cell(row, Column.ACTIVITY)
    if title is None or not title.text:
        return None
    inline = scan(title)
    place = doc.place(title)
    chapters = list(doc.sections(title, inline))
    left = _left(doc, grid.cell(row, Column.ARTEFACTS))
    chapters += [one for one in left.chapters if one not in chapters]
    start, end = _moments(doc, grid, row, zones)
    owner = _words(grid, row, Column.OWNER)
    if not owner and Column.OWNER in grid.columns:
        doc.findings.add("no-owner", place, f"`{inline.plain[:60]}` has no owner")
    activity = Activity(
        id=f"row-{number}",
        title=doc.expand.text(inline.plain, place),
        owner=owner,
        place=place,
        start=start,
        end=end,
        phase=_words(grid, row, Column.PHASE) or grid.phase,
        number=_words(grid, row, Column.NUMBER),
        links=tuple(doc.outline.chapters[one].section.id for one in chapters),
        files=left.files,
        references=left.references,
        phrases=left.phrases,
    )
    return Draft(activity, chapters)


@dataclass(frozen=True)
class _Left:
    """What a row leaves behind, as its cell says."""

    files: tuple[FileRef, ...] = ()
    references: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    chapters: Sequence[int] = ()


_NOTHING = _Left()


def _left(doc: Document, span: Span | None) -> _Left:
    if span is None or not span.text:
        return _NOTHING
    inline = scan(span)
    files, references = doc.codes(span, inline)
    return _Left(files, references, _phrases(doc, span), doc.sections(span, inline))


def _words(grid: _Grid, row: Row, column: Column) -> str:
    span = grid.cell(row, column)
    return plain(span.text) if span else ""


def _phrases(doc: Document, span: Span) -> tuple[str, ...]:
    """Artefacts in plain words: the cell's parts that hold no code span."""
    return tuple(
        doc.expand.text(said, doc.place(span))
        for piece in _pieces(span.text)
        if "`" not in piece and (said := plain(piece))
    )


def _pieces(text: str) -> Iterator[str]:
    """`text` cut at commas, semicolons and line breaks, but not inside a code span."""
    piece = ""
    last = 0
    for match in _CODE_OR_SPLIT.finditer(text):
        piece += text[last : match.start()]
        last = match.end()
        if match[0].startswith("`"):
            piece += match[0]
        else:
            yield piece
            piece = ""
    yield piece + text[last:]


def _moments(
    doc: Document, grid: _Grid, row: Row, zones: _Zones
) -> tuple[Moment | None, Moment | None]:
    span = grid.cell(row, Column.TIME)
    if span is None or not span.text:
        return None, None
    read = when(plain(span.text))
    if read is None:
        if any(character.isdigit() for character in span.text):
            doc.findings.add(
                "time-unreadable",
                doc.place(span),
                f"`{span.text[:40]}` is no time",
                "write 09:30, 09:30–10:45, 02:00+1 or, from the cutover, T-60m, T0, T+2h",
            )
        return None, None
    if read.zone:
        zones.check(read.zone, span)
    end = read.end
    if end is None and (Column.LASTS in grid.columns or Column.END in grid.columns):
        end = _end(grid, row, read.start)
    return read.start, end


def _end(grid: _Grid, row: Row, start: Moment) -> Moment | None:
    """What the table's own columns say of the end."""
    lasts = duration(_words(grid, row, Column.LASTS))
    if lasts is not None:
        return replace(start, offset=start.offset + lasts)
    read = when(_words(grid, row, Column.END))
    return read.start if read else None


class _Zones:
    """Checks the zones that a timeline names, each once."""

    def __init__(self, doc: Document, timezone: str) -> None:
        self._doc = doc
        self._timezone = timezone
        self._seen: set[str] = set()

    def header(self, grid: _Grid) -> None:
        cell = grid.cell(grid.table.header, Column.TIME)
        label = header_zone(cell.text) if cell else ""
        if cell and label:
            self.check(label, cell)

    def check(self, label: str, span: Span) -> None:
        if label in self._seen:
            return
        self._seen.add(label)
        place = self._doc.place(span, max(0, span.text.find(label)))
        usual = usual_zone(label)
        if not self._timezone:
            self._doc.findings.add(
                "zone-unset",
                place,
                f"times are in {label}, but the front matter names no zone: UTC is taken",
                f"write `timezone: {usual}` in the front matter" if usual else "",
            )
            return
        day = self._doc.expand.day
        called = zone_fits(label, self._timezone, day)
        if called:
            on = f" on {day}" if day else ""
            self._doc.findings.add(
                "zone-mismatch",
                place,
                f"the times say {label}, but {self._timezone} is at {called}{on}",
                f"write ({called}), or `timezone: {usual}`" if usual else f"write ({called})",
            )
