"""PDF: searched in its text, its metadata and its unpacked streams; never changed.

A PDF can't be cleaned without breaking it (or its signature). What must not be kept is refused;
what can't be looked into is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from golive.evidence.redact.model import Redaction, SecretInBinary, unsearched
from golive.evidence.redact.pictures import Find

_MOST_PAGES = 300
_MOST_BYTES = 64 << 20
_MOST_DRAWING = 4 << 20
_MOST_DRAWN = 24 << 20
"""Bytes of instructions on all pages: two seconds for each MiB."""
_MOST_UNPACKED = 256 << 20


def search_pdf(
    source: BinaryIO, size: int, find: Find, within: Callable[[bytes], bool]
) -> Sequence[Redaction]:
    """What could not be told of the document in `source`. SecretInBinary when it holds a secret or
    personal data; `within` says whether bytes hold one of the rehearsal's own secrets."""
    if size > _MOST_BYTES:
        return [unsearched(f"a PDF of over {_MOST_BYTES >> 20} MiB")]
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    notes: list[Redaction] = []
    try:
        reader = PdfReader(source)
        if reader.is_encrypted:
            return [unsearched("an encrypted PDF")]
        if len(reader.pages) > _MOST_PAGES:
            return [unsearched(f"a PDF of over {_MOST_PAGES} pages")]
        drawn = 0
        for page in reader.pages:
            size = _drawing(page)
            drawn += size
            if size > _MOST_DRAWING:
                return [unsearched(f"a PDF with over {_MOST_DRAWING >> 20} MiB on one page")]
            if drawn > _MOST_DRAWN:
                return [unsearched(f"a PDF with over {_MOST_DRAWN >> 20} MiB on its pages")]
        for where, text in _texts(reader):
            for kind, why in find(text):
                if kind != "phone":  # a table's figures look like one: not enough to refuse by
                    raise _refused(f"{where}: {why}")
                notes.append(unsearched(f"{where} may hold a telephone number"))
        unpacked = 0
        for data in _streams(reader):
            unpacked += len(data)
            if unpacked > _MOST_UNPACKED:
                notes.append(unsearched(f"what is beyond {_MOST_UNPACKED >> 20} MiB of a PDF"))
                break
            if within(data):
                raise _refused("a packed part: a secret of this rehearsal")
    except SecretInBinary:
        raise
    except Exception as error:
        return [unsearched(f"a PDF that can't be taken apart ({type(error).__name__})")]
    return list(dict.fromkeys(notes))


def _drawing(page: Any) -> int:
    """Bytes of the page's unpacked instructions: what makes reading its text slow."""
    contents = page.get("/Contents")
    found = contents.get_object() if contents is not None else []
    parts = found if isinstance(found, list) else [found]
    return sum(len(part.get_object().get_data()) for part in parts)


def _texts(reader: Any) -> Iterator[tuple[str, str]]:
    for name, value in (reader.metadata or {}).items():
        yield f"its {name[1:]}", str(value)
    for number, page in enumerate(reader.pages, start=1):
        yield f"page {number}", page.extract_text()
        for annotation in page.get("/Annots") or []:
            found = annotation.get_object()
            yield f"a note on page {number}", str(found.get("/Contents", ""))
            yield f"a link on page {number}", str(found.get("/A", {}).get("/URI", ""))


def _streams(reader: Any) -> Iterator[bytes]:
    """Every unpacked stream that isn't a picture."""
    from pypdf.generic import StreamObject

    for generation in reader.xref.values():
        for number in generation:
            found = reader.get_object(number)
            if isinstance(found, StreamObject) and found.get("/Subtype") != "/Image":
                yield found.get_data()


def _refused(what: str) -> SecretInBinary:
    return SecretInBinary(
        f"a PDF can't be redacted, and this one must not be kept ({what})",
        hint="save it without that; nothing of it was kept",
    )
