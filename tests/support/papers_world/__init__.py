"""A playbook and records of a day, by hand, for drills that write about where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from golive.drillkit.records import Act, Check, CheckVerdict, ItemRecord, Outcome, StepRecord
from golive.drillkit.standing import Standing, standing_of
from golive.evidence.artefact import Artefact
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json
from golive.playbook.model import Playbook
from golive.playbook.parse import parse
from golive.playbook.schedule import plan

PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
---
# A launch | with *marks*

## Objectives
- The [cutover](#cutover) comes back
- The [people](#people) know

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00 | [Cutover](#cutover) | DevOps Lead | |
| 10:00 | [People](#people) | QA Lead | |
| 11:00 | [Papers](#papers) | All | |

## Cutover
```yaml golive
drill: blue-green
approve: {by: [QA Lead], persons: 2, within: 5m}
```

## People
- [ ] Everybody was told

## Papers
```yaml golive
drill: minutes
```

## Risks
| Risk | Impact | Likelihood | Mitigation |
| --- | --- | --- | --- |
| It breaks | High | Likely | [Bring it back](#cutover) |
| Nobody knows | Low | Rare | [Tell them](#people) |

## Sign-off
- **DevOps Lead**: the [cutover](#cutover), `out/none.json`.
- **Executive Sponsor**: decides
"""
HERE = "papers/1"
BEGAN = datetime(2024, 5, 30, 8, 20, tzinfo=UTC)


def playbook(source: str = PLAYBOOK) -> Playbook:
    found = parse(source.encode(), "launch.md").playbook
    assert found is not None
    return found


def record(
    item: str = "cutover/1",
    outcome: Outcome = Outcome.PASSED,
    *,
    failed: str = "",
    error: str = "",
    snapshot: Json = None,
    approved: bool = False,
) -> ItemRecord:
    """An item that began 20 minutes after nine and took one."""
    start, end = BEGAN.isoformat(), (BEGAN + timedelta(minutes=1)).isoformat()
    checks = [Check("fine", "it works", True, True, CheckVerdict.PASS)]
    if failed:
        checks.append(Check("bad", failed, 0, 3, CheckVerdict.FAIL))
    artefact = Artefact(
        f"{item}-log.json", "ab" * 32, 2, "application/json", "x:y", start, Fidelity.LOCAL, item
    )
    step = StepRecord("snapshot", outcome, start, end, snapshot, checks, (artefact,), (), error)
    made = ItemRecord(item, outcome, start, end, steps=(step,))
    act = Act("approve", "ida", "QA Lead", "fine", end)
    return replace(made, acts=(act, act)) if approved else made


def done(item: str = "people/1", outcome: Outcome = Outcome.PASSED) -> ItemRecord:
    """A person's item."""
    at = BEGAN.isoformat()
    return ItemRecord(item, outcome, at, at)


def standing(*records: ItemRecord, on_schedule: bool = True, source: str = PLAYBOOK) -> Standing:
    read = playbook(source)
    planned = {slot.activity.id: slot.start for slot in plan(read)}
    kept: Mapping[str, ItemRecord] = {one.item: one for one in records}
    return standing_of(
        read, kept, lambda row: planned[row.id], target="stage", on_schedule=on_schedule
    )
