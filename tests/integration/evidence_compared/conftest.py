"""One real rehearsal, sealed once for every test of this folder; copies of it to work on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from golive.main import app
from harness.memory_run import MemorySupplies, run_to_end

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
| 09:30–10:00 | [Export](#export) | Compliance Lead | |

## Readiness
- [ ] Everybody is here
```yaml golive
drill: readiness
with: {burst: 3}
save: {snapshot: out/readiness.json}
```

## Export
```yaml golive
drill: data-governance
```
"""


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The vault of a rehearsal over the memory target."""
    folder = tmp_path_factory.mktemp("rehearsed")
    verdict = run_to_end(PLAYBOOK, MemorySupplies(folder))
    return Path(str(verdict["vault"])).parents[2]


@pytest.fixture
def vault(rehearsed: Path, tmp_path: Path) -> Path:
    """A copy of it, to spoil."""
    return Path(shutil.copytree(rehearsed, tmp_path / "vault"))


@pytest.fixture
def golive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """The command line in this process, with keys of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str | Path) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words])

    return run
