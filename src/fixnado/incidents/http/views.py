"""Incidents on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from fixnado.incidents.model.figures import DEFINITIONS, Case, Figures, Ledger
from fixnado.incidents.model.incident import Event
from fixnado.incidents.model.speaking import Delivery
from fixnado.incidents.service import File, Tracked
from fixnado.platform.moments import Moment
from fixnado.platform.wire import PLAIN_TEXT, Incoming, Line, Outgoing, Reference, Text

SeverityName = Literal["SEV1", "SEV2", "SEV3", "SEV4", "SEV5"]
StatusName = Literal["open", "acknowledged", "mitigated", "resolved"]
Remark = Annotated[str, StringConstraints(max_length=2_000, pattern=PLAIN_TEXT)]
Past = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC))]


class NewIncident(Incoming):
    severity: SeverityName
    title: Line
    description: Annotated[str, StringConstraints(max_length=10_000, pattern=PLAIN_TEXT)] = ""
    reference: Reference | None = None
    triggered_at: Past | None = None
    """When the trouble began; now, if it isn't said."""
    drill: bool = False


class Move(Incoming):
    note: Remark = ""


class Acknowledge(Move):
    automated: bool = False
    """A program acknowledges: recorded, and no part of the time to acknowledge."""


class NewEscalation(Incoming):
    reason: Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=PLAIN_TEXT)]


class NewUpdate(Incoming):
    status: Literal["investigating", "identified", "monitoring", "resolved"]
    impact: Literal["none", "minor", "major", "critical"]
    headline: Line
    body: Text


class EventView(Outgoing):
    number: int
    kind: str
    actor_id: str
    at: Moment
    note: str
    automated: bool


class IncidentView(Outgoing):
    id: str
    reference: str
    severity: str
    title: str
    description: str
    drill: bool
    status: str
    triggered_at: Moment
    opened_at: Moment
    reported_by: str
    acknowledged_at: Moment | None
    """First acknowledgement by a person."""
    acknowledged_by: str | None
    acknowledged_by_program_at: Moment | None
    mitigated_at: Moment | None
    resolved_at: Moment | None
    escalations: int
    reopenings: int


class IncidentDetail(IncidentView):
    events: tuple[EventView, ...]


class IncidentList(Outgoing):
    incidents: tuple[IncidentView, ...]


class UpdateView(Outgoing):
    id: str
    incident_id: str
    status: str
    impact: str
    headline: str
    body: str
    drafted_by: str
    drafted_at: Moment
    published_by: str | None
    published_at: Moment | None
    """None: a draft, which nobody outside can read."""


class UpdateList(Outgoing):
    updates: tuple[UpdateView, ...]


class PublicUpdate(Outgoing):
    """What everybody may know: the words, and nothing about who wrote them."""

    id: str
    incident_id: str
    status: str
    impact: str
    headline: str
    body: str
    published_at: Moment


class PublicList(Outgoing):
    updates: tuple[PublicUpdate, ...]


class OutcomeView(Outgoing):
    contact_id: int
    conversation_id: int
    note_id: int
    labels: tuple[str, ...]
    team_id: int | None
    priority: str


class EscalationView(Outgoing):
    id: str
    incident_id: str
    reason: str
    escalated_by: str
    escalated_at: Moment
    delivery: Literal["pending", "delivered", "not-configured"]
    delivered_at: Moment | None
    outcome: OutcomeView | None
    attempts: int
    next_attempt_at: Moment | None
    last_error: str | None


class EscalationList(Outgoing):
    escalations: tuple[EscalationView, ...]


class SpreadView(Outgoing):
    count: int
    mean_seconds: float | None
    median_seconds: float | None
    p90_seconds: float | None


class CountsView(Outgoing):
    total: int
    acknowledged: int
    unacknowledged: int
    censored: int
    acknowledged_by_program_alone: int
    mitigated: int
    resolved: int
    unresolved: int
    reopened: int
    escalated: int


class FiguresView(Outgoing):
    counts: CountsView
    mtta: SpreadView
    mttr: SpreadView
    mttm: SpreadView


class LedgerRow(Outgoing):
    id: str
    reference: str
    severity: str
    title: str
    status: str
    drill: bool
    triggered_at: Moment
    acknowledged_at: Moment | None
    acknowledged_by: str | None
    mitigated_at: Moment | None
    resolved_at: Moment | None
    reopenings: int
    seconds_to_acknowledge: float | None
    seconds_to_mitigate: float | None
    seconds_to_resolve: float | None


class LedgerView(FiguresView):
    generated_at: Moment
    definitions: dict[str, str]
    by_severity: dict[str, FiguresView]
    incidents: tuple[LedgerRow, ...]
    """The newest; the figures are about all of them."""


def incident(file: File) -> IncidentView:
    return IncidentView(**_fields(file))


def detail(file: File) -> IncidentDetail:
    return IncidentDetail(**_fields(file), events=tuple(_event(one) for one in file.events))


def escalation(tracked: Tracked) -> EscalationView:
    one, progress = tracked.escalation, tracked.progress
    pending = one.delivery is Delivery.PENDING
    return EscalationView(
        id=one.id,
        incident_id=one.incident_id,
        reason=one.reason,
        escalated_by=one.escalated_by,
        escalated_at=one.escalated_at,
        delivery=one.delivery.value,
        delivered_at=one.delivered_at,
        outcome=OutcomeView.model_validate(one.outcome) if one.outcome else None,
        attempts=progress.attempts if progress else 0,
        next_attempt_at=progress.due_at if progress and pending else None,
        last_error=progress.last_error if progress else None,
    )


def ledger(found: Ledger, limit: int) -> LedgerView:
    return LedgerView(
        **dict(_figures(found.overall)),
        generated_at=found.generated_at,
        definitions=DEFINITIONS,
        by_severity={name.value: _figures(one) for name, one in found.by_severity.items()},
        incidents=tuple(_row(case) for case in found.cases[:limit]),
    )


def _figures(found: Figures) -> FiguresView:
    return FiguresView.model_validate(found)


def _row(case: Case) -> LedgerRow:
    one, known = case.incident, case.facts
    times = (case.to_acknowledge, case.to_mitigate, case.to_resolve)
    seconds = [None if time is None else round(time.total_seconds(), 3) for time in times]
    return LedgerRow(
        id=one.id,
        reference=one.reference,
        severity=one.severity.value,
        title=one.title,
        status=one.status.value,
        drill=one.drill,
        triggered_at=one.triggered_at,
        acknowledged_at=known.acknowledged_at,
        acknowledged_by=known.acknowledged_by,
        mitigated_at=known.mitigated_at,
        resolved_at=known.resolved_at,
        reopenings=known.reopenings,
        seconds_to_acknowledge=seconds[0],
        seconds_to_mitigate=seconds[1],
        seconds_to_resolve=seconds[2],
    )


def _fields(file: File) -> dict[str, Any]:
    known = file.facts
    return {
        **vars(file.incident),
        "acknowledged_at": known.acknowledged_at,
        "acknowledged_by": known.acknowledged_by,
        "acknowledged_by_program_at": known.automated_at,
        "mitigated_at": known.mitigated_at,
        "resolved_at": known.resolved_at,
        "escalations": known.escalations,
        "reopenings": known.reopenings,
    }


def _event(event: Event) -> EventView:
    return EventView.model_validate(event)
