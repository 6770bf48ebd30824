"""The tables of this context."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text

from fixnado.platform.database import UtcMoment, metadata

cases = Table(
    "refund_cases",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("reference", String(64), nullable=False, unique=True),
    Column("status", String(16), nullable=False),
    Column("order_id", String(36), ForeignKey("orders.id"), nullable=False),
    Column("order_reference", String(32), nullable=False),
    Column("milestone_id", String(36), ForeignKey("milestones.id"), nullable=False),
    Column("milestone_title", String(200), nullable=False),
    Column("preferred_outcome", String(16), nullable=False),
    Column("requested_minor", BigInteger, nullable=False),
    Column("refundable_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", Text, nullable=False),
    Column("buyer_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("opened_by", String(36), nullable=False),
    Column("opened_at", UtcMoment, nullable=False),
    Column("acknowledge_by", UtcMoment, nullable=False),
    Column("next_update_due", UtcMoment, nullable=False),
    Column("policy_version", String(32)),
    Column("policy_acknowledged_at", UtcMoment),
    Column("acknowledged_at", UtcMoment),
    Column("assignee", String(36)),
    Column("outcome", String(16)),
    Column("decided_minor", BigInteger),
    Column("decided_by", String(36)),
    Column("decided_at", UtcMoment),
    Column("confirmed_by", String(36)),
    Column("confirmed_at", UtcMoment),
    Column("settled_at", UtcMoment),
)
notes = Table(
    "refund_notes",
    metadata,
    Column("case_id", String(36), ForeignKey("refund_cases.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("actor_id", String(36), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcMoment, nullable=False),
)
evidence = Table(
    "refund_evidence",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("case_id", String(36), ForeignKey("refund_cases.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("added_by", String(36), nullable=False),
    Column("added_at", UtcMoment, nullable=False),
)
payouts = Table(
    "payouts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("case_id", String(36), ForeignKey("refund_cases.id"), nullable=False),
    Column("case_reference", String(64), nullable=False),
    Column("method", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("payee_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("payee_name", String(200), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("transaction_id", String(36), nullable=False),
    Column("paid_by", String(36), nullable=False),
    Column("paid_at", UtcMoment, nullable=False),
    Column("bank_reference", String(64)),
    Column("reconciled_by", String(36)),
    Column("reconciled_at", UtcMoment),
)
