"""`golive.ports.data_governance.DataGovernance` over the service's HTTP contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count as numbers
from urllib.parse import quote, urlencode

from golive.adapters.fixnado_http.reading import Calls, count, listed, objects, text
from golive.kernel.errors import PortError
from golive.kernel.json import Json, JsonObject
from golive.ports.data_governance import (
    Chunk,
    DataRequest,
    Holding,
    Manifest,
    PurgeGroup,
    PurgePlan,
)
from golive.ports.marketplace import Refused, Session

_REQUESTS = "/compliance/data-requests"
_PAGE = 200
"""The longest list that the contract allows; a full one may not be all."""
_UNKNOWN_FIELD = (400, 422)


class DataGovernanceCalls(Calls):
    """The desk's routes, for `FixnadoMarketplace`."""

    def find_request(self, session: Session, email: str, reference: str) -> DataRequest | None:
        query = urlencode({"reference": reference, "subjectEmail": email, "limit": _PAGE})
        try:
            reply = self._signed("GET", f"{_REQUESTS}?{query}", session)
        except Refused as refusal:
            if refusal.status not in _UNKNOWN_FIELD:
                raise
            query = urlencode({"subjectEmail": email, "limit": _PAGE})
            reply = self._signed("GET", f"{_REQUESTS}?{query}", session)
        found = [_request(one) for one in listed(reply, "requests", "items", "data")]
        return next((one for one in found if _ours(one, reference)), None)

    def file_request(
        self, session: Session, *, kind: str, email: str, reference: str, key: str
    ) -> DataRequest:
        body: dict[str, Json] = {
            "requestType": kind,
            "subjectEmail": email,
            # also in the words, for a back end that keeps no references
            "justification": f"launch rehearsal {reference}",
            "reference": reference,
        }
        try:
            reply = self._signed("POST", _REQUESTS, session, body, key)
        except Refused as refusal:
            if refusal.status not in _UNKNOWN_FIELD:
                raise
            del body["reference"]
            reply = self._signed("POST", _REQUESTS, session, body, f"{key}-plain")
        return _request(reply.object())

    def data_request(self, session: Session, request_id: str) -> DataRequest:
        return _request(self._signed("GET", _one(request_id), session).object())

    def verify_request(self, session: Session, request_id: str, key: str) -> DataRequest:
        body: Json = {"method": "session", "note": "signed in to the rehearsal account"}
        path = f"{_one(request_id)}/verify"
        return _request(self._signed("POST", path, session, body, key).object())

    def reject_request(self, session: Session, request_id: str, note: str, key: str) -> DataRequest:
        body: Json = {"status": "rejected", "note": note, "denialReason": "other"}
        path = f"{_one(request_id)}/status"
        return _request(self._signed("POST", path, session, body, key).object())

    def make_export(self, session: Session, request_id: str, key: str) -> Manifest:
        path = f"{_one(request_id)}/export"
        return _manifest(self._signed("POST", path, session, None, key).object())

    def manifest(self, session: Session, request_id: str) -> Manifest:
        return _manifest(self._signed("GET", f"{_one(request_id)}/export", session).object())

    def chunk(self, session: Session, request_id: str, index: int) -> bytes:
        return self._signed("GET", f"{_one(request_id)}/export/chunks/{index:d}", session).data

    def payload(self, session: Session, request_id: str) -> bytes:
        return self._signed("GET", f"{_one(request_id)}/export/payload", session).data

    def holdings(self, session: Session) -> Mapping[str, Holding]:
        lists = ("conversations", "orders", "rentals")
        found = {name: self._listing(session, name) for name in lists}
        try:
            said = self._signed("GET", "/commerce/snapshot", session).object()
        except PortError:
            return found
        for name in ("orders", "rentals"):
            tally = said.get(name)
            total = count(tally, "total") if isinstance(tally, Mapping) else None
            listing = found.get(name)
            found[name] = Holding(total, listing.ids if listing else None)
        return found

    def desk_figures(self, session: Session) -> JsonObject:
        return self._signed("GET", f"{_REQUESTS}/metrics", session).object()

    def plan_purge(self, session: Session, request_id: str, key: str) -> PurgePlan:
        body: dict[str, Json] = {"dryRun": True}
        if request_id:
            body["requestId"] = request_id
        return _plan(self._signed("POST", "/compliance/purges", session, body, key).object())

    def _listing(self, session: Session, name: str) -> Holding:
        try:
            rows = listed(self._signed("GET", f"/{name}?limit={_PAGE}", session), name, "items")
        except PortError as error:
            return Holding(None, problem=error.what)
        if len(rows) >= _PAGE:
            return Holding(None, problem=f"the list of {name} ends at {_PAGE}")
        return Holding(len(rows), frozenset(text(one, "id") for one in rows))


def _one(request_id: str) -> str:
    return f"{_REQUESTS}/{quote(request_id, safe='')}"


def _ours(request: DataRequest, reference: str) -> bool:
    if request.reference:
        return request.reference == reference
    metadata = request.raw.get("metadata")
    words = text(metadata, "justification") if isinstance(metadata, Mapping) else ""
    return reference in words.split()


def _request(said: JsonObject) -> DataRequest:
    return DataRequest(
        id=text(said, "id"),
        reference=text(said, "reference"),
        kind=text(said, "requestType"),
        status=text(said, "status"),
        subject_email=text(said, "subjectEmail"),
        region=text(said, "regionId") or text(said, "regionCode"),
        requested_at=text(said, "requestedAt"),
        due_at=text(said, "dueAt"),
        raw=said,
    )


def _manifest(said: JsonObject) -> Manifest:
    """Of an answer that is the manifest, or has it under `export` or `manifest`."""
    inner = next((said[name] for name in ("export", "manifest") if said.get(name)), said)
    raw = inner if isinstance(inner, Mapping) else said
    datasets, chunks = _datasets(raw.get("datasets"))
    return Manifest(
        datasets=datasets,
        chunks=chunks or _chunks(objects(raw.get("chunks")), ""),
        rows=count(raw, "rows"),
        bytes=count(raw, "bytes"),
        sha256=_digest(raw),
        location=text(raw, "location") or text(said, "payloadLocation"),
        raw=raw,
    )


def _datasets(said: Json) -> tuple[Mapping[str, int | None], Sequence[Chunk]]:
    """A list of objects, or an object by name, or a list of names."""
    if isinstance(said, Mapping):
        said = [
            {**one, "name": name} if isinstance(one, Mapping) else {"name": name, "rows": one}
            for name, one in said.items()
        ]
    if isinstance(said, str) or not isinstance(said, Sequence):
        return {}, ()
    rows: dict[str, int | None] = {}
    chunks: list[Chunk] = []
    for one in said:
        entry = one if isinstance(one, Mapping) else {"name": one}
        name = text(entry, "name") or text(entry, "dataset")
        if name:
            rows[name] = count(entry, "rows")
            chunks += _chunks(objects(entry.get("chunks")), name)
    return rows, sorted(chunks, key=lambda chunk: chunk.index)


def _chunks(said: Sequence[JsonObject], dataset: str) -> Sequence[Chunk]:
    unnamed = numbers()
    found = []
    for one in said:
        index = count(one, "index")
        found.append(
            Chunk(
                index=next(unnamed) if index is None else index,
                dataset=text(one, "dataset") or dataset,
                rows=count(one, "rows"),
                bytes=count(one, "bytes"),
                sha256=_digest(one),
            )
        )
    return sorted(found, key=lambda chunk: chunk.index)


def _digest(said: JsonObject) -> str:
    return (text(said, "sha256") or text(said, "checksum")).removeprefix("sha256:").lower()


def _plan(said: JsonObject) -> PurgePlan:
    dry = said.get("dryRun")
    rows = said.get("rows", said.get("groups"))
    return PurgePlan(
        id=text(said, "id"),
        dry_run=dry if isinstance(dry, bool) else None,
        groups=[_group(one) for one in objects(rows)] if isinstance(rows, list) else None,
        sha256=_digest(said),
        raw=said,
    )


def _group(said: JsonObject) -> PurgeGroup:
    return PurgeGroup(
        text(said, "dataset"), text(said, "action"), text(said, "reason"), count(said, "rows") or 0
    )
