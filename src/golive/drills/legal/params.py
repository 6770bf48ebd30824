"""What the drill takes, and what its steps need of the target."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.drillkit.sides import way_in
from golive.kernel.errors import NotConfigured
from golive.ports.legal_pages import LegalPages


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{name!r} is no time zone: Europe/London is one") from error
    return name


Column = Annotated[int, Field(ge=1)]
"""Counted from 1, as people count."""


class Moodle(Params):
    """A completion report as CSV. Its headers, states and dates are in its reader's language, so
    columns are named by position, and the language and zone by the playbook."""

    kind: Literal["moodle"]
    file: Path = Field(description="relative to the playbook")
    locale: Literal["en", "en-US", "de", "fr"] = Field(description="of its states and dates")
    zone: Annotated[str, AfterValidator(_zone)] = Field(description="of its dates")
    email: Column = Field(description="column of the learner's e-mail address")
    policies: Mapping[str, Column] = Field(
        min_length=1, description="document to the column of its state; the date is in the next"
    )
    header_rows: int = Field(1, ge=0, le=10)
    delimiter: Literal[",", ";", "\t"] = ","


class XApi(Params):
    """xAPI statements (IEEE 9274.1.1) as JSON: a list, or an object with `statements`."""

    kind: Literal["xapi"]
    file: Path = Field(description="relative to the playbook")
    policies: Mapping[str, str] = Field(
        min_length=1, description="document to the id (an IRI) of its activity"
    )


class LegalParams(Params):
    documents: tuple[str, ...] = Field(
        ("refund-policy", "community-guidelines", "about-fixnado", "fixnado-faq"), min_length=1
    )
    lms: Annotated[Moodle | XApi, Field(discriminator="kind")] | None = Field(
        None, description="the learning system's export, reconciled with the service's own records"
    )
    sample: int = Field(50, ge=1, le=10_000, description="how many people are drawn")
    seed: str = Field("", max_length=200, description="drawn at random, and kept, where empty")
    role: str = Field("legal", description="whose rehearsal account reads the desk")
    through: str = Field(
        "production", description="production, validation, incoming, old, or a side's name"
    )


Ctx = Context[LegalParams]


def pages(ctx: Ctx) -> LegalPages:
    """The way in, with its documents; NotConfigured where the target's adapter has none."""
    market = way_in(ctx.target, ctx.params.through)
    if isinstance(market, LegalPages):
        return market
    raise NotConfigured(
        "the target's marketplace adapter knows no legal pages",
        where=market.url,
        hint="implement golive.ports.legal_pages.LegalPages in it",
    )
