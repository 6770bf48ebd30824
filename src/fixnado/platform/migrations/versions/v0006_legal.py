"""Legal documents in versions, their publications, and acknowledgements.

What was written stays written: triggers refuse to change a version or a publication, and to change
an acknowledgement. One may be deleted, because a person's data may have to be erased.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_KEPT = {
    "legal_versions": ("UPDATE", "DELETE"),
    "legal_publications": ("UPDATE", "DELETE"),
    "legal_acknowledgements": ("UPDATE",),
}


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "legal_versions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("label", sa.String(32), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(200), nullable=True),
        sa.Column("effective_date", sa.Date, nullable=True),
        sa.Column("jurisdiction", sa.String(200), nullable=True),
        sa.Column("contact", sa.String(200), nullable=True),
        sa.Column("audience", sa.String(400), nullable=False),
        sa.Column("ack_required", sa.Boolean, nullable=True),
        sa.Column("ack_frequency", sa.String(32), nullable=True),
        sa.Column("ack_channel", sa.String(64), nullable=True),
        sa.Column("ack_due_within_hours", sa.Integer, nullable=True),
        sa.Column("ack_reminder_cadence", sa.String(200), nullable=True),
        sa.Column("next_review_due", sa.Date, nullable=True),
        sa.Column("review_cadence", sa.String(200), nullable=True),
        sa.Column("approver", sa.String(200), nullable=True),
        sa.Column("last_reviewed", sa.Date, nullable=True),
        sa.Column("summary", sa.String(200), nullable=False),
        sa.Column("created_by", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.UniqueConstraint("slug", "number"),
        sa.UniqueConstraint("slug", "label"),
    )
    op.create_table(
        "legal_publications",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("version_id", sa.String(36), sa.ForeignKey("legal_versions.id"), nullable=False),
        sa.Column("published_by", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("published_at", moment, nullable=False),
        sa.UniqueConstraint("slug", "number"),
    )
    op.create_table(
        "legal_acknowledgements",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("version_id", sa.String(36), sa.ForeignKey("legal_versions.id"), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("acknowledged_at", moment, nullable=False),
    )
    op.create_index(
        "acknowledgements_by_user", "legal_acknowledgements", ["user_id", "acknowledged_at"]
    )
    for table, events in _KEPT.items():
        _keep(table, events)


def _keep(table: str, events: tuple[str, ...]) -> None:
    words = f"{table}: what was written stays as it is"
    if op.get_bind().dialect.name == "sqlite":
        for event in events:
            op.execute(
                f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_kept BEFORE {' OR '.join(events)} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_kept()"
    )
