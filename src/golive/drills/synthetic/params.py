"""What may be said of the synthetic checks."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Params


class Probe(StrEnum):
    LOGIN = "login"
    TIMELINE = "timeline-hub"
    COMMERCE = "commerce-snapshot"
    REQUEST = "data-request"


READING = (Probe.LOGIN, Probe.TIMELINE, Probe.COMMERCE)
"""Those that leave nothing behind: what is checked where the playbook doesn't say."""


class SyntheticParams(Params):
    checks: tuple[Probe, ...] = Field(READING, min_length=1)
    rounds: int = Field(20, ge=1, le=10_000, description="how often each check is repeated")
    through: str = Field(
        "production", description="production, validation, incoming, old, or a side's name"
    )
    role: str = Field("user", description="whose rehearsal account signs in")
    officer: str = Field("compliance", description="whose account closes the data request again")
    persona: str = Field("user", description="whose commerce snapshot is asked for")
    p95_ms: float = Field(750, gt=0, description="limit of the 95th percentile, in milliseconds")


Ctx = Context[SyntheticParams]
