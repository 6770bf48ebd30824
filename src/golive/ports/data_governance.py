"""The marketplace's desk for people's rights over their data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from golive.kernel.json import JsonObject
from golive.ports.marketplace import Marketplace, Session


@dataclass(frozen=True)
class DataRequest:
    """A request as the marketplace keeps it; "" for what it doesn't say."""

    id: str
    reference: str
    kind: str
    """`access`, `erasure`, `rectification`."""
    status: str
    """`received`, `in_progress`, `completed`, `rejected`."""
    subject_email: str
    region: str
    requested_at: str
    due_at: str
    raw: JsonObject


@dataclass(frozen=True)
class Chunk:
    """A part of an export. `rows`, `bytes` None and `sha256` "" where the manifest is silent."""

    index: int
    dataset: str
    rows: int | None
    bytes: int | None
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an export says that it holds. The chunks in order, put together, are the whole."""

    datasets: Mapping[str, int | None]
    """Rows by dataset."""
    chunks: Sequence[Chunk]
    rows: int | None
    bytes: int | None
    sha256: str
    location: str
    raw: JsonObject


@dataclass(frozen=True)
class Holding:
    """What the subject's own pages show of one dataset: an independent count."""

    rows: int | None
    """None where the pages don't tell."""
    ids: frozenset[str] | None = None
    """Every row's id, where the pages list them all."""
    problem: str = ""


@dataclass(frozen=True)
class PurgeGroup:
    """Rows that a purge would touch, and why."""

    dataset: str
    action: str
    reason: str
    rows: int


@dataclass(frozen=True)
class PurgePlan:
    """What a purge would do. `dry_run` is None where the answer doesn't say."""

    id: str
    dry_run: bool | None
    groups: Sequence[PurgeGroup] | None
    """None where the answer names no rows by dataset and reason."""
    sha256: str
    raw: JsonObject


@runtime_checkable
class DataGovernance(Marketplace, Protocol):
    """One way in, with its desk. What a session may not do is `Refused`, with the status."""

    def address(self, role: str) -> str:
        """The e-mail address of the rehearsal account of `role`; NotConfigured without one."""
        ...

    def find_request(self, session: Session, email: str, reference: str) -> DataRequest | None:
        """The request with our reference, also where the reference is only in its words."""
        ...

    def file_request(
        self, session: Session, *, kind: str, email: str, reference: str, key: str
    ) -> DataRequest: ...

    def data_request(self, session: Session, request_id: str) -> DataRequest: ...

    def verify_request(self, session: Session, request_id: str, key: str) -> DataRequest: ...

    def reject_request(self, session: Session, request_id: str, note: str, key: str) -> DataRequest:
        """Close a request without doing what it asks for."""
        ...

    def make_export(self, session: Session, request_id: str, key: str) -> Manifest: ...

    def manifest(self, session: Session, request_id: str) -> Manifest:
        """Of the newest export that was made."""
        ...

    def chunk(self, session: Session, request_id: str, index: int) -> bytes: ...

    def payload(self, session: Session, request_id: str) -> bytes:
        """The whole, for a back end that doesn't cut it; PortError above 20 MB."""
        ...

    def holdings(self, session: Session) -> Mapping[str, Holding]:
        """By dataset, from the subject's own pages. A page that fails is a `problem`."""
        ...

    def desk_figures(self, session: Session) -> JsonObject: ...

    def plan_purge(self, session: Session, request_id: str, key: str) -> PurgePlan:
        """A dry run: of an erasure request, or with "" of everything kept for too long."""
        ...
