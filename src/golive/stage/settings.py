"""What one stage is set to, chosen at its first start and kept: `stage.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from golive.kernel.errors import GoliveError
from golive.stage.layout import Layout, write_json

OLD = "green"
INCOMING = "blue"
SIDES = (OLD, INCOMING)
"""In the order in which the balancer lists them."""
VERSIONS: Mapping[str, str] = {OLD: "0.99", INCOMING: "1.00"}
SEED = 42

FAULTS: Mapping[str, str] = {
    "incoming-5xx": "5xx",
    "incoming-slow": "slow",
    "incoming-crash": "crash",
    "incoming-5xx-late": "5xx-late",
    "readiness-stale": "readiness-stale",
    "export-no-checksum": "export-no-checksum",
    "export-leaks-other-subject": "export-leaks-other-subject",
    "purge-ignores-dry-run": "purge-ignores-dry-run",
    "legal-metadata-missing": "legal-metadata-missing",
    "ack-wrong-version": "ack-wrong-version",
    "ledger-unbalanced": "ledger-unbalanced",
    "role-from-header": "role-from-header",
    "chatwoot-down": "",
}
"""A bad launch's name to the fault that the incoming instance is started with; "" where that one is
well and something beside it isn't."""

HELP_DESK_DOWN = "chatwoot-down"

MINUTE = 0.3
"""Seconds that stand for one of AWS's minutes."""


@dataclass(frozen=True)
class Settings:
    ports: Mapping[str, int]
    """By name: production, validation, green, blue, codedeploy, helpdesk."""
    fault: str | None = None
    minute: float = MINUTE
    seed: int = SEED
    versions: Mapping[str, str] = field(default_factory=lambda: dict(VERSIONS))

    def with_ports(self, ports: Mapping[str, int]) -> Settings:
        return replace(self, ports=dict(ports))

    def with_fault(self, fault: str | None) -> Settings:
        return replace(self, fault=fault)

    def with_minute(self, minute: float) -> Settings:
        return replace(self, minute=minute)


def load(layout: Layout) -> Settings | None:
    """None where this folder never held a stage; GoliveError where the file is damaged."""
    try:
        data: Any = json.loads(layout.settings.read_text("utf-8"))
        return Settings(
            ports={str(name): int(port) for name, port in data["ports"].items()},
            fault=data["fault"],
            minute=float(data["minute"]),
            seed=int(data["seed"]),
            versions={str(side): str(text) for side, text in data["versions"].items()},
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GoliveError(
            "the stage's settings are damaged",
            where=str(layout.settings),
            hint="remove the stage's folder; the next start makes a new one",
        ) from error


def save(layout: Layout, settings: Settings) -> None:
    write_json(layout.settings, asdict(settings))
