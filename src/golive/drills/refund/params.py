"""What the drill takes, and what its steps need of the target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.drillkit.sides import way_in
from golive.kernel.errors import NotConfigured
from golive.kernel.json import JsonObject
from golive.ports.marketplace import Session
from golive.ports.refunds import Refunds


class RefundParams(Params):
    reference: str = Field(
        "RF-DRYRUN-118",
        pattern=r"^[A-Z0-9][A-Z0-9-]{2,23}$",
        description="our name for the case, which the service keeps and returns",
    )
    buyer: str = Field("user", description="whose rehearsal account bought and asks for its money")
    finance: str = Field("finance", description="whose account takes, decides, settles and pays")
    confirmer: str = Field("compliance", description="whose account confirms a large refund")
    inspector: str = Field(
        "operations", description="whose account notes the inspection and plays the provider's fall"
    )
    other: str = Field("legal", description="an account to which the case must stay closed")
    counsel: str = Field("legal", description="whose account reads who has acknowledged the policy")
    through: str = Field(
        "production", description="production, validation, incoming, old, or a side's name"
    )
    policy: str = Field("refund-policy", description="what those concerned must have acknowledged")
    provider_down: bool = Field(
        True, description="also pay a second case by hand, while the payout provider is down"
    )
    component: str = Field(
        "payouts", description="the payout provider among the components that a rehearsal toggles"
    )
    escalate_above: int = Field(
        1_000_000, gt=0, description="in minor units: what is more must be confirmed by another"
    )
    cash: tuple[str, ...] = Field(
        ("bank", "manual-payouts"),
        min_length=1,
        description="the ledger's accounts by which money leaves",
    )
    payable: str = Field("refunds-payable", description="the ledger's account of what is owed")
    holidays: tuple[date, ...] = Field(
        (), description="public holidays beside those by rule, which are no working days"
    )


Ctx = Context[RefundParams]
Part = Literal["case", "fallback"]
"""The case itself, and the one that is paid by hand."""


@dataclass(frozen=True)
class Ground:
    """What a case is about, chosen by the first step."""

    part: Part
    reference: str
    order: str
    milestone: str
    provider: str
    """Who delivered, by user id."""
    service: str = ""
    """The order and its milestone as people call them."""

    def check(self, name: str) -> str:
        """A check's name, told apart for the second case."""
        return check_of(self.part, name)


def check_of(part: Part, name: str) -> str:
    return name if part == "case" else f"{name}-fallback"


def parts(ctx: Ctx) -> tuple[Part, ...]:
    return ("case", "fallback") if ctx.params.provider_down else ("case",)


class Desk:
    """The way in, and sessions there: one a role, opened when a step first needs it."""

    def __init__(self, market: Refunds) -> None:
        self.market = market
        self._sessions: dict[str, Session] = {}

    def as_(self, role: str) -> Session:
        """A session of the rehearsal account of `role`; a PortError where it can't sign in."""
        if role not in self._sessions:
            self._sessions[role] = self.market.login(role)
        return self._sessions[role]


def at_desk(ctx: Ctx) -> Desk:
    """NotConfigured where the target's adapter has no refunds desk."""
    market = way_in(ctx.target, ctx.params.through)
    if isinstance(market, Refunds):
        return Desk(market)
    raise NotConfigured(
        "the target's marketplace adapter knows no refunds",
        where=market.url,
        hint="implement golive.ports.refunds.Refunds in it",
    )


def grounds(ctx: Ctx) -> Iterator[Ground]:
    """What the first step chose."""
    chosen = _memo(ctx, "choose")
    for part in parts(ctx):
        said = chosen.get(part)
        if isinstance(said, Mapping):
            yield Ground(part, **{name: str(value) for name, value in said.items()})


def ground(ctx: Ctx, part: Part) -> Ground | None:
    return next((one for one in grounds(ctx) if one.part == part), None)


def case_id(ctx: Ctx, part: Part) -> str:
    """The service's id of a case that was opened; "" where it wasn't."""
    found = _memo(ctx, "open").get(part)
    return found if isinstance(found, str) else ""


def opened(ctx: Ctx) -> Iterator[tuple[Ground, str]]:
    """Every case that was opened, with its id; StepFailed where there is none."""
    found = [(one, case_id(ctx, one.part)) for one in grounds(ctx) if case_id(ctx, one.part)]
    if not found:
        raise ctx.fail("without a case there is nothing to queue, decide or pay")
    yield from found


def _memo(ctx: Ctx, step: str) -> JsonObject:
    said = ctx.memo.get(step)
    return said if isinstance(said, Mapping) else {}
