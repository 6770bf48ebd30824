"""CSV, row by row: the first row names the columns, and untouched rows keep their bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.evidence.redact.model import mark, replaced
from golive.evidence.redact.rules import Rules
from golive.evidence.redact.scanning import Change


@dataclass
class CsvScanner:
    """One table."""

    rules: Rules
    header: Sequence[str] | None = None
    delimiter: str = ","

    def feed(self, text: str, final: bool) -> tuple[Sequence[Change], int]:
        changes: list[Change] = []
        at = 0
        for record in _records(text):
            if at + len(record) == len(text) and not final:
                break
            new, reasons = self._row(record)
            if reasons:
                changes.append(Change(at, at + len(record), new, reasons))
            at += len(record)
        return changes, at

    def _row(self, record: str) -> tuple[str, Sequence[tuple[str, str]]]:
        body = record.rstrip("\r\n")
        if len(body) > csv.field_size_limit() or "\0" in body:
            return self._plain(record)
        if self.header is None:
            self.delimiter = max(",;\t|", key=lambda sign: (body.count(sign), sign == ","))
        try:
            cells = next(csv.reader(io.StringIO(body, newline=""), delimiter=self.delimiter), [])
        except csv.Error:
            return self._plain(record)
        if self.header is None:
            self.header = cells
        reasons: list[tuple[str, str]] = []
        new = [self._cell(place, cell, reasons) for place, cell in enumerate(cells)]
        if not reasons:
            return record, ()
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator="").writerow(new)
        return text.getvalue() + record[len(body) :], reasons

    def _cell(self, place: int, cell: str, reasons: list[tuple[str, str]]) -> str:
        name = self.header[place] if self.header and place < len(self.header) else ""
        reason = self.rules.called(name, cell) if name and name != cell else None
        if reason:
            reasons.append(reason)
            return mark(reason[0])
        new, found = self._plain(cell)
        reasons += found
        return new

    def _plain(self, text: str) -> tuple[str, Sequence[tuple[str, str]]]:
        spans = self.rules.spans(text)
        return replaced(text, spans), [(span.kind, span.why) for span in spans]


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
