"""Metrics as they are exposed (Prometheus text exposition 0.0.4) or queried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from golive.kernel.fidelity import Fidelity


@dataclass(frozen=True)
class MetricSample:
    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


class Metrics(Protocol):
    """The metrics of one side."""

    fidelity: Fidelity

    def scrape(self) -> tuple[bytes, Sequence[MetricSample]]:
        """The exposition as it came, and its samples."""
        ...
