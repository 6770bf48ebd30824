"""Incidents with their events, updates and escalations, and the outbox.

Events and published updates stay as they are: triggers refuse to change them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_EVENTS = "what happened stays as it was written"
_PUBLISHED = "what was published stays as it is"


def upgrade() -> None:
    _outbox()
    _incidents()
    _updates()
    _escalations()
    _keep("incident_events", "true", _EVENTS)
    _keep("incident_updates", "OLD.published_at IS NOT NULL", _PUBLISHED)


def _outbox() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("lane", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("posted_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claim", sa.String(36), nullable=True),
        sa.Column("claimed_until", moment, nullable=True),
        sa.Column("settled_at", moment, nullable=True),
        sa.Column("last_error", sa.String(200), nullable=True),
    )
    op.create_index("outbox_due", "outbox", ["settled_at", "due_at"])
    op.create_index("outbox_lanes", "outbox", ["lane", "number"])


def _incidents() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("reference", sa.String(64), nullable=False, unique=True),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("triggered_at", moment, nullable=False),
        sa.Column("reported_by", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
    )
    op.create_index("incidents_by_trigger", "incidents", ["triggered_at"])
    op.create_table(
        "incident_events",
        sa.Column("incident_id", sa.String(36), sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("actor_id", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("automated", sa.Boolean, nullable=False),
    )


def _updates() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "incident_updates",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("incident_id", sa.String(36), sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("impact", sa.String(16), nullable=False),
        sa.Column("headline", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("drafted_by", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("drafted_at", moment, nullable=False),
        sa.Column("published_by", sa.String(36), sa.ForeignKey("users.id"), nullable=True),
        sa.Column("published_at", moment, nullable=True),
    )
    op.create_index("incident_updates_by_incident", "incident_updates", ["incident_id"])
    op.create_index("incident_updates_public", "incident_updates", ["published_at"])


def _escalations() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "incident_escalations",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("incident_id", sa.String(36), sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("escalated_by", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("escalated_at", moment, nullable=False),
        sa.Column("delivery", sa.String(16), nullable=False),
        sa.Column("parcel", sa.Integer, nullable=True),
        sa.Column("delivered_at", moment, nullable=True),
        sa.Column("outcome", sa.Text, nullable=True),
    )
    op.create_index("incident_escalations_by_incident", "incident_escalations", ["incident_id"])
    op.create_table(
        "incident_threads",
        sa.Column("incident_id", sa.String(36), sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("contact_id", sa.Integer, nullable=False),
        sa.Column("conversation_id", sa.Integer, nullable=True),
    )


def _keep(table: str, condition: str, words: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} "
                f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{table}: {words}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table}: {words}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {table}_kept()"
    )
