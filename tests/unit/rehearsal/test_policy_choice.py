"""Which policy a run is judged by is settled, and read, before anything begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from golive import bootstrap
from golive.gates.policy import DEFAULT
from golive.kernel.errors import BadInput
from golive.rehearsal.prepare import Wishes, prepare
from golive.rehearsal.run import Order

PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
{more}
---
# A launch

## Timeline
| Time | Activity | Owner |
| --- | --- | --- |
| 09:00 | [Readiness](#readiness) | DevOps Lead |

## Readiness
```yaml golive
drill: readiness
```
"""


def order(folder: Path, more: str = "", policy: Path | None = None) -> Order:
    file = folder / "launch.md"
    file.write_text(PLAYBOOK.format(more=more))
    wishes = Wishes(file, folder / "state", folder / "vaults", practice=True, policy=policy)
    return prepare(wishes, bootstrap.registry(), bootstrap.trust_store())


def test_the_default_one_where_none_is_named(tmp_path: Path) -> None:
    assert order(tmp_path).policy == b""


def test_an_option_goes_before_the_playbook(tmp_path: Path) -> None:
    shipped = DEFAULT.read_bytes()
    (tmp_path / "mine.toml").write_bytes(shipped + b"# mine\n")
    (tmp_path / "other.toml").write_bytes(shipped + b"# other\n")
    assert order(tmp_path, "policy: mine.toml").policy.endswith(b"# mine\n")
    chosen = order(tmp_path, "policy: mine.toml", tmp_path / "other.toml").policy
    assert chosen.endswith(b"# other\n")


def test_one_that_is_missing_or_unfit_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="can't be read"):
        order(tmp_path, "policy: nowhere.toml")
    text = DEFAULT.read_text().replace("size(drills) > 0 || !practice", "size(dril) > 0")
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(BadInput, match="did you mean `drills`"):
        order(tmp_path, policy=tmp_path / "bad.toml")
    assert not (tmp_path / "state").exists()
