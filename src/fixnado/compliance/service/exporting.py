"""Handing a person's data over: dataset by dataset, chunk by chunk, in constant memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fixnado.compliance.errors import CantMove, NoExport, NoSubject, NotAnAccessRequest, NotVerified
from fixnado.compliance.model.exports import CHUNK_ROWS, Chunk, Dataset, Export, key
from fixnado.compliance.model.requests import DataRequest, RequestType, Status
from fixnado.compliance.service import desk
from fixnado.compliance.store import exports as store
from fixnado.platform.access import Principal
from fixnado.platform.database import Database, UnitOfWork
from fixnado.platform.ids import new_id
from fixnado.platform.personal_data import PersonalDataSource, Subject
from fixnado.platform.settings import EXPORT_CHUNK_BYTES
from fixnado.platform.shelf import Shelf


@dataclass
class _Writer:
    """Collects lines into chunks and puts each on the shelf as soon as it is full."""

    shelf: Shelf
    export_id: str
    chunk_bytes: int
    chunks: list[Chunk] = field(default_factory=list)
    whole: hashlib._Hash = field(default_factory=hashlib.sha256)
    _lines: list[bytes] = field(default_factory=list)
    _size: int = 0

    def write(self, dataset: str, line: bytes) -> None:
        self._lines.append(line)
        self._size += len(line)
        if self._size >= self.chunk_bytes or len(self._lines) >= CHUNK_ROWS:
            self.flush(dataset)

    def flush(self, dataset: str) -> None:
        """End the chunk; a dataset with nothing in it makes none."""
        if not self._lines:
            return
        payload = b"".join(self._lines)
        index = len(self.chunks)
        self.shelf.put(key(self.export_id, index), payload)
        self.whole.update(payload)
        digest = hashlib.sha256(payload).hexdigest()
        self.chunks.append(Chunk(index, dataset, len(self._lines), len(payload), digest))
        self._lines, self._size = [], 0


class Exports:
    """Makes exports of what the contexts keep, and gives them out again."""

    def __init__(
        self,
        shelf: Shelf,
        sources: Sequence[PersonalDataSource],
        chunk_bytes: int = EXPORT_CHUNK_BYTES,
    ) -> None:
        self._shelf = shelf
        self._sources = tuple(sources)
        self._chunk_bytes = chunk_bytes

    def make(self, database: Database, caller: Principal, request_id: str) -> Export:
        """Write the export to the shelf, from one consistent state of the database.

        NotAnAccessRequest, NotVerified, CantMove or NoSubject, when there is nothing to export.
        Nothing in the database points to it yet: `keep` does that.
        """
        with database.snapshot() as unit:
            request = desk.see(unit, caller, request_id)
            subject = _subject(request)
            writer = _Writer(self._shelf, new_id(), self._chunk_bytes)
            try:
                datasets = tuple(self._write(unit, writer, subject))
            except BaseException:
                self._shelf.remove(writer.export_id)
                raise
            return Export(
                id=writer.export_id,
                request_id=request.id,
                created_at=unit.now,
                datasets=datasets,
                chunks=tuple(writer.chunks),
                rows=sum(one.rows for one in datasets),
                bytes=sum(one.bytes for one in datasets),
                sha256=writer.whole.hexdigest(),
                location=self._shelf.location(writer.export_id),
            )

    def keep(self, unit: UnitOfWork, caller: Principal, export: Export) -> desk.Case:
        """Attach the export to its request, which is answered by it."""
        request = desk.see(unit, caller, export.request_id)
        _subject(request)
        store.add(unit, export)
        words = f"{export.rows} rows in {len(export.chunks)} chunks, SHA-256 {export.sha256}"
        desk.record(unit, request.id, caller, "exported", words)
        return desk.complete(unit, request, export.location)

    def drop(self, export: Export) -> None:
        """Take an export off the shelf that nothing points to."""
        self._shelf.remove(export.id)

    def chunk(self, export: Export, index: int) -> bytes:
        """The bytes of one chunk; NoExport when there is no such chunk."""
        if not 0 <= index < len(export.chunks):
            raise NoExport
        return self._shelf.get(key(export.id, index))

    def payload(self, export: Export) -> Iterator[bytes]:
        """The whole, a chunk at a time."""
        for chunk in export.chunks:
            yield self._shelf.get(key(export.id, chunk.index))

    def _write(self, unit: UnitOfWork, writer: _Writer, subject: Subject) -> Iterator[Dataset]:
        for source in self._sources:
            before = len(writer.chunks)
            for row in source.rows(unit, subject):
                record = {"dataset": source.dataset, "row": row}
                text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
                writer.write(source.dataset, text.encode() + b"\n")
            writer.flush(source.dataset)
            made = writer.chunks[before:]
            yield Dataset(
                source.dataset,
                sum(one.rows for one in made),
                sum(one.bytes for one in made),
                len(made),
            )


def latest(unit: UnitOfWork, caller: Principal, request_id: str) -> Export:
    """The newest export of a request, for the person it is about and for officers; NoExport for
    others, who may have filed the request but not read the answer, or when nothing was exported."""
    request = desk.see(unit, caller, request_id)
    reads = caller.user_id == request.user_id or caller.role in desk.OFFICERS
    found = store.latest(unit, request.id) if reads else None
    if found is None:
        raise NoExport
    return found


def _subject(request: DataRequest) -> Subject:
    """Whose data is exported, when it may be."""
    if request.request_type is not RequestType.ACCESS:
        raise NotAnAccessRequest(request.request_type.value)
    if request.user_id is None:
        raise NoSubject
    if request.verified_at is None:
        raise NotVerified
    if request.status is not Status.IN_PROGRESS:
        raise CantMove(request.status.value, Status.COMPLETED.value)
    return Subject(request.user_id, request.subject_email)
