"""What may be said of a file by its bytes alone: a harmless name, a media type, whether it is
evidence at all. Pure."""

from __future__ import annotations

import mimetypes
import re
import unicodedata

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
_TEXTS = frozenset({"text/plain", "text/markdown", "text/csv", "text/tab-separated-values",
                    "application/json", "application/jsonl"})  # fmt: skip
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
    guess = {".md": "text/markdown", ".jsonl": "application/jsonl"}.get(
        name[name.rfind(".") :].lower() if "." in name else ""
    )
    kind = guess or mimetypes.guess_type(name)[0] or ""
    return kind if kind in _TEXTS else "application/octet-stream"


def is_picture(kind: str) -> bool:
    """Whether only eyes can tell what is in it: pictures, and scans in a PDF."""
    return kind.startswith("image/") or kind == "application/pdf"


def demand_evidence(content: bytes) -> None:
    """BadInput for nothing at all, and for an address: what it leads to may be gone tomorrow."""
    if not content.strip():
        raise BadInput("the file is empty")
    if len(content) < 4000 and _LINK.fullmatch(content):
        raise BadInput(
            "a link is not evidence: what it leads to can change",
            hint="save what it shows, and bring that",
        )
