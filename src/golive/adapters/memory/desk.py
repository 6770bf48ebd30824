"""The compliance desk of the memory target: requests, exports, purge plans."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from golive.adapters.memory.incidents import IncidentBooks
from golive.adapters.memory.legal import LegalBooks
from golive.adapters.memory.refund_books import RefundBooks
from golive.adapters.memory.world import Fault, World
from golive.kernel.ids import idempotency_key
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.ports.data_governance import (
    Chunk,
    DataRequest,
    Holding,
    Manifest,
    PurgeGroup,
    PurgePlan,
)
from golive.ports.marketplace import Refused, Session

DOMAIN = "rehearsal.fixnado.example"
_OFFICERS = ("compliance", "admin")
_CHUNK_ROWS = 4
Rows = dict[str, list[JsonObject]]


def address(role: str) -> str:
    """The rehearsal account's address, for every role that there is."""
    return f"{role}@{DOMAIN}"


class DeskBooks:
    """State of the desk. It belongs to the world and outlives every rehearsal."""

    def __init__(self) -> None:
        self.people: dict[str, Rows] = {}
        """By account's role, then dataset: what is kept about that person."""
        self.requests: dict[str, DataRequest] = {}
        self.exports: dict[str, tuple[Manifest, tuple[bytes, ...]]] = {}
        self.answers: dict[str, str] = {}
        """Idempotency key to the request that it made."""
        self.legal = LegalBooks()
        self.refunds = RefundBooks()
        self.incidents = IncidentBooks()

    def of(self, role: str) -> Rows:
        return self.people.setdefault(role, _person(role))


@dataclass(frozen=True)
class _Call:
    """Who asks for what."""

    route: str
    session: Session
    roles: Sequence[str] = field(default=())
    """Roles that may; nobody in particular where empty."""


class MemoryDesk(ABC):
    """`golive.ports.data_governance.DataGovernance`, for `MemoryMarketplace`."""

    url: str
    _world: World
    _books: DeskBooks

    @abstractmethod
    def _serve(self, route: str, session: Session | None = None) -> None:
        """Answer an ordinary request, or raise what it comes to."""

    def address(self, role: str) -> str:
        return address(role)

    def find_request(self, session: Session, email: str, reference: str) -> DataRequest | None:
        self._ask(_Call("find_request", session))
        mine = [one for one in self._books.requests.values() if self._sees(session, one)]
        ours = [one for one in mine if one.subject_email == email]
        return next((one for one in ours if one.reference == reference), None)

    def file_request(
        self, session: Session, *, kind: str, email: str, reference: str, key: str
    ) -> DataRequest:
        self._ask(_Call("file_request", session))
        if email != address(session.role) and self._role(session) not in (*_OFFICERS, "support"):
            raise self._refused("file_request", 403)
        known = self._books.answers.get(key)
        if known is not None:
            return self._books.requests[known]
        if any(one.reference == reference for one in self._books.requests.values()):
            raise self._refused("file_request", 409)
        now = self._world.clock.now()
        request = DataRequest(
            id=idempotency_key("memory", key),
            reference=reference,
            kind=kind,
            status="received",
            subject_email=email,
            # a law whose clock is plain arithmetic
            region="US-CA",
            requested_at=rfc3339(now),
            due_at=_due(now),
            raw={},
        )
        self._books.answers[key] = request.id
        return self._put(request, "data-request-filed")

    def data_request(self, session: Session, request_id: str) -> DataRequest:
        self._ask(_Call("data_request", session))
        return self._one(session, request_id)

    def verify_request(self, session: Session, request_id: str, key: str) -> DataRequest:  # noqa: ARG002
        self._ask(_Call("verify_request", session, _OFFICERS))
        request = self._one(session, request_id)
        if request.status != "received":
            raise self._refused("verify_request", 409)
        return self._put(replace(request, status="in_progress"), "data-request-verified")

    def reject_request(
        self,
        session: Session,
        request_id: str,
        note: str,  # noqa: ARG002
        key: str,  # noqa: ARG002
    ) -> DataRequest:
        self._ask(_Call("reject_request", session, _OFFICERS))
        request = self._one(session, request_id)
        if request.status in ("completed", "rejected"):
            raise self._refused("reject_request", 409)
        return self._put(replace(request, status="rejected"), "data-request-rejected")

    def make_export(self, session: Session, request_id: str, key: str) -> Manifest:  # noqa: ARG002
        self._ask(_Call("make_export", session, _OFFICERS))
        request = self._one(session, request_id)
        if request.kind != "access" or request.status != "in_progress":
            raise self._refused("make_export", 409)
        rows = dict(self._books.of(request.subject_email.partition("@")[0]))
        if self._world.has(Fault.EXPORT_LEAKS_OTHER_SUBJECT):
            rows["orders"] = [*rows["orders"], *self._books.of("somebody-else")["orders"][:1]]
        told = not self._world.has(Fault.EXPORT_NO_CHECKSUM)
        self._books.exports[request_id] = _export(rows, told=told)
        self._put(replace(request, status="completed"), "data-request-exported")
        return self._books.exports[request_id][0]

    def manifest(self, session: Session, request_id: str) -> Manifest:
        return self._exported("manifest", session, request_id)[0]

    def chunk(self, session: Session, request_id: str, index: int) -> bytes:
        parts = self._exported("chunk", session, request_id)[1]
        if not 0 <= index < len(parts):
            raise self._refused("chunk", 404)
        return parts[index]

    def payload(self, session: Session, request_id: str) -> bytes:
        return b"".join(self._exported("payload", session, request_id)[1])

    def holdings(self, session: Session) -> Mapping[str, Holding]:
        self._ask(_Call("holdings", session))
        return {
            name: Holding(len(rows), frozenset(str(one["id"]) for one in rows))
            for name, rows in self._books.of(session.role).items()
            if name != "user"
        }

    def desk_figures(self, session: Session) -> JsonObject:
        self._ask(_Call("desk_figures", session, _OFFICERS))
        return {"totalRequests": len(self._books.requests)}

    def plan_purge(self, session: Session, request_id: str, key: str) -> PurgePlan:  # noqa: ARG002
        self._ask(_Call("plan_purge", session, _OFFICERS))
        role = "retired"
        if request_id:
            request = self._one(session, request_id)
            role = request.subject_email.partition("@")[0]
        rows = self._books.of(role)
        groups = [
            PurgeGroup(name, "delete", "erasure requested" if request_id else "too old", len(kept))
            for name, kept in rows.items()
            if kept
        ]
        if self._world.has(Fault.PURGE_IGNORES_DRY_RUN):
            for name in ("conversations", "orders"):
                rows[name] = []
            self._world.changed("marketplace.plan_purge", "purged", role)
        told: list[Json] = [[one.dataset, one.action, one.reason, one.rows] for one in groups]
        digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        return PurgePlan(f"plan-{digest[:8]}", True, groups, digest, {"rows": told})

    def _ask(self, call: _Call) -> None:
        self._world.call(f"marketplace.{call.route}")
        self._serve(call.route, call.session)
        if call.roles and self._role(call.session) not in call.roles:
            raise self._refused(call.route, 403)

    def _role(self, session: Session) -> str:
        claimed = session.authorisation.get("X-Role", "")
        return claimed if claimed and self._world.has(Fault.ROLE_FROM_HEADER) else session.role

    def _sees(self, session: Session, request: DataRequest) -> bool:
        own = request.subject_email == address(session.role)
        return own or self._role(session) in _OFFICERS

    def _one(self, session: Session, request_id: str) -> DataRequest:
        request = self._books.requests.get(request_id)
        if request is None or not self._sees(session, request):
            raise self._refused("data_request", 404)
        return request

    def _exported(
        self, route: str, session: Session, request_id: str
    ) -> tuple[Manifest, tuple[bytes, ...]]:
        self._ask(_Call(route, session))
        self._one(session, request_id)
        if request_id not in self._books.exports:
            raise self._refused(route, 404)
        return self._books.exports[request_id]

    def _put(self, request: DataRequest, kind: str) -> DataRequest:
        self._books.requests[request.id] = request
        self._world.changed("marketplace.data_request", kind, request.reference, request.status)
        return request

    def _refused(self, route: str, status: int) -> Refused:
        return Refused(f"answered {status}", status=status, where=f"{self.url} {route}")


def _due(now: datetime) -> str:
    """45 calendar days, to the end of the day in Los Angeles (Cal. Code Regs. tit. 11 § 7021)."""
    zone = ZoneInfo("America/Los_Angeles")
    day = now.astimezone(zone).date() + timedelta(days=45)
    return rfc3339(datetime.combine(day, time(23, 59, 59), zone))


def _person(role: str) -> Rows:
    named: Rows = {"user": [{"id": f"{role}-1", "email": address(role), "name": f"A {role}"}]}
    for dataset, size in (("conversations", 3), ("rentals", 5), ("orders", 9)):
        named[dataset] = [{"id": f"{role}-{dataset}-{number}"} for number in range(size)]
    return named


def _export(rows: Rows, *, told: bool) -> tuple[Manifest, tuple[bytes, ...]]:
    """One JSON object a line, cut dataset by dataset. `told`: whether digests are given."""
    parts: list[bytes] = []
    chunks: list[Chunk] = []
    for name, kept in rows.items():
        for begin in range(0, len(kept), _CHUNK_ROWS):
            some = kept[begin : begin + _CHUNK_ROWS]
            data = b"".join(
                json.dumps({"dataset": name, "row": row}).encode() + b"\n" for row in some
            )
            digest = hashlib.sha256(data).hexdigest() if told else ""
            chunks.append(Chunk(len(parts), name, len(some), len(data), digest))
            parts.append(data)
    whole = b"".join(parts)
    manifest = Manifest(
        datasets={name: len(kept) for name, kept in rows.items()},
        chunks=chunks,
        rows=sum(len(kept) for kept in rows.values()),
        bytes=len(whole),
        sha256=hashlib.sha256(whole).hexdigest() if told else "",
        location="memory:",
        raw={"format": "application/x-ndjson"},
    )
    return manifest, tuple(parts)
