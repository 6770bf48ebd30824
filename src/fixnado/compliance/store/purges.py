"""Purge plans with exactly the rows that they name."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy import update as sql_update

from fixnado.compliance.model.purges import Group, Outcome, Plan
from fixnado.compliance.store.tables import plan_rows, plans
from fixnado.platform.database import UnitOfWork
from fixnado.platform.personal_data import Action, Retained, Target

_AT_ONCE = 1_000


def add(unit: UnitOfWork, plan: Plan) -> None:
    unit.connection.execute(
        plans.insert(),
        {
            "id": plan.id,
            "request_id": plan.request_id,
            "made_by": plan.made_by,
            "made_at": plan.made_at,
            "expires_at": plan.expires_at,
            "sha256": plan.sha256,
            "groups": [asdict(one) for one in plan.groups],
            "retained": [asdict(one) for one in plan.retained],
            "outcomes": [],
        },
    )
    rows = [
        {
            "plan_id": plan.id,
            "dataset": one.dataset,
            "row_id": one.row_id,
            "action": one.action.value,
            "reason": one.reason,
        }
        for one in plan.targets
    ]
    for start in range(0, len(rows), _AT_ONCE):
        unit.connection.execute(plan_rows.insert(), rows[start : start + _AT_ONCE])


def get(unit: UnitOfWork, plan_id: str) -> Plan | None:
    row = unit.connection.execute(select(plans).where(plans.c.id == plan_id)).mappings().first()
    if row is None:
        return None
    query = select(plan_rows).where(plan_rows.c.plan_id == plan_id)
    ordered = query.order_by(plan_rows.c.dataset, plan_rows.c.row_id)
    targets = tuple(
        Target(one["dataset"], one["row_id"], Action(one["action"]), one["reason"])
        for one in unit.connection.execute(ordered).mappings()
    )
    fields = dict(row)
    fields["groups"] = tuple(Group(**one) for one in row["groups"])
    fields["retained"] = tuple(Retained(**one) for one in row["retained"])
    fields["outcomes"] = tuple(Outcome(**one) for one in row["outcomes"])
    return Plan(**fields, targets=targets)


def executed(unit: UnitOfWork, plan_id: str, by: str, outcomes: tuple[Outcome, ...]) -> None:
    """Note what was done, and forget which rows: the receipt holds no personal data."""
    unit.connection.execute(
        sql_update(plans)
        .where(plans.c.id == plan_id)
        .values(
            executed_at=unit.now,
            executed_by=by,
            outcomes=[asdict(one) for one in outcomes],
        )
    )
    unit.connection.execute(delete(plan_rows).where(plan_rows.c.plan_id == plan_id))
