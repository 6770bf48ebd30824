"""Refund cases with notes and evidence, and payouts: one that lives for each case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_KEEP_NOTES = {
    "sqlite": tuple(
        f"""
        CREATE TRIGGER refund_notes_no_{verb.lower()} BEFORE {verb} ON refund_notes
        BEGIN SELECT RAISE(ABORT, 'case notes: append only'); END
        """
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        """
        CREATE FUNCTION refund_notes_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'case notes: append only'
            USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        """
        CREATE TRIGGER refund_notes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON refund_notes
        FOR EACH STATEMENT EXECUTE FUNCTION refund_notes_kept()
        """,
    ),
}


def upgrade() -> None:
    _cases()
    _attachments()
    _payouts()
    for statement in _KEEP_NOTES[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def _cases() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "refund_cases",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("reference", sa.String(64), nullable=False, unique=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("order_id", sa.String(36), sa.ForeignKey("orders.id"), nullable=False),
        sa.Column("order_reference", sa.String(32), nullable=False),
        sa.Column("milestone_id", sa.String(36), sa.ForeignKey("milestones.id"), nullable=False),
        sa.Column("milestone_title", sa.String(200), nullable=False),
        sa.Column("preferred_outcome", sa.String(16), nullable=False),
        sa.Column("requested_minor", sa.BigInteger, nullable=False),
        sa.Column("refundable_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("buyer_id", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("opened_by", sa.String(36), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("acknowledge_by", moment, nullable=False),
        sa.Column("next_update_due", moment, nullable=False),
        sa.Column("policy_version", sa.String(32), nullable=True),
        sa.Column("policy_acknowledged_at", moment, nullable=True),
        sa.Column("acknowledged_at", moment, nullable=True),
        sa.Column("assignee", sa.String(36), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.Column("decided_minor", sa.BigInteger, nullable=True),
        sa.Column("decided_by", sa.String(36), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("confirmed_by", sa.String(36), nullable=True),
        sa.Column("confirmed_at", moment, nullable=True),
        sa.Column("settled_at", moment, nullable=True),
    )
    op.create_index("refund_cases_by_status", "refund_cases", ["status", "opened_at"])
    op.create_index("refund_cases_by_buyer", "refund_cases", ["buyer_id"])
    op.create_index("refund_cases_by_milestone", "refund_cases", ["milestone_id"])


def _attachments() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "refund_notes",
        sa.Column("case_id", sa.String(36), sa.ForeignKey("refund_cases.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("actor_id", sa.String(36), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", moment, nullable=False),
    )
    op.create_table(
        "refund_evidence",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("refund_cases.id"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("added_by", sa.String(36), nullable=False),
        sa.Column("added_at", moment, nullable=False),
    )
    op.create_index("refund_evidence_by_case", "refund_evidence", ["case_id", "added_at"])


def _payouts() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "payouts",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("refund_cases.id"), nullable=False),
        sa.Column("case_reference", sa.String(64), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("payee_id", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("payee_name", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("transaction_id", sa.String(36), nullable=False),
        sa.Column("paid_by", sa.String(36), nullable=False),
        sa.Column("paid_at", moment, nullable=False),
        sa.Column("bank_reference", sa.String(64), nullable=True),
        sa.Column("reconciled_by", sa.String(36), nullable=True),
        sa.Column("reconciled_at", moment, nullable=True),
    )
    living = sa.text("status <> 'failed'")
    op.create_index(
        "payouts_one_living",
        "payouts",
        ["case_id"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    op.create_index("payouts_by_method", "payouts", ["method", "paid_at"])
