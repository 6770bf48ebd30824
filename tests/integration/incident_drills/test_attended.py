"""An attended rehearsal: the person on call confirms with a key, and is what MTTA measures."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from golive.evidence.keys import SigningKey
from golive.governance.acts import fingerprint
from golive.kernel.errors import BadInput, GoliveError
from golive.kernel.json import Json, JsonObject
from golive.rehearsal.act import Wish, act
from golive.rehearsal.board import fold
from golive.rehearsal.engine import Engine, Halt, Leave
from golive.rehearsal.folder import RunFolder, RunSettings
from golive.rehearsal.journal import read_events
from golive.rehearsal.run import begin
from harness.memory_run import MemorySupplies, order, run_to_end, take_up

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


@dataclass
class Attended:
    """A rehearsal in a thread, and the hand of the person on call."""

    supplies: MemorySupplies
    key: SigningKey = field(default_factory=SigningKey.generate)
    verdicts: list[JsonObject] = field(default_factory=list)
    errors: list[GoliveError] = field(default_factory=list)

    def rehearse(self) -> None:
        people = (
            '[[person]]\nid = "marta"\nname = "Marta Example"\n'
            'email = "marta@rehearsal.fixnado.example"\nroles = ["Support Lead"]\n'
            f'key = "{fingerprint(self.key.public)}"\n'
        ).encode()
        wanted = order(PLAYBOOK, self.supplies.folder, practice=False, people=people)
        try:
            self.verdicts.append(begin(wanted, self.supplies))
        except GoliveError as error:
            self.errors.append(error)

    def carry_out(self) -> None:
        """Until it ends: the person is asked, takes a while, and confirms."""
        thread = threading.Thread(target=self.rehearse)
        thread.start()
        waiting(self.supplies, thread.is_alive)
        time.sleep(THINKS)
        folder = folder_of(self.supplies)
        wish = Wish("confirm", "incident/2", "marta", "on it", "", ())
        roster = self.supplies.roster(folder)
        act(folder, wish, roster, self.key, self.supplies.clock, lambda *_: None)  # type: ignore[arg-type,return-value]
        thread.join(60)


def measured_on_marta(ledger: Any) -> None:
    assert THINKS <= ledger["mtta"]["seconds"] < 30
    assert ledger["mtta"]["seconds"] <= ledger["mttr"]["seconds"]
    assert THINKS <= ledger["mtta"]["confirmedAfterSeconds"] <= ledger["mtta"]["seconds"]
    by = ledger["incident"]["acknowledgedBy"]
    assert (by["person"], by["role"]) == ("marta", "Support Lead")
    assert ledger["period"]["counts"]["acknowledged"] == 1


def test_mtta_is_measured_on_the_person_on_call(tmp_path: Path) -> None:
    day = Attended(MemorySupplies(tmp_path))
    day.carry_out()
    (verdict,) = day.verdicts
    assert verdict["verdict"] == "ready", verdict["reasons"]
    measured_on_marta(ledger_in(verdict))


class PowerCutError(GoliveError):
    """The process is gone."""


class CutEngine(Engine):
    """Ends once the acknowledgement is in the marketplace, before anybody has noted it."""

    def durable(self, name: str, action: Callable[[], Json]) -> Json:
        def cutting() -> Json:
            done = action()
            if name.endswith("/acknowledge"):
                self._halt.failure = PowerCutError("power cut")
                raise Leave
            return done

        return super().durable(name, cutting)


class CutSupplies(MemorySupplies):
    def engine(self, folder: RunFolder, settings: RunSettings, halt: Halt) -> Engine:
        return CutEngine(folder, settings, halt)


def test_killed_after_the_acknowledgement_it_is_the_same_person_and_time(tmp_path: Path) -> None:
    day = Attended(CutSupplies(tmp_path))
    day.carry_out()
    assert [str(one) for one in day.errors] == ["power cut"]
    memory = day.supplies.memory
    (case,) = memory.books.incidents.incidents.values()
    at = case.acknowledged_at
    assert at
    verdict = take_up(MemorySupplies(tmp_path, memory))
    assert verdict["verdict"] == "ready", verdict["reasons"]
    ledger = ledger_in(verdict)
    measured_on_marta(ledger)
    assert ledger["incident"]["acknowledgedAt"] == at
    assert memory.count("incident-acknowledged") == 1


def test_in_practice_nobody_is_measured_and_the_item_stays_open(tmp_path: Path) -> None:
    verdict = run_to_end(PLAYBOOK, MemorySupplies(tmp_path))
    assert verdict["verdict"] == "ready", verdict["reasons"]
    assert "1 human item open" in str(verdict["headline"])
    ledger = ledger_in(verdict)
    assert (ledger["mtta"]["seconds"], ledger["mttr"]["seconds"]) == ("not measured",) * 2
    assert ledger["period"]["counts"]["acknowledged"] == 0
