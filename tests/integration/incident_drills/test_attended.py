"""An attended rehearsal: the person on call confirms with a key, and is what MTTA measures."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from golive.evidence.keys import SigningKey
from golive.governance.acts import fingerprint
from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject
from golive.rehearsal.act import Wish, act
from golive.rehearsal.board import fold
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events
from golive.rehearsal.run import begin
from harness.memory_run import MemorySupplies, order, run_to_end

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
| 14:30–15:00 | [Incident](#incident) | Support Lead | `incident/ledger.json` |

## Incident
```yaml golive
drill: incident
with: {part: raise}
```
- [ ] The person on call acknowledges the incident
```yaml golive
drill: incident
with: {part: close}
expect: {mtta_seconds: {at_most: 60}}
save: {ledger: "incident/ledger.json"}
```
"""
THINKS = 0.4
"""Seconds that the person takes, so that the figure can be told from a program's."""


def folder_of(supplies: MemorySupplies) -> RunFolder:
    return RunFolder.find(supplies.folder / "state", None)


def waiting(supplies: MemorySupplies, alive: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert alive()
        try:
            board = fold(read_events(folder_of(supplies).events))
            if "incident/2" in [one.id for one in board.waiting()]:
                return
        except BadInput:
            pass
        time.sleep(0.02)
    raise TimeoutError("nobody was asked")


def ledger_in(verdict: JsonObject) -> Any:
    return json.loads((Path(str(verdict["vault"])) / "data/incident/ledger.json").read_text())


def test_mtta_is_measured_on_the_person_on_call(tmp_path: Path) -> None:
    supplies, key = MemorySupplies(tmp_path), SigningKey.generate()
    people = (
        '[[person]]\nid = "marta"\nname = "Marta Example"\n'
        'email = "marta@rehearsal.fixnado.example"\nroles = ["Support Lead"]\n'
        f'key = "{fingerprint(key.public)}"\n'
    ).encode()
    result: list[JsonObject] = []

    def rehearse() -> None:
        result.append(begin(order(PLAYBOOK, tmp_path, practice=False, people=people), supplies))

    thread = threading.Thread(target=rehearse)
    thread.start()
    waiting(supplies, thread.is_alive)
    time.sleep(THINKS)
    folder = folder_of(supplies)
    wish = Wish("confirm", "incident/2", "marta", "on it", "", ())
    act(folder, wish, supplies.roster(folder), key, supplies.clock, lambda *_: None)  # type: ignore[arg-type,return-value]
    thread.join(60)
    (verdict,) = result
    assert verdict["verdict"] == "ready", verdict["reasons"]
    ledger = ledger_in(verdict)
    assert THINKS <= ledger["mtta"]["seconds"] < 30
    assert ledger["mtta"]["seconds"] <= ledger["mttr"]["seconds"]
    by = ledger["incident"]["acknowledgedBy"]
    assert (by["person"], by["role"]) == ("marta", "Support Lead")
    assert ledger["period"]["counts"]["acknowledged"] == 1


def test_in_practice_nobody_is_measured_and_the_item_stays_open(tmp_path: Path) -> None:
    verdict = run_to_end(PLAYBOOK, MemorySupplies(tmp_path))
    assert verdict["verdict"] == "ready", verdict["reasons"]
    assert "1 human item open" in str(verdict["headline"])
    ledger = ledger_in(verdict)
    assert (ledger["mtta"]["seconds"], ledger["mttr"]["seconds"]) == ("not measured",) * 2
    assert ledger["period"]["counts"]["acknowledged"] == 0
