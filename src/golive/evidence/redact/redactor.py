"""What the rest of Golive calls."""

from __future__ import annotations

import codecs
import io
from collections.abc import Sequence
from typing import BinaryIO

from golive.evidence.redact.csv_scanner import CsvScanner
from golive.evidence.redact.json_scanner import JsonScanner
from golive.evidence.redact.literals import Literals
from golive.evidence.redact.model import Redaction, SecretInBinary
from golive.evidence.redact.personal import FICTIONAL_PHONES, Personal
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
_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")


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
        return (sink.getvalue() if redactions else data), redactions

    def stream(self, source: BinaryIO, sink: BinaryIO, media_type: str) -> Sequence[Redaction]:
        """As `bytes`, from file to file in constant memory. When it raises, what has reached
        `sink` must be thrown away."""
        first = source.read(_PIECE)
        if _is_binary(first, media_type):
            self._copy(first, source, sink)
            return ()
        return self._clean(first, source, sink, self._scanner(media_type))

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
        window, data = b"", first
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


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _is_binary(first: bytes, media_type: str) -> bool:
    """By media type where it says so and the bytes don't contradict; else by the bytes."""
    kind = media_type.split(";")[0].strip().lower()
    if first.startswith(_MAGIC):
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
