"""The tables of this context."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, String, Table, Text

from fixnado.platform.database import UtcMoment, metadata

requests = Table(
    "data_requests",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("reference", String(64), nullable=False, unique=True),
    Column("status", String(16), nullable=False),
    Column("request_type", String(16), nullable=False),
    Column("subject_email", String(254), nullable=False),
    Column("user_id", String(36)),
    Column("filed_by", String(36), nullable=False),
    Column("region", String(8), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("justification", Text, nullable=False),
    Column("requested_at", UtcMoment, nullable=False),
    Column("clock_from", UtcMoment, nullable=False),
    Column("due_at", UtcMoment, nullable=False),
    Column("verified_at", UtcMoment),
    Column("processed_at", UtcMoment),
    Column("payload_location", String(500)),
    Column("denial", String(32)),
    Column("duplicate_of", String(36)),
)
audit = Table(
    "data_request_audit",
    metadata,
    Column("request_id", String(36), ForeignKey("data_requests.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("action", String(32), nullable=False),
    Column("actor_id", String(36), nullable=False),
    Column("note", Text, nullable=False),
    Column("timestamp", UtcMoment, nullable=False),
)
exports = Table(
    "exports",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("request_id", String(36), ForeignKey("data_requests.id"), nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("location", String(500), nullable=False),
    Column("datasets", JSON, nullable=False),
)
export_chunks = Table(
    "export_chunks",
    metadata,
    Column("export_id", String(36), ForeignKey("exports.id"), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("dataset", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
)
plans = Table(
    "purge_plans",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("request_id", String(36)),
    Column("made_by", String(36), nullable=False),
    Column("made_at", UtcMoment, nullable=False),
    Column("expires_at", UtcMoment, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("groups", JSON, nullable=False),
    Column("retained", JSON, nullable=False),
    Column("executed_at", UtcMoment),
    Column("executed_by", String(36)),
    Column("outcomes", JSON, nullable=False),
)
plan_rows = Table(
    "purge_plan_rows",
    metadata,
    Column("plan_id", String(36), ForeignKey("purge_plans.id"), primary_key=True),
    Column("dataset", String(64), primary_key=True),
    Column("row_id", String(80), primary_key=True),
    Column("action", String(16), nullable=False),
    Column("reason", String(200), nullable=False),
)
