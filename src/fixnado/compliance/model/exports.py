"""What was handed over: datasets in chunks, each with its digest, and the digest of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

CHUNK_ROWS: Final = 2_000
"""A chunk ends with these or with its bytes, whichever comes first, so memory depends on neither
people nor messages."""
FORMAT: Final = "application/x-ndjson"


@dataclass(frozen=True)
class Chunk:
    """A part of one dataset; the chunks in order, put together, are the whole."""

    index: int
    dataset: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Dataset:
    name: str
    rows: int
    bytes: int
    chunks: int


@dataclass(frozen=True)
class Export:
    id: str
    request_id: str
    created_at: datetime
    datasets: tuple[Dataset, ...]
    chunks: tuple[Chunk, ...]
    rows: int
    bytes: int
    sha256: str
    location: str


def key(export_id: str, index: int) -> str:
    """Where a chunk lies under the shelf."""
    return f"{export_id}/{index:06d}.ndjson"
