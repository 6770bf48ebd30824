"""Aware moments only. A naive datetime is refused, never guessed at."""

from __future__ import annotations

from datetime import UTC, datetime


def aware(moment: datetime) -> datetime:
    """`moment` itself; ValueError when it has no zone."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"a moment without a time zone: {moment!r}")
    return moment


def rfc3339(moment: datetime) -> str:
    """UTC with milliseconds and `Z`: `2024-05-30T08:00:00.000Z` (RFC 3339 §5.6)."""
    utc = aware(moment).astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_rfc3339(text: str) -> datetime:
    """The moment that `text` names; ValueError when malformed or without a zone."""
    return aware(datetime.fromisoformat(text))
