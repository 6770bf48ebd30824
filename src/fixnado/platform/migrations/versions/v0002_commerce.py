"""Orders with their milestones and escrow, and rentals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "orders",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("reference", sa.String(32), nullable=False, unique=True),
        sa.Column("buyer_id", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("provider_id", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("service", sa.String(200), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("escrow_status", sa.String(16), nullable=False),
        sa.Column("escrow_minor", sa.BigInteger, nullable=False),
        sa.Column("placed_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("completed_at", moment, nullable=True),
    )
    op.create_index("orders_by_buyer", "orders", ["buyer_id", "placed_at"])
    op.create_index("orders_by_provider", "orders", ["provider_id", "placed_at"])
    op.create_index("orders_by_time", "orders", ["placed_at"])
    op.create_table(
        "milestones",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("order_id", sa.String(36), sa.ForeignKey("orders.id"), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("due_at", moment, nullable=False),
    )
    op.create_index("milestones_by_order", "milestones", ["order_id"])
    op.create_table(
        "rentals",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("reference", sa.String(32), nullable=False, unique=True),
        sa.Column("renter_id", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("owner_id", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("asset", sa.String(200), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("daily_rate_minor", sa.BigInteger, nullable=False),
        sa.Column("deposit_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
    )
    op.create_index("rentals_by_renter", "rentals", ["renter_id", "starts_at"])
    op.create_index("rentals_by_owner", "rentals", ["owner_id", "starts_at"])
