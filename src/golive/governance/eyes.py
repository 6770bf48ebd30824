"""Whether only eyes can tell whose data is in a file.

Plain text is searched by machine, word for word. In everything else (pictures, films, scans, papers
of office programs, archives) somebody may be shown whom no search finds. What a file is called, or
said to be, changes nothing: its bytes decide.
"""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

_CHUNK = 1 << 20
_SEAM = 16 << 10
"""Characters that two chunks share, so that nothing hides where one ends."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
"""What no text holds: all but tabs, line and page breaks, and the escapes that colour a log."""
_DRAWN = re.compile(r"<svg\b|^%(?:PDF-|!PS)|data:[\w.+-]{1,40}/[\w.+-]{1,80}[^,\s]{0,80};base64,",
                    re.IGNORECASE)  # fmt: skip
"""Text that is drawn, or carries what is."""
_PACKED = re.compile(r"(?:[A-Za-z0-9+/_-]{56,}+={0,2}+[\s\\n\"]{0,6}+)++")
"""Base64, on one line or many. It can't backtrack, so hostile text costs no more than other."""
_MOST_PACKED = 2048
"""Characters of it that keys and signatures stay below, and pictures don't."""


def needs_eyes(source: BinaryIO) -> bool:
    """Whether a person must look at `source`, read from where it stands in constant memory."""
    text = codecs.getincrementaldecoder("utf-8-sig")()
    seam = ""
    try:
        while chunk := source.read(_CHUNK):
            piece = text.decode(chunk)
            if _CONTROL.search(piece) or _tells(seam + piece):
                return True
            seam = (seam + piece)[-_SEAM:]
        text.decode(b"", final=True)
    except UnicodeDecodeError:
        return True
    return False


def _tells(piece: str) -> bool:
    if _DRAWN.search(piece):
        return True
    return any(len(found[0]) >= _MOST_PACKED for found in _PACKED.finditer(piece))
