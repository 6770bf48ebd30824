"""Refund cases, payouts and ledger entries out of answers that may lack any part of them."""

from __future__ import annotations

from collections.abc import Mapping

from golive.adapters.fixnado_http.reading import count, objects, text
from golive.kernel.json import Json, JsonObject
from golive.ports.refunds import (
    Attachment,
    CaseNote,
    LedgerAccount,
    LedgerRow,
    Milestone,
    Order,
    Payout,
    RefundCase,
    Settlement,
)

_RELEASED = ("released", "refunded")


def order(said: JsonObject) -> Order:
    held = count(said, "escrowMinor")
    return Order(
        id=text(said, "id"),
        reference=text(said, "reference"),
        status=text(said, "status"),
        buyer_id=text(said, "buyerId"),
        provider_id=text(said, "providerId"),
        currency=text(said, "currency"),
        held_minor=0 if text(said, "escrowStatus") in _RELEASED else held,
        milestones=[
            Milestone(text(one, "id"), text(one, "title"), text(one, "status"))
            for one in objects(said.get("milestones"))
        ],
    )


def case(said: JsonObject) -> RefundCase:
    decision, policy = _inner(said, "decision"), _inner(said, "policyAcknowledgement")
    return RefundCase(
        id=text(said, "id"),
        reference=text(said, "reference"),
        status=text(said, "status"),
        queue=text(said, "queue"),
        order_id=text(said, "orderId"),
        milestone_id=text(said, "milestoneId"),
        preferred_outcome=text(said, "preferredOutcome"),
        currency=text(said, "currency"),
        requested_minor=count(said, "requestedMinor"),
        opened_by=text(said, "openedBy"),
        opened_at=text(said, "openedAt"),
        acknowledge_by=text(said, "acknowledgeBy"),
        acknowledged_at=text(said, "acknowledgedAt"),
        next_update_due=text(said, "nextUpdateDue"),
        outcome=text(decision, "outcome"),
        decided_minor=count(decision, "amountMinor"),
        decided_by=text(decision, "decidedBy"),
        confirmed_by=text(decision, "confirmedBy"),
        policy_version=text(policy, "version"),
        attachments=[_attachment(one) for one in objects(said.get("evidence"))],
        notes=[
            CaseNote(text(one, "kind"), text(one, "actorId"), text(one, "text"), text(one, "at"))
            for one in objects(said.get("notes"))
        ],
        raw=said,
    )


def settlement(said: JsonObject) -> Settlement:
    made = said.get("payout")
    return Settlement(case(said), payout(made) if isinstance(made, Mapping) else None)


def payout(said: JsonObject) -> Payout:
    return Payout(
        id=text(said, "id"),
        case_reference=text(said, "caseReference"),
        method=text(said, "method"),
        status=text(said, "status"),
        amount_minor=count(said, "amountMinor"),
        currency=text(said, "currency"),
        payee=text(said, "payeeName"),
        transaction_id=text(said, "transactionId"),
        bank_reference=text(said, "bankReference"),
    )


def row(said: JsonObject) -> LedgerRow:
    return LedgerRow(
        transaction_id=text(said, "transactionId"),
        position=count(said, "position") or 0,
        account=text(said, "account"),
        currency=text(said, "currency"),
        amount_minor=_whole(said.get("amountMinor")),
        description=text(said, "description"),
        case_reference=text(said, "caseReference"),
        posted_by=text(said, "postedBy"),
        posted_at=text(said, "postedAt"),
        reverses_id=text(said, "reversesId"),
    )


def account(said: JsonObject) -> LedgerAccount:
    return LedgerAccount(
        text(said, "code"), text(said, "currency"), _whole(said.get("balanceMinor"))
    )


def ours(found: RefundCase, reference: str) -> bool:
    """Whether a case is the one that we call `reference`."""
    if found.reference == reference:
        return True
    return reference in text(found.raw, "reason").split()


def _attachment(said: JsonObject) -> Attachment:
    digest = (text(said, "sha256") or text(said, "checksum")).removeprefix("sha256:").lower()
    name = text(said, "fileName") or text(said, "name")
    return Attachment(text(said, "id"), text(said, "kind"), name, count(said, "bytes"), digest)


def _whole(value: Json) -> int | None:
    """Money is whole minor units: a fraction or a text is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _inner(said: JsonObject, name: str) -> JsonObject:
    inner = said.get(name)
    return inner if isinstance(inner, Mapping) else {}
