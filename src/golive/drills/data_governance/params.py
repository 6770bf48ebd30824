"""What the drill takes, and what its steps need of the target."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.drillkit.sides import way_in
from golive.kernel.errors import NotConfigured
from golive.ports.data_governance import DataGovernance


class DataGovernanceParams(Params):
    reference: str = Field(
        "GDPR-DRYRUN-042",
        pattern=r"^[A-Z0-9][A-Z0-9-]{2,27}$",
        description="our name for the case, which the service keeps and returns",
    )
    role: str = Field("user", description="whose rehearsal account asks for its data")
    officer: str = Field("compliance", description="whose account verifies, exports and plans")
    other: str = Field("finance", description="an account to which the case must stay closed")
    through: str = Field(
        "production", description="production, validation, incoming, old, or a side's name"
    )
    datasets: tuple[str, ...] = Field(
        ("user", "conversations", "rentals", "orders"),
        min_length=1,
        description="what an export must hold",
    )
    oversize: bool = Field(
        False, description="also hold the export to chunks, and draft the privacy office's notice"
    )
    chunk_bytes: int = Field(
        5 * 2**20, gt=0, description="the largest chunk that an oversize export may have, in bytes"
    )
    purge: tuple[Literal["expired", "subject"], ...] = Field(
        ("expired", "subject"),
        min_length=1,
        description="what is planned: all that is too old, what an erasure would take, or both",
    )
    holidays: tuple[date, ...] = Field(
        (), description="public holidays beside those by rule, which move a due date"
    )


Ctx = Context[DataGovernanceParams]


def desk(ctx: Ctx) -> DataGovernance:
    """The way in, with its desk; NotConfigured where the target's adapter has none."""
    market = way_in(ctx.target, ctx.params.through)
    if isinstance(market, DataGovernance):
        return market
    raise NotConfigured(
        "the target's marketplace adapter knows no data-governance desk",
        where=market.url,
        hint="implement golive.ports.data_governance.DataGovernance in it",
    )


def case_id(ctx: Ctx) -> str:
    """The request's id, from the step that filed it."""
    filed = ctx.memo.get("request")
    found = filed.get("id") if isinstance(filed, dict) else None
    if not isinstance(found, str) or not found:
        raise ctx.fail("there is no request to go on with")
    return found
