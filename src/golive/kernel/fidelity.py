"""How real the thing behind a piece of evidence was."""

from __future__ import annotations

from enum import StrEnum


class Fidelity(StrEnum):
    """Shown wherever evidence is shown. Simulated never passes for live."""

    LIVE = "live"
    """The real external system."""
    LOCAL = "local"
    """A real component on this machine: Caddy, PostgreSQL, Terraform."""
    SIMULATED = "simulated"
    """A stand-in."""
    MANUAL = "manual"
    """A person's upload or word."""
