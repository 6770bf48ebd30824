"""Words that others wrote, made safe to show."""

from __future__ import annotations


def clean(text: object) -> str:
    """`text` without control and direction characters, which could make it look like another."""
    flat = "".join(" " if one in "\n\t\r" else one for one in str(text))
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in flat)


def clean_lines(text: object) -> str:
    """`clean`, line by line: what a message has on several lines stays so."""
    return "\n".join(map(clean, str(text).splitlines()))


def cut(text: str, most: int) -> str:
    """At most `most` characters of `text`, with an ellipsis where something was left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
