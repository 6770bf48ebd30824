"""A paper for people to complete, once as Markdown and once in a wiki's storage format (XHTML).

Whatever others wrote is escaped: nothing of it becomes markup. A blank stays a blank: cells and
lines for people are never filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

from golive.kernel.text import clean

BLANK = ""
"""A cell that a person fills in."""


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Words:
    text: str


@dataclass(frozen=True)
class Bullets:
    lines: Sequence[str]


@dataclass(frozen=True)
class Table:
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


Block = Heading | Words | Bullets | Table


@dataclass(frozen=True)
class Paper:
    title: str
    blocks: Sequence[Block]


def markdown(paper: Paper) -> str:
    """The paper as CommonMark with GitHub's tables."""
    parts = [f"# {_md(paper.title)}"]
    parts += ["\n".join(_markdown(block)) for block in paper.blocks]
    return "\n\n".join(parts) + "\n"


def storage(paper: Paper) -> str:
    """The paper's body in Confluence's storage format; the title is the page's own."""
    return "".join(_storage(block) for block in paper.blocks)


def text_of(markup: str) -> str:
    """The words of a page in storage format, blanks run together: a wiki may write the markup
    another way and leaves the words as they are."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return " ".join(" ".join(reader.parts).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _markdown(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"## {_md(block.text)}"
    elif isinstance(block, Words):
        yield _md(block.text)
    elif isinstance(block, Bullets):
        yield from (f"- {_md(line)}".rstrip() for line in block.lines)
    else:
        yield f"| {' | '.join(map(_md, block.columns))} |"
        yield "|" + " --- |" * len(block.columns)
        for row in block.rows:
            yield f"| {' | '.join(map(_md, row))} |"


def _storage(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h2>{_xml(block.text)}</h2>"
    if isinstance(block, Words):
        return f"<p>{_xml(block.text)}</p>"
    if isinstance(block, Bullets):
        return f"<ul>{''.join(f'<li>{_xml(line)}</li>' for line in block.lines)}</ul>"
    head = "".join(f"<th>{_xml(one)}</th>" for one in block.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{_xml(cell)}</td>' for cell in row)}</tr>" for row in block.rows
    )
    return f"<table><tbody><tr>{head}</tr>{rows}</tbody></table>"


def _md(text: str) -> str:
    plain = re.sub(r"([\\`*\[\]<>|])", r"\\\1", clean(text).strip())
    return re.sub(r"^(#|[-+>]|\d+[.)])(?=\s|$)", r"\\\1", plain)


def _xml(text: str) -> str:
    return escape(clean(text), quote=True)
