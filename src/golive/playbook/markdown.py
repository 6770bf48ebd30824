"""The document's blocks: headings, fences, tables, list items, paragraphs, with their places.

markdown-it-py splits the blocks (CommonMark). Two things of it are replaced: its inline pass (see
`inline`), and its table rule, which makes fourteen tokens a row and took nine tenths of the time
on 10,000 rows; the rule here (GFM §4.10) notes the lines, and the cells are cut on demand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from golive.playbook.inline import Span

_NESTING = 30
_DELIMITER = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?")
_BORDER = re.compile(r"(?<!\\)\|")
_TASK = re.compile(r"\[([ xX])\][ \t]+")


@dataclass(frozen=True)
class Heading:
    level: int
    text: Span


@dataclass(frozen=True)
class Fence:
    info: str
    content: str
    line: int
    """0-based line of the first line of the content."""
    column: int
    """How far the content is indented in the file."""


class Row(NamedTuple):
    line: int
    cells: Sequence[Span]


@dataclass(frozen=True)
class Table:
    header: Row
    rows: Sequence[Row]


@dataclass(frozen=True)
class ListItem:
    text: Span
    ordered: bool
    depth: int
    """0 for an item of a list that stands in no other."""
    task: bool = False
    checked: bool = False


@dataclass(frozen=True)
class Paragraph:
    text: Span


Block: TypeAlias = Heading | Fence | Table | ListItem | Paragraph


@dataclass(frozen=True)
class Blocks:
    blocks: Sequence[Block]
    references: dict[str, str]
    """Link definitions: name in lower case to target."""
    too_deep: int | None
    """0-based line where the nesting passed what is read, or None."""


def split(lines: Sequence[str], begin: int) -> Blocks:
    """The blocks of `lines` from the 0-based line `begin` on; places count from the first line."""
    markdown = _parser()
    env: dict[str, dict[str, dict[str, str]]] = {}
    tokens = markdown.parse("\n" * begin + "\n".join(lines[begin:]), env)
    deep = next((one for one in tokens if one.nesting == 1 and one.level >= _NESTING - 1), None)
    return Blocks(
        tuple(_blocks(tokens, lines)),
        {name.casefold(): one["href"] for name, one in env.get("references", {}).items()},
        deep.map[0] if deep and deep.map else None,
    )


def _parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable("table")
    markdown.core.ruler.enableOnly(["normalize", "block"])
    markdown.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    return markdown


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table whose second line is a delimiter row of as many cells as its first."""
    if start + 2 > end or state.sCount[start + 1] < state.blkIndent:
        return False
    if state.is_code_block(start) or state.is_code_block(start + 1):
        return False
    delimiter = _line(state, start + 1)
    if "-" not in delimiter or not ("|" in delimiter or ":" in delimiter):
        return False
    if not _DELIMITER.fullmatch(delimiter):
        return False
    if len(_cut(_line(state, start))) != len(_cut(delimiter)) or "|" not in _line(state, start):
        return False
    if silent:
        return True
    last = start + 2
    ends = state.md.block.ruler.getRules("blockquote")
    while last < end and _goes_on(state, last, end, ends):
        last += 1
    token = state.push("golive_table", "", 0)
    token.map = [start, last]
    token.meta = {
        "rows": [
            (
                row,
                state.bMarks[row]
                + state.tShift[row]
                - state.src.rfind("\n", 0, state.bMarks[row] + 1)
                - 1,
                _line(state, row),
            )
            for row in range(start, last)
            if row != start + 1
        ]
    }
    state.line = last
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()


def _goes_on(
    state: StateBlock,
    line: int,
    end: int,
    ends: Sequence[Callable[[StateBlock, int, int, bool], bool]],
) -> bool:
    """Whether the table has `line` too: not blank, no other block's beginning."""
    text = _line(state, line)
    if not text or state.sCount[line] < state.blkIndent or state.is_code_block(line):
        return False
    if text[0] == "|":
        return True
    return not any(rule(state, line, end, True) for rule in ends)


def _cut(line: str) -> list[tuple[str, int]]:
    """Cells of a row and the column each begins at; `\\|` is no border (GFM example 200)."""
    raws = _BORDER.split(line) if "\\" in line else line.split("|")
    cells: list[tuple[str, int]] = []
    begin = 0
    for raw in raws:
        text = raw.strip()
        cells.append((text, begin + raw.index(text) if text else begin))
        begin += len(raw) + 1
    if not raws[0]:
        del cells[0]
    if len(cells) > 1 and not raws[-1]:
        del cells[-1]
    return cells


def _row(line: int, column: int, text: str) -> Row:
    return Row(line, [Span(cell, ((0, line, column + at),)) for cell, at in _cut(text)])


def _blocks(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Block]:
    lists: list[bool] = []
    item = False
    heading = 0
    for token in tokens:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            lists.append(kind == "ordered_list_open")
        elif kind in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif kind == "list_item_open":
            item = True
        elif kind == "list_item_close":
            item = False
        elif kind == "heading_open":
            heading, item = int(token.tag[1:]), False
        elif kind == "inline" and token.map:
            span = _span(token, lines)
            if heading:
                yield Heading(heading, span)
            elif item:
                yield _item(span, lists)
            else:
                yield Paragraph(span)
            heading, item = 0, False
        elif kind == "fence" and token.map:
            item = False
            yield _fence(token, lines)
        elif kind == "golive_table":
            item = False
            header, *rows = (_row(*one) for one in token.meta["rows"])
            yield Table(header, rows)


def _span(token: Token, lines: Sequence[str]) -> Span:
    first = (token.map or [0])[0]
    starts = []
    offset = 0
    for at, text in enumerate(token.content.split("\n")):
        line = min(first + at, len(lines) - 1)
        starts.append((offset, line, max(0, lines[line].find(text))))
        offset += len(text) + 1
    return Span(token.content, starts)


def _item(span: Span, lists: Sequence[bool]) -> ListItem:
    ordered, depth = bool(lists and lists[-1]), max(0, len(lists) - 1)
    match = _TASK.match(span.text)
    if not match:
        return ListItem(span, ordered, depth)
    rest = span.part(match.end(), len(span.text))
    return ListItem(rest, ordered, depth, task=True, checked=match[1] != " ")


def _fence(token: Token, lines: Sequence[str]) -> Fence:
    line = (token.map or [0])[0] + 1
    first = token.content.split("\n", 1)[0]
    there = lines[line] if line < len(lines) else ""
    column = len(there) - len(first) if first and there.endswith(first) else 0
    return Fence(token.info.strip(), token.content, line, column)
