"""Bodies of `/v1/refunds` and `/v1/payouts`."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fixnado.platform.moments import Moment
from fixnado.platform.wire import PLAIN_TEXT, Incoming, Line, Outgoing, Reference
from fixnado.refunds.errors import BadEvidence
from fixnado.refunds.model.cases import Outcome, Queue, Status
from fixnado.refunds.model.payouts import Method, Payout, PayoutStatus
from fixnado.refunds.service.desk import File, Upload
from fixnado.refunds.service.settling import Settlement

Words = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=PLAIN_TEXT)]
MediaType = Literal["application/pdf", "image/jpeg", "image/png", "text/plain", "application/json"]
Amount = Annotated[int, Field(strict=True, ge=1, le=10**12)]
"""Minor units, as a whole number: `true` and `"100"` are no amounts."""
_BASE64_LIMIT = 900_000
"""Characters; with the rest of the body it stays under what the service takes at all."""


class FileIn(Incoming):
    """A document with its bytes."""

    file_name: Annotated[
        str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$")
    ]
    media_type: MediaType
    content_base64: Annotated[str, StringConstraints(min_length=4, max_length=_BASE64_LIMIT)]

    def upload(self, kind: str) -> Upload:
        """The decoded file; BadEvidence when it isn't base64."""
        try:
            payload = base64.b64decode(self.content_base64, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadEvidence("contentBase64 is not base64") from error
        if base64.b64encode(payload).decode() != self.content_base64:
            raise BadEvidence("contentBase64 is not the one base64 spelling of its bytes")
        return Upload(kind, self.file_name, self.media_type, payload)


class NewCase(Incoming):
    order_id: Line
    """An order, by id or reference."""
    milestone_id: Line
    inspection_report: FileIn
    preferred_outcome: Literal[Outcome.FULL_REFUND, Outcome.PARTIAL_REFUND]
    amount_minor: Amount | None = None
    """What is asked for; all that is held when it is absent."""
    reason: Words
    reference: Reference | None = None


class Assignment(Incoming):
    assignee_id: Line | None = None
    """Absent to take it oneself."""


class NewEvidence(Incoming):
    kind: Literal["inspection-report", "photo", "invoice", "correspondence", "other"]
    file: FileIn
    note: Annotated[str, StringConstraints(max_length=2_000, pattern=PLAIN_TEXT)] = ""


class DecisionIn(Incoming):
    outcome: Outcome
    amount_minor: Amount | None = None
    note: Words


class ManualPayout(Incoming):
    case: Reference
    """A refund case, by reference or id."""
    reason: Line


class Reconciliation(Incoming):
    bank_reference: Reference


class Failure(Incoming):
    reason: Line


class NoteView(Outgoing):
    kind: str
    actor_id: str
    text: str
    at: Moment


class EvidenceView(Outgoing):
    id: str
    kind: str
    file_name: str
    media_type: str
    bytes: int
    sha256: str
    added_by: str
    added_at: Moment
    href: str


class PolicyView(Outgoing):
    version: str
    acknowledged_at: Moment


class DecisionView(Outgoing):
    outcome: Outcome
    amount_minor: int
    decided_by: str
    decided_at: Moment
    confirmed_by: str | None
    confirmed_at: Moment | None


class CaseView(Outgoing):
    id: str
    reference: str
    status: Status
    queue: Queue
    order_id: str
    order_reference: str
    milestone_id: str
    milestone_title: str
    preferred_outcome: Outcome
    requested_minor: int
    refundable_minor: int
    currency: str
    reason: str
    buyer_id: str
    opened_by: str
    opened_at: Moment
    acknowledge_by: Moment
    acknowledged_at: Moment | None
    next_update_due: Moment
    assignee: str | None
    policy_acknowledgement: PolicyView | None
    decision: DecisionView | None
    settled_at: Moment | None
    evidence: tuple[EvidenceView, ...]
    notes: tuple[NoteView, ...]


class CaseList(Outgoing):
    cases: tuple[CaseView, ...]


class PayoutView(Outgoing):
    id: str
    case_id: str
    case_reference: str
    method: Method
    status: PayoutStatus
    amount_minor: int
    currency: str
    payee_id: str
    payee_name: str
    reason: str
    transaction_id: str
    paid_by: str
    paid_at: Moment
    bank_reference: str | None
    reconciled_by: str | None
    reconciled_at: Moment | None


class PayoutList(Outgoing):
    payouts: tuple[PayoutView, ...]
    totals: dict[str, int]
    """By currency, in minor units."""


class SettlementView(CaseView):
    payout: PayoutView | None


def case_view(file: File) -> CaseView:
    return CaseView.model_validate(_fields(file))


def settlement_view(made: Settlement) -> SettlementView:
    payout = payout_view(made.payout) if made.payout else None
    return SettlementView.model_validate({**_fields(made.file), "payout": payout})


def payout_view(payout: Payout) -> PayoutView:
    return PayoutView.model_validate(payout)


def _fields(file: File) -> dict[str, object]:
    case = file.case
    policy = decision = None
    if case.policy_version and case.policy_acknowledged_at:
        policy = PolicyView(
            version=case.policy_version, acknowledged_at=case.policy_acknowledged_at
        )
    if case.outcome and case.decided_by and case.decided_at:
        decision = DecisionView(
            outcome=case.outcome,
            amount_minor=case.decided_minor or 0,
            decided_by=case.decided_by,
            decided_at=case.decided_at,
            confirmed_by=case.confirmed_by,
            confirmed_at=case.confirmed_at,
        )
    base = f"/v1/refunds/{case.id}/evidence"
    return {
        **case.__dict__,
        "queue": case.queue,
        "policy_acknowledgement": policy,
        "decision": decision,
        "evidence": tuple(
            EvidenceView.model_validate({**one.__dict__, "href": f"{base}/{one.id}"})
            for one in file.evidence
        ),
        "notes": tuple(NoteView.model_validate(one) for one in file.notes),
    }
