"""The export's bytes: fetched chunk by chunk, held against digests, counts and their subject."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from golive.drillkit.attempts import attempted
from golive.drills.data_governance.manifests import Integrity, compare, from_json, tampered
from golive.drills.data_governance.params import Ctx, case_id, desk
from golive.drills.data_governance.rows import Contents, Subject, examine
from golive.kernel.json import Json
from golive.ports.data_governance import Chunk, DataGovernance, Holding, Manifest

_FETCHED = "export-fetched"
_CLAIM = "every byte of the export could be fetched by its subject"


def contents(ctx: Ctx) -> Json:
    """Fetch everything, keep it, then judge it."""
    market, identifier = desk(ctx), case_id(ctx)
    manifest = from_json(ctx.memo.get("export"))
    if manifest is None:
        ctx.holds(
            _FETCHED, _CLAIM, None, detail="no export was made, so there is none to look into"
        )
        return None
    session = market.login(ctx.params.role)
    cut = bool(manifest.chunks)
    manifest = manifest if cut else replace(manifest, chunks=[_single(manifest)])

    def get(index: int) -> bytes:
        if not cut:
            return market.payload(session, identifier)
        return market.chunk(session, identifier, index)

    indices = [one.index for one in manifest.chunks]
    fetched = attempted(
        ctx, _FETCHED, _CLAIM, lambda: [_put(ctx, index, get(index)) for index in indices]
    )
    if fetched is None:
        return None
    subject = Subject(
        session.user_id, market.address(ctx.params.role), dict(market.holdings(session))
    )
    integrity = compare(manifest, fetched)
    found = _keep(ctx, market, manifest, integrity, fetched, subject)
    _judge_bytes(ctx, manifest, integrity, fetched)
    _judge_rows(ctx, manifest, found, subject)
    _judge_size(ctx, found, fetched)
    return {
        "rows": dict(found.rows),
        "chunks": len(fetched),
        "bytes": sum(one.stat().st_size for one in fetched),
        "sha256": integrity.whole_digest,
    }


def _single(manifest: Manifest) -> Chunk:
    """An export that isn't cut is one chunk."""
    return Chunk(0, "", manifest.rows, manifest.bytes, manifest.sha256)


def _put(ctx: Ctx, index: int, data: bytes) -> Path:
    folder = ctx.work / "export"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{index:06d}.ndjson"
    path.write_bytes(data)
    ctx.progress(f"chunk {index}", bytes=len(data))
    ctx.pause(0)
    return path


def _keep(
    ctx: Ctx,
    market: DataGovernance,
    manifest: Manifest,
    integrity: Integrity,
    parts: Sequence[Path],
    subject: Subject,
) -> Contents:
    """Artefacts before verdicts. The checksums are of the bytes as served; what the vault keeps of
    the rows has gone through redaction."""
    readable = ctx.work / "export.json"
    with readable.open("w", encoding="utf-8") as out:
        found = examine(parts, subject, out)
    ctx.save("export", readable, fidelity=market.fidelity)
    whole = ctx.work / "export.ndjson"
    with whole.open("wb") as out:
        for part in parts:
            out.write(part.read_bytes())
    kept = ctx.save("payload", whole, fidelity=market.fidelity)
    if kept.sha256 != integrity.whole_digest:
        ctx.log(
            "redaction changed the vault's copy of the export; the checksums are of the original"
        )
    names = [f"{one.index:06d}-{one.dataset or 'all'}.ndjson" for one in manifest.chunks]
    lines = [f"{digest}  {name}" for digest, name in zip(integrity.digests, names, strict=True)]
    lines.append(f"{integrity.whole_digest}  {kept.path.rpartition('/')[2]}")
    ctx.save("checksums", "\n".join(lines) + "\n", fidelity=market.fidelity)
    return found


def _judge_bytes(ctx: Ctx, manifest: Manifest, integrity: Integrity, parts: Sequence[Path]) -> None:
    ctx.at_most(
        "checksum_failures",
        "every chunk and the whole have the SHA-256 that the manifest gives",
        0,
        integrity.failures,
        unit="digests",
        detail=_trouble(integrity),
    )
    copy = ctx.work / "tampered.ndjson"
    ctx.holds(
        "tampering-noticed",
        "one flipped byte in a copy is noticed by its chunk's digest and by the whole's",
        tampered(manifest, parts, copy),
    )
    copy.unlink(missing_ok=True)


def _trouble(integrity: Integrity) -> str:
    said = []
    if integrity.undigested:
        said.append(f"chunks without a digest: {_few(integrity.undigested)}")
    if integrity.mismatched:
        said.append(f"chunks with another digest or size: {_few(integrity.mismatched)}")
    if integrity.whole is not True:
        gone = "there is no digest of the whole" if integrity.whole is None else ""
        said.append(gone or "the whole has another digest")
    return "; ".join(said)


def _few(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown + (f" and {len(numbers) - 10} more" if len(numbers) > 10 else "")


def _judge_rows(ctx: Ctx, manifest: Manifest, found: Contents, subject: Subject) -> None:
    missing = [name for name in ctx.params.datasets if name not in manifest.datasets]
    ctx.at_most(
        "datasets_missing",
        f"the export names {', '.join(ctx.params.datasets)}",
        0,
        len(missing),
        unit="datasets",
        detail=", ".join(missing),
    )
    for name in ctx.params.datasets:
        _complete(ctx, name, manifest.datasets, found, subject.holdings)
    # as many rows could still be one of them twice and another not at all
    lacking = {name: len(ids) for name, ids in found.missing.items() if ids}
    ctx.at_most(
        "rows_missing",
        "every row that the subject's own pages list is in the export, by its id",
        0,
        sum(lacking.values()) if found.missing else None,
        unit="rows",
        detail=", ".join(f"{name}: {count}" for name, count in lacking.items()),
    )
    total = sum(found.rows.values())
    ctx.at_most(
        "foreign_rows",
        "every row is the subject's own",
        0,
        len(found.foreign) if total else None,
        unit="rows",
        detail=found.told,
    )
    ctx.at_most("unread_parts", "everything in the export can be read", 0, found.unread)


def _complete(
    ctx: Ctx,
    name: str,
    claimed: Mapping[str, int | None],
    found: Contents,
    holdings: Mapping[str, Holding],
) -> None:
    """The rows that came, against a count that the export had no part in."""
    counted = found.rows[name]
    holding = Holding(1) if name == "user" else holdings.get(name, Holding(None))
    detail = holding.problem or f"the manifest says {claimed.get(name)}"
    if holding.rows is None:
        detail = detail or "the subject's pages don't count it"
    ctx.equals(
        f"complete-{name}",
        f"as many rows of {name} came as the subject's own pages show",
        holding.rows,
        counted if holding.rows is not None else None,
        detail=detail,
    )
    told = claimed.get(name)
    if told is not None:
        ctx.equals(f"manifest-{name}", f"the manifest counts {name} as they came", told, counted)


def _judge_size(ctx: Ctx, found: Contents, parts: Sequence[Path]) -> None:
    if not ctx.params.oversize:
        return
    sizes = [one.stat().st_size for one in parts]
    oversize = sum(sizes) > ctx.params.chunk_bytes
    ctx.at_most(
        "largest_chunk_bytes",
        "no chunk of the oversize export is larger than can be delivered",
        ctx.params.chunk_bytes,
        # what fits as it is shows nothing of how the rest would be cut
        max(sizes) if oversize else None,
        unit="bytes",
        detail=f"{sum(sizes)} bytes in {len(sizes)} chunks"
        + ("" if oversize else ": that fits into one, so it is no oversize export"),
    )
    ctx.at_most("mixed_chunks", "the export is cut by dataset", 0, len(found.mixed), unit="chunks")
    free = shutil.disk_usage(ctx.work).free
    ctx.log(f"the export was streamed to a folder with {free // 2**20} MiB left")
