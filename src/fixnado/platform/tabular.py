"""Tables as CSV, a line at a time, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from starlette.responses import StreamingResponse

MEDIA_TYPE: Final = "text/csv; charset=utf-8"
_FORMULA: Final = ("=", "+", "-", "@", "|", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet calculate a cell (OWASP, CSV injection); behind blanks too, which some
programs drop, and blanks other than spaces by themselves."""
_INSIDE: Final = re.compile(rf"([;\t\r\n]\s*)(?=[{re.escape(''.join(_FORMULA))}])")
"""Where a program that separates cells by semicolons or tabs begins another one."""
_CHUNK_LINES: Final = 200

Cell = str | int | None


def defused(cell: Cell) -> Cell:
    """A text that a spreadsheet would run gets an apostrophe before what it would run; numbers stay
    numbers."""
    if not isinstance(cell, str):
        return cell
    first = cell.startswith(("\t", "\r", "\n")) or cell.lstrip().startswith(_FORMULA)
    # what is blank at the beginning belongs to the first formula
    blank = len(cell) - len(cell.lstrip())
    safe = cell[:blank] + _INSIDE.sub(r"\1'", cell[blank:])
    return f"'{safe}" if first else safe


def lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8, the header first, some lines at a time, in constant memory."""
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(columns)
    for number, row in enumerate(rows, 1):
        writer.writerow([defused(cell) for cell in row])
        if number % _CHUNK_LINES == 0:
            yield held.getvalue().encode()
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode()


def answer(name: str, columns: Sequence[str], rows: Iterator[Sequence[Cell]]) -> StreamingResponse:
    """`rows` as a file to keep.

    The first row is fetched before the answer begins, so that what fails at once is a problem
    with a status and not half a file.
    """
    return StreamingResponse(
        lines(columns, _begun(rows)),
        media_type=MEDIA_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _begun(rows: Iterator[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    first = next(rows, None)

    def all_of_it() -> Iterator[Sequence[Cell]]:
        if first is not None:
            yield first
        yield from rows

    return all_of_it()
