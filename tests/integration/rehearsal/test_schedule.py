"""`--clock schedule` waits for each row's time; called off, it waits no longer."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from golive.kernel.times import parse_rfc3339
from golive.rehearsal.act import call_off
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events
from golive.rehearsal.run import begin
from harness.memory_run import MemorySupplies, order

PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
vault: vault
---
# A launch

## Timeline
| Time (BST) | Activity | Owner |
| --- | --- | --- |
| 09:00–09:30 | [Checks](#checks) | QA Lead |

## Checks
```yaml golive
drill: synthetic
with: {checks: [login], rounds: 1}
```
"""

NINE = datetime(2024, 5, 30, 8, 0, tzinfo=UTC)


class OnTheDay:
    """The machine's clock, moved to so many seconds before nine o'clock of the playbook's day."""

    def __init__(self, before: float) -> None:
        self._shift = NINE - timedelta(seconds=before) - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def row_start(supplies: MemorySupplies) -> datetime:
    folder = RunFolder.find(supplies.folder / "state", None)
    (event,) = [
        event
        for event in read_events(folder.events)
        if event["event"] == "row" and event["state"] == "started"
    ]
    return parse_rfc3339(str(event["at"]))


def test_a_row_begins_when_it_is_planned(supplies: MemorySupplies) -> None:
    early = replace(supplies, clock=OnTheDay(before=1.5))
    verdict = begin(replace(order(PLAYBOOK, early.folder), clock="schedule"), early)
    assert verdict["verdict"] == "ready", verdict["reasons"]
    assert NINE <= row_start(early) < NINE + timedelta(seconds=5)


def test_a_late_day_waits_for_nothing(supplies: MemorySupplies) -> None:
    late = replace(supplies, clock=OnTheDay(before=-3600))
    assert (
        begin(replace(order(PLAYBOOK, late.folder), clock="schedule"), late)["verdict"] == "ready"
    )


def test_calling_off_ends_the_wait(supplies: MemorySupplies) -> None:
    early = replace(supplies, clock=OnTheDay(before=3600))
    found: list[Any] = []

    def day() -> None:
        found.append(begin(replace(order(PLAYBOOK, early.folder), clock="schedule"), early))

    thread = threading.Thread(target=day)
    thread.start()
    state = early.folder / "state"
    while not list(state.glob("*/dbos.sqlite")):
        time.sleep(0.02)
    time.sleep(0.5)
    call_off(RunFolder.find(state, None), "not today")
    thread.join(30)
    assert found[0]["verdict"] == "incomplete"
    assert "not today" in str(found[0]["reasons"])
