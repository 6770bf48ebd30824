"""A disk that fills up at any moment: the run stops with one clear error, and goes on later."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from golive.evidence.durable import VaultError
from golive.ports.clock import SystemClock
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import Journal, read_events
from harness.memory_run import MemorySupplies, take_up

SUPPORT = str(Path(__file__).parents[2] / "support")
PROGRAM = """
import os, resource, signal, sys; sys.path.insert(0, sys.argv[3])
from pathlib import Path
from golive.kernel.errors import GoliveError
from golive.rehearsal.run import begin
from harness.memory_run import MemorySupplies, order

folder, when = Path(sys.argv[1]), sys.argv[2]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def fill(event):
    if event["event"] == when:
        files = [one for one in folder.glob("state/*/*") if one.is_file()]
        most = max(one.stat().st_size for one in files)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

try:
    begin(order((folder / "source.md").read_text(), folder), MemorySupplies(folder), [fill])
except GoliveError as error:
    print(error, flush=True)
    os._exit(error.exit_code)  # as `golive` does: parked threads are not waited for
"""
PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
vault: vault
---
# A launch

## Timeline
| Time | Activity | Owner |
| --- | --- | --- |
| 09:00–09:30 | [Checks](#checks) | QA Lead |

## Checks
""" + 8 * """```yaml golive
drill: synthetic
with: {checks: [login], rounds: 1}
```
"""  # fmt: skip


def test_half_a_line_is_taken_back(tmp_path: Path) -> None:
    """A write that the disk cut short leaves no torn line for the next one to run into."""
    program = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from golive.evidence.durable import VaultError\n"
        "from golive.ports.clock import SystemClock\n"
        "from golive.rehearsal.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]), SystemClock())\n"
        "journal.write('log', text='before')\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "most = resource.RLIM_INFINITY\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (500, most))\n"
        "try:\n"
        "    journal.write('log', text='x' * 1000)\n"
        "except VaultError as error:\n"
        "    print(error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))\n"
        "journal.write('log', text='after')\n"
    )
    path = tmp_path / "events.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert "the run's journal can't be written" in done.stdout
    told = [(one["seq"], one["text"]) for one in read_events(path)]
    assert told == [(1, "before"), (2, "after")]


def test_a_folder_that_is_read_only_says_so(tmp_path: Path) -> None:
    missing = tmp_path / "gone" / "events.jsonl"
    with pytest.raises(VaultError, match="the run's journal can't be written"):
        Journal(missing, SystemClock())


@pytest.mark.parametrize("when", ["started", "check"])
def test_a_run_on_a_full_disk_goes_on_when_there_is_room(tmp_path: Path, when: str) -> None:
    (tmp_path / "source.md").write_text(PLAYBOOK)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), when, SUPPORT],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, "can't be written" in done.stdout) == (2, True), (
        f"{done.returncode} {done.stdout} {done.stderr[-2000:]}"
    )
    assert take_up(MemorySupplies(tmp_path))["verdict"] == "ready"
    told = [one["seq"] for one in read_events(only_run(tmp_path).events)]
    assert told == sorted(set(told))


def only_run(folder: Path) -> RunFolder:
    return RunFolder.find(folder / "state", None)
