"""Bodies of `/v1/compliance`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from fixnado.compliance.model.exports import FORMAT, Export
from fixnado.compliance.model.figures import Figures
from fixnado.compliance.model.purges import Plan
from fixnado.compliance.model.requests import DataRequest, Denial, RequestType, Status
from fixnado.compliance.service.desk import Case
from fixnado.platform.moments import Moment
from fixnado.platform.wire import PLAIN_TEXT, Email, Incoming, Line, Outgoing, Reference

Note = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=PLAIN_TEXT)]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NewRequest(Incoming):
    request_type: RequestType
    subject_email: Email
    region_code: Region | None = None
    """Whose law applies; the account's own region where it is absent."""
    justification: Annotated[str, StringConstraints(max_length=2_000, pattern=PLAIN_TEXT)] = ""
    channel: Literal["api", "web", "email", "letter", "phone", "support"] = "api"
    reference: Reference | None = None


class NewStatus(Incoming):
    status: Status
    note: Note
    due_at: Moment | None = None
    """An extension, within what the law allows; the note is the reason that is told."""
    denial_reason: Denial | None = None


class Verification(Incoming):
    method: Literal["session", "document"] = "session"
    note: Annotated[str, StringConstraints(max_length=2_000, pattern=PLAIN_TEXT)] = ""


class AuditView(Outgoing):
    action: str
    actor_id: str
    note: str
    timestamp: Moment


class Metadata(Outgoing):
    channel: str
    justification: str


class RequestView(Outgoing):
    id: str
    reference: str
    status: Status
    audit_log: tuple[AuditView, ...]
    user_id: str | None
    subject_email: str
    request_type: RequestType
    requested_at: Moment
    due_at: Moment
    region_id: str
    metadata: Metadata
    verified_at: Moment | None
    processed_at: Moment | None
    payload_location: str | None
    denial_reason: Denial | None
    duplicate_of: str | None


class RequestList(Outgoing):
    requests: tuple[RequestView, ...]


class PendingView(Outgoing):
    id: str
    reference: str
    requested_at: Moment
    due_at: Moment


class Breakdown(Outgoing):
    received: int
    in_progress: Annotated[int, Field(alias="in_progress")]
    completed: int
    rejected: int


class FiguresView(Outgoing):
    total_requests: int
    status_breakdown: Breakdown
    overdue_count: int
    due_soon_count: int
    completion_rate: float | None
    average_completion_minutes: float | None
    median_completion_minutes: float | None
    percentile95_completion_minutes: float | None
    window_days: int
    sla_target_days: int
    due_soon_window_days: int
    oldest_pending: PendingView | None


class ChunkView(Outgoing):
    index: int
    dataset: str
    rows: int
    bytes: int
    sha256: str
    href: str


class DatasetView(Outgoing):
    name: str
    rows: int
    bytes: int
    chunks: tuple[ChunkView, ...]


class ManifestView(Outgoing):
    id: str
    created_at: Moment
    format: str
    """One JSON object a line: `{"dataset": …, "row": …}`."""
    datasets: tuple[DatasetView, ...]
    rows: int
    bytes: int
    sha256: str
    """Of all chunks in order, put together."""
    location: str
    href: str


class ExportedView(RequestView):
    export: ManifestView


class NewPurge(Incoming):
    dry_run: bool
    request_id: Line | None = None
    """An erasure request, by id or reference; without one, everything that is too old."""


class Execution(Incoming):
    plan_sha256: Sha256 | None = None
    """The digest of the plan that was looked at."""


class GroupView(Outgoing):
    dataset: str
    action: str
    reason: str
    rows: int


class RetainedView(Outgoing):
    dataset: str
    rows: int
    reason: str


class OutcomeView(Outgoing):
    dataset: str
    total_before: int
    targeted: int
    deleted: int
    anonymised: int
    total_after: int


class PlanView(Outgoing):
    id: str
    dry_run: bool
    """True until it was executed."""
    request_id: str | None
    made_by: str
    made_at: Moment
    expires_at: Moment
    sha256: str
    total_rows: int
    rows: tuple[GroupView, ...]
    retained: tuple[RetainedView, ...]
    executed_at: Moment | None
    executed_by: str | None
    outcomes: tuple[OutcomeView, ...]


def request_view(case: Case) -> RequestView:
    return RequestView(**_request(case.request), audit_log=_trail(case))


def exported_view(case: Case, export: Export) -> ExportedView:
    manifest = manifest_view(export)
    return ExportedView(**_request(case.request), audit_log=_trail(case), export=manifest)


def manifest_view(export: Export) -> ManifestView:
    base = f"/v1/compliance/data-requests/{export.request_id}/export"
    chunks = [ChunkView(**one.__dict__, href=f"{base}/chunks/{one.index}") for one in export.chunks]
    datasets = tuple(
        DatasetView(
            name=one.name,
            rows=one.rows,
            bytes=one.bytes,
            chunks=tuple(chunk for chunk in chunks if chunk.dataset == one.name),
        )
        for one in export.datasets
    )
    return ManifestView(
        id=export.id,
        created_at=export.created_at,
        format=FORMAT,
        datasets=datasets,
        rows=export.rows,
        bytes=export.bytes,
        sha256=export.sha256,
        location=export.location,
        href=f"{base}/payload",
    )


def figures_view(found: Figures) -> FiguresView:
    return FiguresView.model_validate(found)


def plan_view(plan: Plan) -> PlanView:
    return PlanView(
        id=plan.id,
        dry_run=plan.executed_at is None,
        request_id=plan.request_id,
        made_by=plan.made_by,
        made_at=plan.made_at,
        expires_at=plan.expires_at,
        sha256=plan.sha256,
        total_rows=sum(one.rows for one in plan.groups),
        rows=tuple(GroupView.model_validate(one) for one in plan.groups),
        retained=tuple(RetainedView.model_validate(one) for one in plan.retained),
        executed_at=plan.executed_at,
        executed_by=plan.executed_by,
        outcomes=tuple(OutcomeView.model_validate(one) for one in plan.outcomes),
    )


def _trail(case: Case) -> tuple[AuditView, ...]:
    return tuple(AuditView.model_validate(entry) for entry in case.trail)


def _request(request: DataRequest) -> dict[str, Any]:
    return {
        "id": request.id,
        "reference": request.reference,
        "status": request.status,
        "user_id": request.user_id,
        "subject_email": request.subject_email,
        "request_type": request.request_type,
        "requested_at": request.requested_at,
        "due_at": request.due_at,
        "region_id": request.region,
        "metadata": Metadata(channel=request.channel, justification=request.justification),
        "verified_at": request.verified_at,
        "processed_at": request.processed_at,
        "payload_location": request.payload_location,
        "denial_reason": request.denial,
        "duplicate_of": request.duplicate_of,
    }
