"""Cells of the tables that drills leave, safe to open in a spreadsheet."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "|", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(text: str) -> str:
    """On one line, and with an apostrophe in front where a spreadsheet would take it for a formula
    (OWASP, CSV injection): the signs count behind blanks too, which some programs drop."""
    flat = " ".join(text.replace("\0", "").split())
    return f"'{flat}" if flat.startswith(_FORMULA) else flat
