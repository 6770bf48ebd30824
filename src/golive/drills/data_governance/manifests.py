"""A manifest as the journal keeps it, and what the bytes say of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from golive.kernel.json import Json, JsonObject
from golive.ports.data_governance import Chunk, Manifest


def to_json(manifest: Manifest) -> JsonObject:
    return {
        "datasets": dict(manifest.datasets),
        "chunks": [
            [one.index, one.dataset, one.rows, one.bytes, one.sha256] for one in manifest.chunks
        ],
        "rows": manifest.rows,
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
        "location": manifest.location,
    }


def from_json(value: Json) -> Manifest | None:
    """What `to_json` made; None where no manifest was kept."""
    if not isinstance(value, Mapping):
        return None
    datasets, chunks = value.get("datasets"), value.get("chunks")
    return Manifest(
        datasets={name: _number(rows) for name, rows in datasets.items()}
        if isinstance(datasets, Mapping)
        else {},
        chunks=[_chunk(one) for one in chunks if isinstance(one, list)]
        if isinstance(chunks, list)
        else (),
        rows=_number(value.get("rows")),
        bytes=_number(value.get("bytes")),
        sha256=str(value.get("sha256") or ""),
        location=str(value.get("location") or ""),
        raw={},
    )


@dataclass(frozen=True)
class Integrity:
    """How the bytes that came stand towards the manifest. Indices of chunks."""

    undigested: Sequence[int]
    """No digest is given, so nothing can be held against it."""
    mismatched: Sequence[int]
    """Another digest, or another size."""
    whole: bool | None
    """None where the manifest gives no digest of the whole."""
    digests: Sequence[str]
    whole_digest: str

    @property
    def failures(self) -> int:
        return len(self.undigested) + len(self.mismatched) + (self.whole is not True)


def compare(manifest: Manifest, parts: Sequence[Path]) -> Integrity:
    """SHA-256 of every part and of all in order, against what the manifest says. A part at a time
    is in memory."""
    whole = hashlib.sha256()
    digests: list[str] = []
    mismatched: list[int] = []
    for chunk, part in zip(manifest.chunks, parts, strict=True):
        data = part.read_bytes()
        whole.update(data)
        digests.append(hashlib.sha256(data).hexdigest())
        wrong_size = chunk.bytes is not None and chunk.bytes != len(data)
        if wrong_size or (chunk.sha256 and chunk.sha256 != digests[-1]):
            mismatched.append(chunk.index)
    return Integrity(
        undigested=[one.index for one in manifest.chunks if not one.sha256],
        mismatched=mismatched,
        whole=manifest.sha256 == whole.hexdigest() if manifest.sha256 else None,
        digests=digests,
        whole_digest=whole.hexdigest(),
    )


def tampered(manifest: Manifest, parts: Sequence[Path], copy: Path) -> bool | None:
    """Whether one flipped byte in a copy of the largest part would be noticed, by its chunk's
    digest and by the whole's. None where there are no digests or no bytes to try it on."""
    sizes = [part.stat().st_size for part in parts]
    if not any(sizes) or not manifest.sha256 or not all(one.sha256 for one in manifest.chunks):
        return None
    which = sizes.index(max(sizes))
    data = bytearray(parts[which].read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    found = compare(manifest, [*parts[:which], copy, *parts[which + 1 :]])
    return list(found.mismatched) == [manifest.chunks[which].index] and found.whole is False


def _chunk(said: Sequence[Json]) -> Chunk:
    index, dataset, rows, size, sha256 = said
    return Chunk(_number(index) or 0, str(dataset), _number(rows), _number(size), str(sha256))


def _number(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
