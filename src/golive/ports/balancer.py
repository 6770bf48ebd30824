"""What a load balancer says of its own listeners: who can reach them, and where they send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject


class Role(StrEnum):
    """What a listener is for."""

    PRODUCTION = "production"
    VALIDATION = "validation"
    """CodeDeploy's test listener."""
    OTHER = "other"


@dataclass(frozen=True)
class Listener:
    """One listener that leads to either side."""

    name: str
    """As the load balancer calls it: an ARN, or `host:port`."""
    port: int
    role: Role
    shares: Mapping[str, float]
    """Percentage by side. Where a listener's rules differ, the highest of any for each side."""


@dataclass(frozen=True)
class Exposure:
    """Who can reach one listener."""

    listener: str
    public: bool | None
    """Whether the world can; None where what was read doesn't tell."""
    why: str
    """In words: what lets it in, or what keeps it out."""
    raw: JsonObject
    """What was read, for the evidence."""


class Balancer(Protocol):
    """Read from the load balancer itself at each call. PortError where it doesn't say."""

    fidelity: Fidelity

    def listeners(self) -> Sequence[Listener]:
        """Every listener that sends requests to either side."""
        ...

    def exposures(self) -> Sequence[Exposure]:
        """Of each validation listener; nothing where there is none."""
        ...

    def targets(self) -> Mapping[str, Mapping[str, int]]:
        """How many targets of each side are in which state (`healthy`, …), by the balancer's own
        health checks; nothing of a side whose health it doesn't watch."""
        ...
