"""What a kept web page says, without anything of it that a browser would act on: a phone shows the
printed list of payouts, and not how it is written."""

from __future__ import annotations

from html.parser import HTMLParser

_LINES = frozenset(
    {"p", "div", "section", "h1", "h2", "h3", "h4", "li", "tr", "br", "pre", "table", "dt", "dd"}
)
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"style", "script", "title", "template", "noscript", "svg"})


def readable(page: str) -> str:
    """The words of an HTML page, a line for each of its lines; cells of a table are parted by a
    bar. It is text: whoever shows it escapes it as any other."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()).strip("| ") for line in "".join(reader.told).split("\n"))
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.told: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _LINES:
            self.told.append("\n")
        elif tag in _CELLS:
            self.told.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _LINES:
            self.told.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.told.append(data.replace("\n", " "))
