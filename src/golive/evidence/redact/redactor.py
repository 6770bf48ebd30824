"""What the rest of Golive calls."""

from __future__ import annotations

import codecs
import io
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from golive.evidence.redact import archives
from golive.evidence.redact.csv_scanner import CsvScanner
from golive.evidence.redact.json_scanner import JsonScanner
from golive.evidence.redact.literals import Literals
from golive.evidence.redact.model import Redaction, SecretInBinary, unsearched
from golive.evidence.redact.papers import search_pdf
from golive.evidence.redact.personal import FICTIONAL_PHONES, Personal
from golive.evidence.redact.pictures import JPEG, PNG, clean_jpeg, clean_png
from golive.evidence.redact.rules import Rules
from golive.evidence.redact.scanning import Scanner, TextScanner
from golive.kernel.errors import GoliveError

_PIECE = 1 << 20
_MOST = 64 << 20
_SNIFFED = 8192
_BINARY = ("image/", "audio/", "video/", "font/")
_BINARY_TYPES = frozenset(
    {"application/pdf", "application/zip", "application/gzip", "application/x-tar"}
)
_FORMS = {
    b"%PDF-": "PDF",
    b"PK\x03\x04": "ZIP",
    b"\x1f\x8b": "gzip",
    PNG: "PNG",
    JPEG: "JPEG",
}
_MAGIC = (*_FORMS, b"GIF8")
_DEEPEST = 4


_Bytes = bytes
"""Inside `Redactor`, `bytes` is the method."""


class Redactor:
    """Takes out every one of `secrets`, whatever looks like a credential, and people's addresses
    and numbers outside `domains` and `phones` (see `personal.FICTIONAL_PHONES`)."""

    def __init__(
        self,
        secrets: Sequence[str] = (),
        domains: Sequence[str] = (),
        phones: Sequence[str] = FICTIONAL_PHONES,
    ) -> None:
        self.domains = tuple(domains)
        self._literals = Literals(secrets)
        self._rules = Rules(self._literals, Personal(domains, phones))

    def text(self, text: str) -> str:
        """One line or message, cleaned."""
        return self._rules.clean(text)

    def bytes(self, data: _Bytes, media_type: str) -> tuple[_Bytes, Sequence[Redaction]]:
        """`data` cleaned as its media type asks, and what was taken out. SecretInBinary when a
        known secret lies in a format that can't be cleaned."""
        sink = io.BytesIO()
        redactions = self.stream(io.BytesIO(data), sink, media_type)
        changed = any(not one.is_note for one in redactions)
        return (sink.getvalue() if changed else data), redactions

    def stream(self, source: BinaryIO, sink: BinaryIO, media_type: str) -> Sequence[Redaction]:
        """As `bytes`, from file to file in constant memory. When it raises, what has reached
        `sink` must be thrown away."""
        return self._stream(source, sink, media_type, _Opened(0))

    def _stream(
        self, source: BinaryIO, sink: BinaryIO, media_type: str, opened: _Opened
    ) -> Sequence[Redaction]:
        first = source.read(_PIECE)
        if not _is_binary(first, media_type):
            return self._clean(first, source, sink, self._scanner(media_type))
        form = _form(first)
        if form is None:
            self._copy(first, source, sink)
            return [unsearched(f"{media_type}: only known secrets were looked for")]
        with archives.spool() as whole, archives.spool() as cleaned:
            _pour(first, source, whole)
            size = whole.tell()
            whole.seek(0)
            try:
                log = self._form(form, whole, cleaned, size, opened)
            except archives.BROKEN as error:
                log = [unsearched(f"{form} that can't be taken apart ({type(error).__name__})")]
                cleaned.seek(0)
                cleaned.truncate()
                whole.seek(0)
                _pour(b"", whole, cleaned)
            cleaned.seek(0)
            self._copy(b"", cleaned, sink)
        return log

    def _form(
        self, form: str, whole: BinaryIO, cleaned: BinaryIO, size: int, opened: _Opened
    ) -> Sequence[Redaction]:
        """Clean a whole file of a form that we can take apart."""
        if form == "PNG":
            return clean_png(whole, cleaned, self._reasons)
        if form == "JPEG":
            return clean_jpeg(whole, cleaned, self._reasons)
        if form == "PDF":
            notes = search_pdf(whole, size, self._reasons, self._literals.within)
            whole.seek(0)
            _pour(b"", whole, cleaned)
            return notes
        if opened.depth >= _DEEPEST:
            _pour(b"", whole, cleaned)
            return [unsearched(f"an archive in {_DEEPEST} others")]
        budget = opened.budget or archives.Budget(size)
        inside = _Opened(opened.depth + 1, budget)

        def clean(source: BinaryIO, sink: BinaryIO, name: str) -> Sequence[Redaction]:
            if self._rules.spans(name):
                raise SecretInBinary(
                    "a file's name in an archive holds what must not be kept",
                    hint="give it another name",
                )
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return self._stream(source, sink, kind, inside)

        unpack = {"ZIP": archives.clean_zip, "gzip": archives.clean_gzip}
        return unpack.get(form, archives.clean_tar)(whole, cleaned, clean, budget)

    def _reasons(self, text: str) -> Sequence[tuple[str, str]]:
        return [(span.kind, span.why) for span in self._rules.spans(text)]

    def _scanner(self, media_type: str) -> Scanner:
        kind = media_type.split(";")[0].strip().lower()
        if "json" in kind:
            return JsonScanner(self._rules)
        if kind in ("text/csv", "text/tab-separated-values"):
            return CsvScanner(self._rules)
        return TextScanner(self._rules)

    def _clean(
        self, first: _Bytes, source: BinaryIO, sink: BinaryIO, scanner: Scanner
    ) -> Sequence[Redaction]:
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        log: list[Redaction] = []
        offset, line = 0, 1
        text = ""
        data = first
        while True:
            final = not data
            text += decoder.decode(data, final)
            changes, done = scanner.feed(text, final)
            if done == 0 and len(text) > _MOST:
                raise GoliveError(
                    f"a single value of over {_MOST >> 20} MiB can't be searched for secrets",
                    hint="save it as a file of its own, with its own media type",
                )
            at = 0
            for change in changes:
                line += text.count("\n", at, change.start)
                log += [
                    Redaction(kind, line, offset + change.start, why)
                    for kind, why in change.reasons
                ]
                sink.write(_encoded(text[at : change.start] + change.new))
                line += text.count("\n", change.start, change.end)
                at = change.end
            line += text.count("\n", at, done)
            sink.write(_encoded(text[at:done]))
            text, offset = text[done:], offset + done
            if final:
                return log
            data = source.read(max(_PIECE, len(text)))

    def _copy(self, first: _Bytes, source: BinaryIO, sink: BinaryIO) -> None:
        """Unchanged, once no known secret is found in it."""
        keep = 4 * self._literals.longest
        window, data = b"", first or source.read(_PIECE)
        while data:
            window += data
            if self._literals.within(window):
                raise SecretInBinary(
                    "a secret of this rehearsal lies in a file that can't be redacted",
                    hint="save the file without it; nothing of it was kept",
                )
            sink.write(data)
            window = window[-keep:] if keep else b""
            data = source.read(_PIECE)


@dataclass(frozen=True)
class _Opened:
    """How many archives we are in, and what may still come out of the outermost."""

    depth: int
    budget: archives.Budget | None = None


def _form(first: bytes) -> str | None:
    """The form that the bytes have, of those that can be taken apart."""
    if first[257:262] == b"ustar":
        return "tar"
    return next((form for magic, form in _FORMS.items() if first.startswith(magic)), None)


def _pour(first: bytes, source: BinaryIO, sink: BinaryIO) -> None:
    sink.write(first)
    while data := source.read(_PIECE):
        sink.write(data)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _is_binary(first: bytes, media_type: str) -> bool:
    """By media type where it says so and the bytes don't contradict; else by the bytes."""
    kind = media_type.split(";")[0].strip().lower()
    if first.startswith(_MAGIC) or first[257:262] == b"ustar":
        return True
    named = kind.startswith(_BINARY) and not kind.endswith("+xml")
    if not named and kind not in _BINARY_TYPES and kind.startswith("text/"):
        return False
    return not _reads_as_text(first[:_SNIFFED])


def _reads_as_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True
