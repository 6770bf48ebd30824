"""What the drill takes."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.ports.helpdesk import HelpDesk


class Hours(BaseModel):
    """`{from: "07:00", to: "22:00"}`, on every day of the week that counts."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    begin: time = Field(time(0), alias="from")
    end: time = Field(time(23, 59), alias="to", description="23:59 is the day's end")

    @model_validator(mode="after")
    def _forwards(self) -> Hours:
        if self.begin.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("hours are local times; `zone` says where")
        if self.begin >= self.end:
            raise ValueError("`from` must lie before `to`")
        return self


class Rota(BaseModel):
    """A CSV file with a line for each shift. Columns are counted from 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Path = Field(description="beside the playbook")
    start: int = Field(1, ge=1, description="column of the shift's first moment")
    end: int = Field(2, ge=1, description="column of its end, which is no part of it")
    person: int = Field(3, ge=1, description="column of who is there")
    header_rows: int = Field(1, ge=0, le=20)
    delimiter: str = Field(",", min_length=1, max_length=1)


class Trial(BaseModel):
    """A conversation that the rehearsal holds with itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    team: int = Field(gt=0, description="who takes the questions of a surge")
    priority: Literal["urgent", "high", "medium", "low"] = "high"
    labels: tuple[str, ...] = ("surge",)


class SurgeParams(Params):
    answers: tuple[str, ...] = Field(
        ("refund-how", "sign-in", "payout-when", "my-data", "service-status"),
        min_length=1,
        description="short codes of canned responses, or names of macros, for the known questions",
    )
    hours: Hours | None = Field(None, description="when the desk must be open, every day")
    rota: Rota | None = Field(None, description="who is there when; without it a person must say")
    agents: int = Field(1, ge=1, le=1000, description="how many must be there in every hour")
    first_day: date | None = Field(
        None, description="of the launch week; the day of the rehearsal where it isn't said"
    )
    days: int = Field(7, ge=1, le=62, description="how long the launch week is")
    zone: str = Field("", description="of hours and rota; the playbook's where it isn't said")
    trial: Trial | None = Field(
        None, description="route a question of our own to the team, and close it again"
    )

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone:
            try:
                ZoneInfo(zone)
            except (ValueError, OSError, KeyError) as error:
                raise ValueError(f"no time zone is called {zone!r}") from error
        return zone


Ctx = Context[SurgeParams]


def helpdesk_of(ctx: Ctx) -> HelpDesk:
    """NotConfigured, saying what to add, where the target has none."""
    return ctx.target.need(
        ctx.target.helpdesk, "help desk", "add [helpdesk] with url, account, inbox and token"
    )


def zone_of(ctx: Ctx) -> ZoneInfo:
    return ZoneInfo(ctx.params.zone or ctx.rehearsal.timezone)


def window(ctx: Ctx) -> tuple[time, time]:
    """When somebody must be there, on each day; all day where nobody said."""
    hours = ctx.params.hours or Hours.model_validate({})
    return hours.begin, hours.end
