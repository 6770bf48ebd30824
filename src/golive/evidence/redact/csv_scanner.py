"""CSV, row by row: the first row names the columns, and untouched rows keep their bytes."""

from __future__ import annotations

import bisect
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.evidence.redact.model import mark, replaced
from golive.evidence.redact.names import is_phone, kind_of
from golive.evidence.redact.rules import Rules
from golive.evidence.redact.scanning import Change

_Reasons = Sequence[tuple[str, str]]


@dataclass
class CsvScanner:
    """One table."""

    rules: Rules
    header: Sequence[str] | None = None
    delimiter: str = ","
    by_name: bool = True
    """Whether a column's name gives its cells away, so that every row must be taken apart."""

    def feed(self, text: str, final: bool) -> tuple[Sequence[Change], int]:
        changes: list[Change] = []
        starts: Sequence[int] | None = None
        at = 0
        for record in _records(text):
            end = at + len(record)
            if end == len(text) and not final:
                break
            if self.header is None:
                self._read_header(record)
            if starts is None:
                starts = self._suspects(text)
            if self.by_name or _any_within(starts, at, end):
                new, reasons = self._row(record)
                if reasons:
                    changes.append(Change(at, end, new, reasons))
            at = end
        return changes, at

    def _read_header(self, record: str) -> None:
        body = record.rstrip("\r\n")
        self.delimiter = max(",;\t|", key=lambda sign: (body.count(sign), sign == ","))
        self.header = self._cells(body) or []
        self.by_name = any(kind_of(name) or is_phone(name) for name in self.header)

    def _suspects(self, text: str) -> Sequence[int]:
        """Where a row may hold something, from one look at the whole piece with every cell on a
        line of its own; the rows in question are then taken apart."""
        apart = text.translate({ord(self.delimiter): "\n"})
        spans = [*self.rules.spans(apart), *self.rules.spans_of_known(text)]
        return sorted(place for span in spans for place in (span.start, span.end - 1))

    def _cells(self, body: str) -> Sequence[str] | None:
        """None where it can't be taken apart."""
        if len(body) > csv.field_size_limit() or "\0" in body:
            return None
        try:
            return next(csv.reader(io.StringIO(body, newline=""), delimiter=self.delimiter), [])
        except csv.Error:
            return None

    def _row(self, record: str) -> tuple[str, _Reasons]:
        body = record.rstrip("\r\n")
        cells = self._cells(body)
        if cells is None:
            return self._plain(record)
        reasons: list[tuple[str, str]] = []
        new = [self._cell(place, cell, reasons) for place, cell in enumerate(cells)]
        if reasons:
            text = io.StringIO()
            csv.writer(text, delimiter=self.delimiter, lineterminator="\r\n").writerow(new)
            record = text.getvalue().removesuffix("\r\n") + record[len(body) :]
        if not self.rules.spans_of_known(record):
            return record, reasons
        record, more = self._plain(record)  # a secret that a delimiter cuts in two
        return record, [*reasons, *more]

    def _cell(self, place: int, cell: str, reasons: list[tuple[str, str]]) -> str:
        name = self.header[place] if self.header and place < len(self.header) else ""
        reason = self.rules.called(name, cell) if name and name != cell else None
        if reason:
            reasons.append(reason)
            return mark(reason[0])
        new, found = self._plain(cell)
        reasons += found
        return new

    def _plain(self, text: str) -> tuple[str, _Reasons]:
        spans = self.rules.spans(text)
        return replaced(text, spans), [(span.kind, span.why) for span in spans]


def _any_within(places: Sequence[int], start: int, end: int) -> bool:
    at = bisect.bisect_left(places, start)
    return at < len(places) and places[at] < end


def _records(text: str) -> Iterator[str]:
    """The rows of `text` with their line endings; a quoted cell may hold line breaks."""
    start = end = 0
    odd = False
    for line in io.StringIO(text, newline=""):
        end += len(line)
        odd ^= line.count('"') % 2 == 1
        if not odd:
            yield text[start:end]
            start = end
    if start < end:
        yield text[start:end]
