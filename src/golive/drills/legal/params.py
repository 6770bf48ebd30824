"""What the drill takes, and what its steps need of the target."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.drillkit.sides import way_in
from golive.kernel.errors import NotConfigured
from golive.kernel.fidelity import Fidelity
from golive.ports.learning import LearningExport, Moodle, XApi
from golive.ports.legal_pages import LegalPages


class LegalParams(Params):
    documents: tuple[str, ...] = Field(
        ("refund-policy", "community-guidelines", "about-fixnado", "fixnado-faq"), min_length=1
    )
    lms: LearningExport | Literal["target"] | None = Field(
        None,
        description="the learning system's export, reconciled with the service's own records; "
        "`target` takes the one that the target names",
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


@dataclass(frozen=True)
class Learning:
    """The learning system's export: how it is written, where it lies, how real it is."""

    format: Moodle | XApi
    path: Path
    fidelity: Fidelity


def learning(ctx: Ctx) -> Learning | None:
    """What the playbook names, or what it leaves to the target; None where it names neither.
    NotConfigured where the target has none."""
    said = ctx.params.lms
    if said is None:
        return None
    if said != "target":
        # a file beside the playbook came from a person
        return Learning(said, ctx.playbook_folder / said.file, Fidelity.MANUAL)
    hint = "add [learning.export] to the target file, or say `kind` and `file` under `lms`"
    found = ctx.target.need(ctx.target.config.learning, "learning system", hint)
    return Learning(found.export, found.export.file, found.fidelity)
