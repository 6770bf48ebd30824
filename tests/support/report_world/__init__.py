"""Sealed releases to report on: sealed by the real sealing, from records made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from golive.drillkit.records import Check, CheckVerdict, ItemRecord, Outcome, StepRecord
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.evidence.redact import Redactor
from golive.evidence.vault import Vault
from golive.gates.verdict import Facts
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.playbook.model import Playbook
from golive.playbook.parse import parse
from golive.playbook.people import Roster
from golive.ports.clock import SystemClock
from golive.rehearsal.folder import RunFolder, RunSettings
from golive.rehearsal.keeping import Keeper
from golive.rehearsal.sealing import Sealing

RUN = "2.0-2024-05-30-abcdef"
NOW, LATER = "2024-05-30T08:00:00.000Z", "2024-05-30T08:00:12.500Z"
KEY = SigningKey.generate()

PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
---
# A launch

## Objectives
- The [cutover](#cutover) comes back
- The [people](#people) know
- World peace

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00 | [Cutover](#cutover) | DevOps Lead | |
| 10:00 | [People](#people) | QA Lead | |

## Cutover
```yaml golive
drill: blue-green
approve: {by: [QA Lead], persons: 2, within: 5m}
```

## People
- [ ] Everybody was told

## Evidence checklist
- The log of the [cutover](#cutover)
- A file that nobody made: `out/none.json`

## Risks
| Risk | Impact | Likelihood | Mitigation |
| --- | --- | --- | --- |
| It breaks | High | Likely | [Bring it back](#cutover) |
| Nobody knows | Low | | [Tell them](#people) |
| The sky falls | High | Rare | hope |

## Sign-off
- **Executive Sponsor**: decides.
"""


def playbook(source: str = PLAYBOOK) -> Playbook:
    found = parse(source.encode(), "/somewhere/of mine/launch.md").playbook
    assert found is not None
    return found


def check(name: str = "failed_requests", **more: object) -> Check:
    said: dict[str, object] = {
        "id": name, "claim": "no request fails", "expected": {"at_most": 0}, "measured": 0,
        "verdict": CheckVerdict.PASS, "unit": "requests",
    }  # fmt: skip
    return Check(**{**said, **more})  # type: ignore[arg-type]


@dataclass
class World:
    """A vault in the making. `events` are lines of the journal."""

    folder: Path
    source: str = PLAYBOOK
    fault: str = ""
    run: str = RUN
    events: list[JsonObject] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.vault = Vault(self.folder / "vault")
        self._keeper = Keeper(
            self.vault.objects, Redactor(), self.folder / "redactions.jsonl", SystemClock()
        )

    def keep(
        self, path: str, content: str, kind: Fidelity = Fidelity.LOCAL, item: str = "cutover/1"
    ) -> Artefact:
        stored = self.vault.objects.put(content.encode())
        media = "application/json"
        return Artefact(path, stored.sha256, stored.size, media, "x:y", NOW, kind, item)

    def drill(
        self,
        *checks: Check,
        outcome: Outcome = Outcome.PASSED,
        artefacts: Sequence[Artefact] = (),
        error: str = "",
        item: str = "cutover/1",
        **more: object,
    ) -> ItemRecord:
        step = StepRecord("shift", outcome, NOW, LATER, None, checks, artefacts, (), error)
        return ItemRecord(item, outcome, NOW, LATER, steps=(step,), **more)  # type: ignore[arg-type]

    def cutover(self, samples: Sequence[Json], events: Sequence[JsonObject]) -> list[Artefact]:
        """What the cutover drill keeps."""
        record = {"old": "green", "incoming": "blue", "events": list(events)}
        lines = "".join(json.dumps(one) + "\n" for one in samples)
        return [
            self.keep("codedeploy/cutover/1-samples.jsonl", lines),
            self.keep("codedeploy/cutover/1-record.json", json.dumps(record)),
        ]

    def seal(self, *records: ItemRecord, practice: bool = True, called_off: str = "") -> Path:
        """The sealed release's folder."""
        read = playbook(self.source)
        settings = RunSettings(
            rehearsal=self.run, playbook_file="launch.md", playbook_digest=read.digest,
            playbook_folder=str(self.folder), vault_root=str(self.vault.root), practice=practice,
            clock="now", target_name="stage", fault=self.fault, begun=NOW,
        )  # fmt: skip
        run = RunFolder.create(self.folder / "state", settings, {})
        run.events.write_text("".join(json.dumps(one) + "\n" for one in self.events))
        items: Mapping[str, ItemRecord] = {one.item: one for one in records}
        artefacts = [one for record in records for one in record.evidence]
        sealing = Sealing(read, settings, run, self.vault, self._keeper, lambda: KEY, tuple)
        sealing.seal(Facts(practice, items, artefacts, called_off), Roster(()))
        return self.vault.release(self.run).seal.path


def traffic(seconds: float = 6.0, rate: int = 50, fail_at: float = -1.0) -> list[Json]:
    """Requests of a shift to half-way and back: blue answers more and more until second 3."""
    found: list[Json] = []
    for number in range(int(seconds * rate)):
        at = number / rate
        blue = 0.5 * at / 3 if at < 3 else 0.0
        side = "blue" if number % 100 < 100 * blue else "green"
        status = 500 if fail_at <= at < fail_at + 0.5 else 200
        found.append([1_700_000_000.0 + at, 0.004, status, side])
    return found


def marks() -> list[JsonObject]:
    """The journal that goes with `traffic`."""
    at = 1_700_000_000.0
    return [
        {"at": at + 0.2, "event": "ordered", "intent": "shift", "side": "blue"},
        {"at": at + 1.0, "event": "weights", "weights": {"green": 90.0, "blue": 10.0}},
        {"at": at + 3.0, "event": "triggered", "deployment": "d-1", "why": "half-way reached"},
        {"at": at + 3.1, "event": "returned", "deployment": "d-1", "rollback": "d-2"},
        {"at": at + 3.2, "event": "proved"},
        {"at": at + 3.5, "event": "ordered", "intent": "promote", "side": "blue"},
        {"at": at + 5.5, "event": "promoted"},
    ]


def day() -> list[JsonObject]:
    """The rows in the journal."""
    return [
        {"seq": 1, "at": NOW, "event": "row", "row": "row-1", "state": "started"},
        {"seq": 2, "at": LATER, "event": "row", "row": "row-1", "state": "finished",
         "outcome": "passed"},
        {"seq": 3, "at": LATER, "event": "row", "row": "row-2", "state": "started"},
        {"seq": 4, "at": LATER, "event": "row", "row": "row-2", "state": "finished",
         "outcome": "open"},
    ]  # fmt: skip


def many(folder: Path) -> list[Path]:
    """Three rehearsals in one vault, the first of them whole; the second's p95 is the better, the
    third was called off."""
    second = World(folder, run="2.0-2024-05-31-bbbbbb", events=day())
    third = World(folder, run="2.0-2024-06-01-cccccc", events=day())
    quick = check("p95", measured=120.0, unit="ms")
    return [
        whole(folder),
        second.seal(second.drill(check(), quick)),
        third.seal(third.drill(check(), quick), called_off="rain"),
    ]


def whole(folder: Path) -> Path:
    """A release with everything in it."""
    world = World(folder, events=day())
    kept = world.cutover(traffic(fail_at=2.0), marks())
    kept.append(world.keep("codedeploy/log.json", "[]", Fidelity.SIMULATED))
    return world.seal(
        world.drill(
            check(),
            check("p95", verdict=CheckVerdict.FAIL, measured=640.0, unit="ms"),
            check("seen", verdict=CheckVerdict.INCONCLUSIVE, measured=None),
            outcome=Outcome.FAILED,
            artefacts=kept,
        ),
        ItemRecord("people/1", Outcome.OPEN, NOW, NOW),
    )
