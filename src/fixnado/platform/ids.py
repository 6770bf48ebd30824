"""Identifiers."""

from __future__ import annotations

from uuid import uuid4


def new_id() -> str:
    """A fresh random UUID in its canonical 36 characters."""
    return str(uuid4())
