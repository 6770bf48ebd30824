"""What stands inside a line of Markdown: links, code spans, plain words. Linear time.

markdown-it's inline pass costs more than the whole rest of the parse and keeps no columns, so the
three constructs that a playbook gives meaning to are read here (CommonMark 0.31 §6.1, §6.3).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_MARKS = re.compile(r"[`\[\]\\*_<~]")
_RUN = re.compile(r"`+")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_LINK = re.compile(
    r"""!?\[([^\[\]]*)\]
        (?:\([ \t]{0,9}<?([^()\[\]<>\s"]*)>?(?:[ \t\n]{1,9}(?:"[^"\[]*"|'[^'\[]*'))?[ \t]{0,9}\)
          |\[([^\[\]]*)\])""",
    re.VERBOSE,
)
_TAG = re.compile(r"<(br)?[^<>\n]{0,200}>", re.IGNORECASE)
_EMPHASIS = re.compile(r"\*+|~~|(?<!\w)_+|_+(?!\w)")
_LEAD = re.compile(r"\s*(?:\*\*|__)(.+?)(?:\*\*|__)\s*:?|\s*([^:*_`\[\]]{1,60}):(?!//)")


class Span(NamedTuple):
    """A run of Markdown text and where it came from: `starts` are (offset, line, column), 0-based,
    one for each source line it covers."""

    text: str
    starts: Sequence[tuple[int, int, int]]

    def at(self, offset: int) -> tuple[int, int]:
        """0-based line and column of the character at `offset`."""
        found = self.starts[0]
        for start in self.starts:
            if start[0] > offset:
                break
            found = start
        return found[1], found[2] + offset - found[0]

    def part(self, begin: int, end: int) -> Span:
        """The characters from `begin` to `end`."""
        inside = [
            (offset - begin, line, column)
            for offset, line, column in self.starts
            if begin <= offset < end
        ]
        if not inside or inside[0][0] > 0:
            inside.insert(0, (0, *self.at(begin)))
        return Span(self.text[begin:end], inside)


class Link(NamedTuple):
    target: str
    offset: int


class Code(NamedTuple):
    text: str
    offset: int


class Inline(NamedTuple):
    """What a span says: its words without marks, its links and its code spans."""

    plain: str
    links: Sequence[Link] = ()
    codes: Sequence[Code] = ()


def scan(span: Span) -> Inline:
    """Read `span`. Links by reference (`[text][name]`) have the target `[name`."""
    text = span.text
    if not _MARKS.search(text):
        return Inline(" ".join(text.split()))
    codes, masked = _codes(text) if "`" in text or "\\" in text else ([], text)
    links: list[Link] = []
    pieces: list[str] = []
    last = 0
    for match in _LINK.finditer(masked) if "[" in masked else ():
        words, target, reference = match.groups()
        if target is None:
            target = "[" + (reference or words).casefold()
        if not match[0].startswith("!"):
            links.append(Link(target, match.start()))
        pieces += [_words(text, masked, last, match.start())]
        pieces += [_words(text, masked, match.start(1), match.end(1))]
        last = match.end()
    pieces.append(_words(text, masked, last, len(text)))
    return Inline(" ".join("".join(pieces).split()), links, codes)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The words of `text` without marks."""
    return scan(Span(text, ((0, 0, 0),))).plain


def lead(text: str) -> tuple[str, int]:
    """The role that a line opens with (`**Role**: …`, `Role: …`) and where the rest begins."""
    match = _LEAD.match(text)
    if not match:
        return "", 0
    return " ".join((match[1] or match[2]).strip().rstrip(":").split()), match.end()


_FILL = "\x01"
_FILLED = re.compile(f"{_FILL}+|[^{_FILL}]+")
_DECORATION = re.compile(r"[*_~<]")


def _codes(text: str) -> tuple[list[Code], str]:
    """Code spans, and the text with them and with escaped characters filled in."""
    runs = [match.span() for match in _RUN.finditer(text)]
    by_length: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):
        begin, end = runs[index]
        by_length.setdefault(end - begin, []).append(index)
    codes: list[Code] = []
    masked: list[str] = []
    last = index = 0
    while index < len(runs):
        begin, end = runs[index]
        length = end - begin
        same = by_length[length]
        while same and same[-1] <= index:
            same.pop()
        escaped = begin > last and text[begin - 2 : begin].replace("\\\\", "").endswith("\\")
        if not same or escaped:
            index += 1
            continue
        close = runs[same[-1]]
        inner = text[end : close[0]].replace("\n", " ")
        stripped = inner[1:-1] if inner[:1] == inner[-1:] == " " and inner.strip() else inner
        codes.append(Code(stripped, end + (stripped is not inner)))
        masked += [text[last:begin], _FILL * (close[1] - begin)]
        last = close[1]
        index = same[-1] + 1
    masked.append(text[last:])
    return codes, _ESCAPE.sub(_FILL * 2, "".join(masked))


def _words(text: str, masked: str, begin: int, end: int) -> str:
    """`text[begin:end]` without marks; what `masked` has filled in is code or an escape."""
    part = masked[begin:end]
    if _FILL not in part:
        return _bare(part)
    pieces: list[str] = []
    for run in _FILLED.finditer(part):
        piece = text[begin + run.start() : begin + run.end()]
        if run[0][0] != _FILL:
            pieces.append(_bare(piece))
        elif piece[0] == "\\":
            pieces.append(_ESCAPE.sub(r"\1", piece))
        else:
            pieces.append(piece.replace("`", "").replace("\\|", "|"))
    return "".join(pieces)


def _bare(text: str) -> str:
    """`text` without tags and emphasis."""
    if not _DECORATION.search(text):
        return text
    return _EMPHASIS.sub("", _TAG.sub(lambda tag: " " if tag[1] else "", text))
