"""Data requests with their audit trail, exports in chunks, and purge plans with their rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_KEEP_AUDIT = {
    "sqlite": (
        """
        CREATE TRIGGER data_request_audit_no_update BEFORE UPDATE ON data_request_audit
        BEGIN SELECT RAISE(ABORT, 'audit: append only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION data_request_audit_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'audit: append only' USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        """
        CREATE TRIGGER data_request_audit_no_update BEFORE UPDATE ON data_request_audit
        FOR EACH STATEMENT EXECUTE FUNCTION data_request_audit_kept()
        """,
    ),
}
"""Entries are never changed. They are deleted with their request, when that is too old to keep."""


def upgrade() -> None:
    _requests()
    _exports()
    _purges()
    for statement in _KEEP_AUDIT[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def _requests() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "data_requests",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("reference", sa.String(64), nullable=False, unique=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("request_type", sa.String(16), nullable=False),
        sa.Column("subject_email", sa.String(254), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=True),
        sa.Column("filed_by", sa.String(36), nullable=False),
        sa.Column("region", sa.String(8), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("justification", sa.Text, nullable=False),
        sa.Column("requested_at", moment, nullable=False),
        sa.Column("clock_from", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("verified_at", moment, nullable=True),
        sa.Column("processed_at", moment, nullable=True),
        sa.Column("payload_location", sa.String(500), nullable=True),
        sa.Column("denial", sa.String(32), nullable=True),
        sa.Column("duplicate_of", sa.String(36), nullable=True),
    )
    op.create_index("data_requests_by_time", "data_requests", ["requested_at"])
    op.create_index("data_requests_by_user", "data_requests", ["user_id"])
    op.create_table(
        "data_request_audit",
        sa.Column("request_id", sa.String(36), sa.ForeignKey("data_requests.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("actor_id", sa.String(36), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("timestamp", moment, nullable=False),
    )


def _exports() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "exports",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("request_id", sa.String(36), sa.ForeignKey("data_requests.id"), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("location", sa.String(500), nullable=False),
        sa.Column("datasets", sa.JSON, nullable=False),
    )
    op.create_index("exports_by_request", "exports", ["request_id", "created_at"])
    op.create_table(
        "export_chunks",
        sa.Column("export_id", sa.String(36), sa.ForeignKey("exports.id"), primary_key=True),
        sa.Column("index", sa.Integer, primary_key=True),
        sa.Column("dataset", sa.String(64), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )


def _purges() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "purge_plans",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("request_id", sa.String(36), nullable=True),
        sa.Column("made_by", sa.String(36), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("groups", sa.JSON, nullable=False),
        sa.Column("retained", sa.JSON, nullable=False),
        sa.Column("executed_at", moment, nullable=True),
        sa.Column("executed_by", sa.String(36), nullable=True),
        sa.Column("outcomes", sa.JSON, nullable=False),
    )
    op.create_table(
        "purge_plan_rows",
        sa.Column("plan_id", sa.String(36), sa.ForeignKey("purge_plans.id"), primary_key=True),
        sa.Column("dataset", sa.String(64), primary_key=True),
        sa.Column("row_id", sa.String(80), primary_key=True),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
    )
