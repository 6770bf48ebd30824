"""The ledger: accounts, transactions and entries, guarded by the database itself.

Entries come first and the transaction seals them: the trigger on the transaction refuses any that
doesn't sum to zero in every currency, and a sealed one takes no further entries. Neither can ever
be changed or deleted.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

CURRENCIES = ("GBP", "EUR", "USD")
CHART = (
    ("bank", "Money at the bank", "asset"),
    ("payout-provider", "Money at the payout provider", "asset"),
    ("escrow", "Held for orders", "liability"),
    ("refunds-payable", "Refunds decided, not yet paid", "liability"),
    ("manual-payouts", "Paid by hand, not yet seen at the bank", "liability"),
    ("fees", "Fees earned", "income"),
)

SQLITE = (
    """
    CREATE TRIGGER ledger_seal BEFORE INSERT ON ledger_transactions
    WHEN (SELECT count(*) FROM ledger_entries WHERE transaction_id = NEW.id) < 2
      OR EXISTS (SELECT 1 FROM ledger_entries WHERE transaction_id = NEW.id
                 GROUP BY currency HAVING sum(amount_minor) <> 0)
    BEGIN SELECT RAISE(ABORT, 'ledger: the transaction does not balance'); END
    """,
    """
    CREATE TRIGGER ledger_sealed BEFORE INSERT ON ledger_entries
    WHEN EXISTS (SELECT 1 FROM ledger_transactions WHERE id = NEW.transaction_id)
    BEGIN SELECT RAISE(ABORT, 'ledger: the transaction is sealed'); END
    """,
    *(
        f"""
        CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, 'ledger: append only'); END
        """
        for table in ("ledger_transactions", "ledger_entries")
        for verb in ("UPDATE", "DELETE")
    ),
)

POSTGRESQL = (
    """
    CREATE FUNCTION ledger_seal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (SELECT count(*) FROM ledger_entries WHERE transaction_id = NEW.id) < 2
         OR EXISTS (SELECT 1 FROM ledger_entries WHERE transaction_id = NEW.id
                    GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
        RAISE EXCEPTION 'ledger: the transaction does not balance'
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_seal BEFORE INSERT ON ledger_transactions
    FOR EACH ROW EXECUTE FUNCTION ledger_seal()
    """,
    """
    CREATE FUNCTION ledger_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM ledger_transactions WHERE id = NEW.transaction_id) THEN
        RAISE EXCEPTION 'ledger: the transaction is sealed'
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_sealed BEFORE INSERT ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION ledger_sealed()
    """,
    """
    CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'ledger: append only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()
        """
        for table in ("ledger_transactions", "ledger_entries")
    ),
)


def upgrade() -> None:
    _tables()
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(sa.text(statement))


def _tables() -> None:
    accounts = op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.UniqueConstraint("id", "currency", name="ledger_account_currency"),
    )
    rows = [
        {"id": f"{code}:{currency}", "code": code, "name": name, "kind": kind, "currency": currency}
        for code, name, kind in CHART
        for currency in CURRENCIES
    ]
    op.bulk_insert(accounts, rows)
    op.create_table(
        "ledger_transactions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("source", sa.String(120), nullable=False, unique=True),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("case_reference", sa.String(64), nullable=True),
        sa.Column("posted_by", sa.String(36), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "reverses_id",
            sa.String(36),
            sa.ForeignKey("ledger_transactions.id"),
            nullable=True,
            unique=True,
        ),
    )
    op.create_index("ledger_by_case", "ledger_transactions", ["case_reference"])
    op.create_index("ledger_by_time", "ledger_transactions", ["posted_at"])
    op.create_table(
        "ledger_entries",
        sa.Column(
            "transaction_id",
            sa.String(36),
            sa.ForeignKey("ledger_transactions.id", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name="ledger_entry_not_zero"),
        sa.ForeignKeyConstraint(
            ["account_id", "currency"],
            ["ledger_accounts.id", "ledger_accounts.currency"],
            name="ledger_entry_account",
        ),
    )
    op.create_index("ledger_entries_by_account", "ledger_entries", ["account_id"])
