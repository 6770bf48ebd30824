"""What may be said of a file by its bytes alone: a harmless name, a media type, whether it is
evidence at all. Pure."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from collections.abc import Sequence

from golive.kernel.errors import BadInput

SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a browser may show as it is: formats that can't carry script."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
TEXTS = frozenset({"text/plain", "text/markdown", "text/csv", "text/tab-separated-values",
                   "application/json", "application/jsonl"})  # fmt: skip
_ENDINGS = {".md": "text/markdown", ".jsonl": "application/jsonl", ".log": "text/plain",
            ".yaml": "text/plain", ".yml": "text/plain"}  # fmt: skip
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
"""What no text holds: all but tabs, line and page breaks, and the escapes that colour a log."""
_UNSEEN: Sequence[tuple[bytes, str]] = (
    (b"Exif\0\0", "details of the camera, and perhaps of the place (Exif)"),
    (b"eXIf", "details of the camera, and perhaps of the place (Exif)"),
    (b"http://ns.adobe.com/xap/", "notes of the program that made it (XMP)"),
    (b"tEXt", "words written into the file"),
    (b"iTXt", "words written into the file"),
    (b"zTXt", "words written into the file"),
    (b"acTL", "more than one image: it moves"),
    (b"ANMF", "more than one image: it moves"),
    (b"NETSCAPE2.0", "more than one image: it moves"),
)
_LINK = re.compile(rb"\s*(\[InternetShortcut\]\s*)?(URL=)?https?://\S+\s*", re.IGNORECASE)


def safe_name(given: str) -> str:
    """`given` as a file name that means nothing to a shell, a path, a header or a page."""
    last = re.split(r"[/\\]", given)[-1]
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-.")
    stem, dot, ending = name.rpartition(".")
    short = f"{stem[:80]}{dot}{ending[:12]}" if dot else name[:80]
    return short.lstrip("-.") or "file"


def media_type(name: str, content: bytes) -> str:
    """By the bytes where they tell, else by the ending; never by what the browser claims."""
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    beginning = content[:2000].lstrip().lower()
    if b"<svg" in beginning:
        return "image/svg+xml"
    if beginning.startswith((b"<!doctype html", b"<html")) or b"<script" in beginning:
        return "text/html"
    guess = _ENDINGS.get(name[name.rfind(".") :].lower() if "." in name else "")
    kind = guess or mimetypes.guess_type(name)[0] or ""
    return kind if kind in TEXTS and _is_text(content) else "application/octet-stream"


def unseen(content: bytes) -> Sequence[str]:
    """What a picture carries beside what is seen at a glance, for whoever is to vouch for it."""
    beginning = content[: 256 * 1024]
    return list(dict.fromkeys(word for sign, word in _UNSEEN if sign in beginning))


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return _CONTROL.search(text) is None


def demand_evidence(content: bytes) -> None:
    """BadInput for nothing at all, and for an address: what it leads to may be gone tomorrow."""
    if not content.strip():
        raise BadInput("the file is empty")
    if len(content) < 4000 and _LINK.fullmatch(content):
        raise BadInput(
            "a link is not evidence: what it leads to can change",
            hint="save what it shows, and bring that",
        )
