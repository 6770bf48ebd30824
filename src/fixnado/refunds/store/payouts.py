"""Payouts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy import update as sql_update

from fixnado.platform.database import UnitOfWork
from fixnado.refunds.model.payouts import Method, Payout, PayoutStatus
from fixnado.refunds.store.tables import payouts


def add(unit: UnitOfWork, payout: Payout) -> None:
    unit.connection.execute(payouts.insert(), asdict(payout))


def change(unit: UnitOfWork, payout_id: str, **values: Any) -> None:
    unit.connection.execute(sql_update(payouts).where(payouts.c.id == payout_id).values(**values))


def get(unit: UnitOfWork, payout_id: str) -> Payout | None:
    query = select(payouts).where(payouts.c.id == payout_id)
    row = unit.connection.execute(query).mappings().first()
    return _payout(row) if row else None


def living(unit: UnitOfWork, case_id: str) -> Payout | None:
    """The payout of a case that has not failed."""
    query = select(payouts).where(
        payouts.c.case_id == case_id, payouts.c.status != PayoutStatus.FAILED.value
    )
    row = unit.connection.execute(query).mappings().first()
    return _payout(row) if row else None


def attempts(unit: UnitOfWork, case_id: str) -> int:
    """How many payouts of a case there were, failed ones too."""
    query = select(func.count()).select_from(payouts).where(payouts.c.case_id == case_id)
    return int(unit.connection.execute(query).scalar_one())


def manual(unit: UnitOfWork, *, waiting: bool, limit: int) -> list[Payout]:
    """Those paid by hand, the oldest first; only those not yet seen at the bank if `waiting`."""
    query = select(payouts).where(payouts.c.method == Method.MANUAL.value)
    if waiting:
        query = query.where(payouts.c.status == PayoutStatus.PAID.value)
    ordered = query.order_by(payouts.c.paid_at, payouts.c.id).limit(limit)
    return [_payout(row) for row in unit.connection.execute(ordered).mappings()]


def _payout(row: RowMapping) -> Payout:
    fields = dict(row)
    fields["method"] = Method(fields["method"])
    fields["status"] = PayoutStatus(fields["status"])
    return Payout(**fields)
