"""The stage's three alarms: what CloudWatch would watch, judged from the incoming side's metrics.

Pure. An alarm looks at the last seconds only, and needs more than one bad request: a single one is
no alarm in CloudWatch's usual settings either. Missing data is not breaching.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

TARGET_5XX = "fixnado-target-5xx"
LATENCY = "fixnado-target-latency"
READINESS = "fixnado-readiness"
ALARMS = (TARGET_5XX, LATENCY, READINESS)

WINDOW = 2.0
"""Seconds that an alarm looks back."""
_ERRORS = 3
"""Answers of 5xx in the window, from which on the alarm is active…"""
_ERROR_SHARE = 0.02
"""…where they are also at least this share of all."""
_AVERAGE = 0.6
_MEASURED = 5
"""Requests in the window that an average latency (seconds) must be made of."""
_DEGRADED = 0.75
"""`fixnado_readiness_status`: below it a component is not fit to serve."""

_OWN = ("/healthz", "/readyz", "/metrics")
"""Routes of whoever watches: no customer's."""


@dataclass(frozen=True)
class Reading:
    """Counters at one moment (seconds of any clock)."""

    at: float
    requests: float
    errors: float
    seconds: float
    timed: float
    readiness: float | None

    def since(self, earlier: Reading) -> Reading:
        """What was added; the readiness is the later one."""
        return Reading(
            at=self.at - earlier.at,
            requests=self.requests - earlier.requests,
            errors=self.errors - earlier.errors,
            seconds=self.seconds - earlier.seconds,
            timed=self.timed - earlier.timed,
            readiness=self.readiness,
        )


def read(exposition: str, at: float) -> Reading:
    """Of an exposition in text format 0.0.4. ValueError where it is none."""
    totals = {"requests": 0.0, "errors": 0.0, "seconds": 0.0, "timed": 0.0}
    levels: list[float] = []
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            if sample.labels.get("route") in _OWN:
                continue
            if sample.name == "fixnado_http_requests_total":
                totals["requests"] += sample.value
                if sample.labels.get("status", "").startswith("5"):
                    totals["errors"] += sample.value
            elif sample.name == "fixnado_http_request_duration_seconds_sum":
                totals["seconds"] += sample.value
            elif sample.name == "fixnado_http_request_duration_seconds_count":
                totals["timed"] += sample.value
            elif sample.name == "fixnado_readiness_status":
                levels.append(sample.value)
    return Reading(at=at, readiness=min(levels, default=None), **totals)


class Window:
    """The readings of the last seconds."""

    def __init__(self) -> None:
        self._readings: list[Reading] = []

    def add(self, reading: Reading) -> None:
        """Counters that went back are a process that began anew: so does the window."""
        if self._readings and reading.requests < self._readings[-1].requests:
            self._readings = []
        self._readings.append(reading)
        while len(self._readings) > 2 and reading.at - self._readings[1].at >= WINDOW:
            del self._readings[0]

    def active(self) -> dict[str, str]:
        """Alarms by name, with why."""
        if not self._readings:
            return {}
        last = self._readings[-1]
        recent = last.since(self._readings[0])
        found: dict[str, str] = {}
        if recent.errors >= _ERRORS and recent.errors >= _ERROR_SHARE * recent.requests:
            found[TARGET_5XX] = f"{recent.errors:g} of {recent.requests:g} requests failed"
        if recent.timed >= _MEASURED and recent.seconds / recent.timed >= _AVERAGE:
            average = recent.seconds / recent.timed
            found[LATENCY] = f"{recent.timed:g} requests took {average:.2f} s on average"
        if last.readiness is not None and last.readiness < _DEGRADED:
            found[READINESS] = f"a component's readiness is {last.readiness:g}"
        return found


def unknown(names: Sequence[str]) -> Sequence[str]:
    """Those that this stage can't read."""
    return [name for name in names if name not in ALARMS]
