"""What the drill takes, and what its steps share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.drillkit.durations import Duration
from golive.drillkit.records import Act
from golive.drillkit.sides import way_in
from golive.kernel.errors import NotConfigured
from golive.kernel.ids import sha256_hex
from golive.ports.helpdesk import HelpDesk
from golive.ports.incidents import Incident, Incidents
from golive.ports.marketplace import Session

_ATTEMPTS = 9
PRIORITIES = {"SEV1": "urgent", "SEV2": "high"}


class IncidentParams(Params):
    part: Literal["all", "raise", "close"] = Field(
        "all",
        description="`raise` ends where a person must acknowledge, `close` takes it up after that",
    )
    reference: str = Field(
        "INC-DRYRUN",
        pattern=r"^[A-Z0-9][A-Z0-9-]{2,40}$",
        description="how the incident's reference begins; the rehearsal adds six letters",
    )
    severity: Literal["SEV1", "SEV2"] = Field("SEV1", description="how bad it is made out to be")
    title: str = Field(
        "Checkout does not answer", min_length=3, max_length=120, description="what went wrong"
    )
    role: str = Field("support", description="whose account reports, escalates and resolves")
    through: str = Field(
        "production", description="production, validation, incoming, old, or a side's name"
    )
    impact: Literal["none", "minor", "major", "critical"] = Field(
        "major", description="what the public draft says about the impact"
    )
    deliver_within: Duration = Field(
        60, description="how long the outbox may take to reach the help desk"
    )
    acknowledge_within: Duration = Field(
        900, description="how long the person on call may take; without a person nobody waits"
    )
    acknowledged: str = Field(
        "",
        description="the item at which the person on call confirms; the one right before this "
        "block where it isn't said",
    )
    labels: tuple[str, ...] = Field(
        ("incident",), description="labels that the conversation must bear, beside the severity"
    )
    team: int | None = Field(
        None,
        gt=0,
        description="the team that must have the conversation; any, or an agent, if unsaid",
    )
    period_days: int = Field(
        30, ge=1, le=366, description="the figures are over the incidents of so many days"
    )


Ctx = Context[IncidentParams]


def market_of(ctx: Ctx) -> Incidents:
    """The way in, with its incidents; NotConfigured where the target's adapter has none."""
    market = way_in(ctx.target, ctx.params.through)
    if isinstance(market, Incidents):
        return market
    raise NotConfigured(
        "the target's marketplace adapter knows no incidents",
        where=market.url,
        hint="implement golive.ports.incidents.Incidents in it",
    )


def helpdesk_of(ctx: Ctx) -> HelpDesk:
    """NotConfigured, saying what to add, where the target has none."""
    return ctx.target.need(
        ctx.target.helpdesk, "help desk", "add [helpdesk] with url, account, inbox and token"
    )


def references(ctx: Ctx) -> Sequence[str]:
    """The incident's reference in this rehearsal, and those of its repetitions."""
    mark = sha256_hex(ctx.rehearsal.id.encode())[:6].upper()
    first = f"{ctx.params.reference}-{mark}"
    return [first, *(f"{first}-{number}" for number in range(2, _ATTEMPTS + 1))]


def filed(ctx: Ctx, market: Incidents, session: Session) -> Sequence[Incident]:
    """What this rehearsal has raised, oldest first."""
    found: list[Incident] = []
    for reference in references(ctx):
        one = market.find_incident(session, reference)
        if one is None:
            break
        found.append(one)
    return found


def asked(ctx: Ctx) -> bool:
    """Whether somebody answered at the item of the acknowledgement, whatever the answer was."""
    return bool(_acts(ctx))


def confirmed(ctx: Ctx) -> Act | None:
    """What the person on call proved with their key, where they did."""
    return next((act for act in _acts(ctx) if act.action == "confirm"), None)


def _acts(ctx: Ctx) -> Sequence[Act]:
    return ctx.people.get(ctx.params.acknowledged or _before(ctx.item), ())


def _before(item: str) -> str:
    """`section/3` → `section/2`."""
    section, _, number = item.rpartition("/")
    return f"{section}/{int(number) - 1}" if number.isdecimal() else ""
