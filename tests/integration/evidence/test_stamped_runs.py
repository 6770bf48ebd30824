"""A rehearsal that has its seal stamped, by an authority that answers, lies or is gone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import stamp_world
from golive.bootstrap import timestamp_authority
from golive.evidence.stamps import load_roots
from golive.evidence.verify import State, verify
from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject
from golive.ports.timestamps import TimestampAuthority
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.run import begin, resume
from harness.memory_run import MemorySupplies, order

pytestmark = pytest.mark.needs("openssl")

PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
---
# A launch

## Timeline
| Time | Activity | Owner |
| --- | --- | --- |
| 09:00 | [Readiness](#readiness) | DevOps Lead |

## Readiness
```yaml golive
drill: readiness
with: {burst: 3}
```
"""


@dataclass
class Stamping(MemorySupplies):
    def timestamps(self, url: str) -> TimestampAuthority:
        return timestamp_authority(url)


def test_a_run_is_stamped_and_one_that_could_not_be_is_sealed_all_the_same(tmp_path: Path) -> None:
    authority = stamp_world.authority(tmp_path / "authority")
    roots = authority.root.read_bytes()
    supplies = Stamping(tmp_path)
    with stamp_world.serving(authority.stamp) as url:
        gone = url
    wanted = replace(order(PLAYBOOK, tmp_path), tsa=gone, tsa_roots=roots)
    verdict = begin(wanted, supplies)
    told = str(verdict["timestamp_problem"])
    assert told.startswith("sealed, but not stamped:")
    assert "no answer" in told
    release = Path(str(verdict["vault"]))
    assert verify(release.parents[2]).state is State.INTACT
    folder = RunFolder.find(tmp_path / "state", None)

    class Back(Stamping):
        def timestamps(self, url: str) -> TimestampAuthority:
            assert url == gone
            return timestamp_authority(again)

    with stamp_world.serving(authority.stamp) as again:
        stamped: JsonObject = resume(folder, Back(tmp_path))
    assert str(stamped["timestamp"]).endswith("Z")
    found = verify(release.parents[2], authorities=load_roots(authority.root))
    assert found.state is State.INTACT
    assert sum("by the authority you trust" in line for line in found.checked) == 2

    with pytest.raises(BadInput, match="not a time stamp authority"):
        begin(replace(wanted, tsa="stamps.example"), supplies)
    assert len(list((tmp_path / "state").iterdir())) == 1, "nothing was begun"
