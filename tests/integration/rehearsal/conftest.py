from __future__ import annotations

from pathlib import Path

import pytest

from harness.memory_run import MemorySupplies

PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
vault: vault
---
# A launch

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00–09:30 | [Readiness](#readiness) | DevOps Lead | `out/readiness.json` |
| 09:30–10:00 | [Cutover](#cutover) | DevOps Lead | `out/lifecycle.json` |
| 10:00–10:30 | [Checks](#checks) | QA Lead | |

## Readiness
- [ ] Everybody is here
```yaml golive
drill: readiness
with: {burst: 3}
save: {snapshot: out/readiness.json}
```

## Cutover
```yaml golive
drill: blue-green
with: {incoming: blue, abort_at: 50%, then: promote, rate: 50}
save: {lifecycle: out/lifecycle.json}
```

## Checks
```yaml golive
drill: synthetic
with: {checks: [login, timeline-hub], rounds: 2}
```
"""


@pytest.fixture
def playbook() -> str:
    return PLAYBOOK


@pytest.fixture
def supplies(tmp_path: Path) -> MemorySupplies:
    return MemorySupplies(tmp_path)
