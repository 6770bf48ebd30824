"""What a picture says beside its pixels: PNG's text and Exif chunks (W3C PNG, third edition, §11.3)
and JPEG's application and comment segments (ITU-T T.81, B.2.4.6). The pixels stay to the byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from typing import BinaryIO

from golive.evidence.redact.model import Redaction
from golive.kernel.errors import GoliveError

Find = Callable[[str], Sequence[tuple[str, str]]]
"""Kinds and reasons of what must not stay in a text."""

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"

_PIECE = 1 << 20
_MOST_TEXT = 4 << 20
"""Bytes of text, unpacked, beside the pixels of one picture: a second for each three MiB."""
_PNG_TEXT = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf"})
_GPS = 0x8825
"""The tag of Exif that points to where the picture was taken."""


class TooMuchText(GoliveError):
    """A picture that says more beside its pixels than it could honestly say."""

    def __init__(self) -> None:
        super().__init__(
            f"a picture with over {_MOST_TEXT >> 20} MiB of text in it can't be searched",
            hint="save it without its text, or attach a screenshot of it",
        )


def clean_png(source: BinaryIO, sink: BinaryIO, find: Find) -> Sequence[Redaction]:
    """Copy `source` without the text chunks in which `find` finds something. ValueError when it
    isn't a whole PNG; TooMuchText."""
    log: list[Redaction] = []
    left = _MOST_TEXT
    sink.write(_exactly(source, len(PNG)))
    kind = b""
    while kind != b"IEND":
        at = source.tell()
        head = _exactly(source, 8)
        size, kind = struct.unpack(">I4s", head)
        if kind not in _PNG_TEXT:
            sink.write(head)
            _copy(source, sink, size + 4)
            continue
        if size > left:
            raise TooMuchText
        data = _exactly(source, size + 4)
        text = _png_text(kind, data[:-4], left)
        left -= len(text)
        found = _reasons(text, data[:-4], find, exif=kind == b"eXIf")
        log += [Redaction(what, 0, at, f"in a {kind.decode()} chunk: {why}") for what, why in found]
        if not found:
            sink.write(head + data)
    _copy_rest(source, sink)
    return log


def clean_jpeg(source: BinaryIO, sink: BinaryIO, find: Find) -> Sequence[Redaction]:
    """Likewise, for the application segments (but JFIF's and Adobe's own) and comments."""
    log: list[Redaction] = []
    sink.write(_exactly(source, 2))
    while True:
        at = source.tell()
        head = _exactly(source, 4)
        marker, size = struct.unpack(">HH", head)
        if marker < 0xFFC0 or size < 2:
            raise ValueError("not a JPEG segment")
        data = _exactly(source, size - 2)
        described = marker == 0xFFFE or 0xFFE1 <= marker <= 0xFFED
        exif = data.startswith(b"Exif\0\0")
        found = _reasons(data, data[6:], find, exif=exif) if described else ()
        log += [Redaction(what, 0, at, f"beside the picture: {why}") for what, why in found]
        if not found:
            sink.write(head + data)
        if marker == 0xFFDA:  # the scan follows
            _copy_rest(source, sink)
            return log


def _reasons(text: bytes, raw: bytes, find: Find, *, exif: bool) -> Sequence[tuple[str, str]]:
    found = [*find(text.decode("utf-8", "replace")), *find(text[1:].decode("utf-16-le", "replace"))]
    found += find(text.decode("utf-16-le", "replace"))
    if exif and _has_place(raw):
        found.append(("location", "where the picture was taken"))
    return list(dict.fromkeys(found))


def _png_text(kind: bytes, data: bytes, most: int) -> bytes:
    """The chunk's text, unpacked where it is compressed. TooMuchText where that gives over `most`
    bytes."""
    keyword, _, rest = data.partition(b"\0")
    packed = rest[1:] if kind == b"zTXt" else b""
    if kind == b"iTXt" and rest[:1] == b"\1":
        packed = rest[2:].split(b"\0", 2)[-1]
    if not packed:
        return data
    text = keyword + b"\n" + zlib.decompressobj().decompress(packed, most)
    if len(text) > most:
        raise TooMuchText
    return text


def _has_place(tiff: bytes) -> bool:
    """Whether the first directory of an Exif block points to a place (CIPA DC-008 §4.6.3)."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return False
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    if start + 2 > len(tiff):
        return False
    (count,) = struct.unpack_from(f"{order}H", tiff, start)
    places = range(start + 2, min(start + 2 + 12 * count, len(tiff) - 1), 12)
    return any(struct.unpack_from(f"{order}H", tiff, place)[0] == _GPS for place in places)


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise ValueError("the picture is cut off")
    return data


def _copy(source: BinaryIO, sink: BinaryIO, size: int) -> None:
    while size:
        data = _exactly(source, min(size, _PIECE))
        sink.write(data)
        size -= len(data)


def _copy_rest(source: BinaryIO, sink: BinaryIO) -> None:
    while data := source.read(_PIECE):
        sink.write(data)
