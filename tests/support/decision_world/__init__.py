"""Sealed rehearsals with people who decide on them: sealed by the real sealing, from records made
by hand, with a roster whose keys the tests hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from golive.drillkit.records import Check, CheckVerdict, ItemRecord, Outcome, StepRecord
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.evidence.redact import Redactor
from golive.evidence.vault import Vault
from golive.gates.verdict import Facts
from golive.governance.acts import fingerprint
from golive.governance.decision import Decision
from golive.kernel.fidelity import Fidelity
from golive.playbook.model import Playbook
from golive.playbook.parse import parse
from golive.playbook.people import parse_roster
from golive.rehearsal.folder import RunFolder, RunSettings
from golive.rehearsal.keeping import Keeper
from golive.rehearsal.sealing import Sealing
from golive.rehearsal.sign import SignedDecision, Wish, sign, standing
from golive.rehearsal.supplement import Addition, Supplemented, supplement

RUN = "2.0-2024-05-30-abcdef"
NOW, LATER = "2024-05-30T08:00:00.000Z", "2024-05-30T08:00:12.500Z"
FOREVER = "2199-12-31"

PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
---
# A launch

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00 | [Cutover](#cutover) | DevOps Lead | |
| 10:00 | [Case](#case) | Compliance Lead | Case `DRY-042` |
| 11:00 | [Dashboards](#dashboards) | QA Lead | |

## Cutover
```yaml golive
drill: synthetic
with: {checks: [login], rounds: 1}
```

## Case
```yaml golive
drill: http
with: {url: "https://example.org/DRY-042"}
```
- [ ] The notes are on file (upload: `case/notes.md`)

## Dashboards
- [ ] Seen by somebody (upload: `out/board.txt`)

## Risks
| Risk | Impact | Likelihood | Mitigation | Owner |
| --- | --- | --- | --- | --- |
| It breaks | High | Likely | [Bring it back](#cutover) | |
| Nobody looks | Low | Rare | [Look](#dashboards) | Product Lead |

## Sign-off
- **DevOps Lead**: the [cutover](#cutover) works.
- **Compliance Lead**: the [case](#case) is closed.
- **Product Lead**: the [dashboards](#dashboards) show it.
- **Executive Sponsor**: decides.
"""

PEOPLE: Mapping[str, tuple[str, str]] = {
    "tom": ("DevOps Lead", ""),
    "greta": ("Compliance Lead", "DevOps Lead"),
    "ines": ("Product Lead", ""),
    "ruth": ("Executive Sponsor", ""),
    "asha": ("QA Lead", ""),
}


@dataclass
class Later:
    """A clock that the test sets; every look at it is a second later."""

    at: datetime = datetime(2024, 6, 1, 9, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self.at.timestamp()


@dataclass
class World:
    """A vault and its people."""

    folder: Path
    source: str = PLAYBOOK
    clock: Later = field(default_factory=Later)
    seal_key: SigningKey = field(default_factory=SigningKey.generate)
    keys: dict[str, SigningKey] = field(
        default_factory=lambda: {name: SigningKey.generate() for name in PEOPLE}
    )

    policy: bytes = b""
    """What it is judged by; the default policy where empty."""

    @property
    def root(self) -> Path:
        return self.folder / "vault"

    def roster(self, without: Sequence[str] = ()) -> bytes:
        """people.toml; those in `without` have no key."""
        parts = []
        for name, (role, deputy) in PEOPLE.items():
            mark = "" if name in without else fingerprint(self.keys[name].public)
            parts.append(
                f'[[person]]\nid = "{name}"\nname = "{name.title()} Example"\n'
                f'email = "{name}@rehearsal.example"\nroles = ["{role}"]\n'
                f"deputy_for = {[deputy] if deputy else []}\n".replace("'", '"')
                + f'key = "{mark}"\n'
            )
        return "\n".join(parts).encode()

    def seal(
        self,
        verdict: CheckVerdict = CheckVerdict.PASS,
        *,
        practice: bool = True,
        roster: bytes | None = None,
        items: Sequence[ItemRecord] = (),
    ) -> Path:
        """The first seal's folder. Both drills passed, unless `verdict` says other of the
        cutover's check."""
        playbook = self.playbook()
        vault = Vault(self.root)
        settings = RunSettings(
            rehearsal=RUN, playbook_file="launch.md", playbook_digest=playbook.digest,
            playbook_folder=str(self.folder), vault_root=str(self.root), practice=practice,
            clock="now", target_name="stage", begun=NOW,
        )  # fmt: skip
        people = self.roster() if roster is None else roster
        files = {"people.toml": people}
        if self.policy:
            files["policy"] = self.policy
        run = RunFolder.create(self.folder / "state", settings, files)
        run.events.write_text("")
        records = [
            self._record("cutover/1", verdict, b"cut over\n"),
            self._record("case/1", CheckVerdict.PASS, b"case DRY-042 closed\n"),
            *items,
        ]
        evidence = [one for record in records for one in record.evidence]
        Sealing(
            playbook, settings, run, vault, self.keeper(), lambda: self.seal_key, tuple, self.clock
        ).seal(
            Facts(practice, {one.item: one for one in records}, evidence),
            parse_roster(people, "people.toml"),
        )
        return vault.release(RUN).seal.path

    def playbook(self) -> Playbook:
        found = parse(self.source.encode(), "launch.md", rehearsal=RUN).playbook
        assert found is not None
        return found

    def _record(self, item: str, verdict: CheckVerdict, content: bytes) -> ItemRecord:
        kept = Vault(self.root).objects.put(content)
        path = f"{item.replace('/', '-')}.txt"
        artefact = Artefact(
            path, kept.sha256, kept.size, "text/plain", f"{item}:go", NOW, Fidelity.LOCAL, item
        )
        check = Check("p95_ms", "it is quick", {"at_most": 500.0}, 12.5, verdict, "ms")
        outcome = Outcome.PASSED if verdict is CheckVerdict.PASS else Outcome.FAILED
        step = StepRecord("go", outcome, NOW, LATER, None, (check,), (artefact,))
        return ItemRecord(item, outcome, NOW, LATER, steps=(step,))

    def keeper(self) -> Keeper:
        return Keeper(
            Vault(self.root).objects,
            Redactor(domains=("rehearsal.example",)),
            self.folder / "redactions.jsonl",
            self.clock,
        )

    def say(self, person: str, say: str = "go", *conditions: str, **more: str) -> SignedDecision:
        """`person` signs a decision."""
        return self.wish(Wish(person, f"{person} has looked", say, conditions, **more))

    def waive(self, what: str, *, person: str = "ruth", until: str = FOREVER) -> SignedDecision:
        wish = Wish(person, "we bear it", waive=what, until=f"{until}T00:00:00Z")
        return self.wish(wish)

    def wish(self, wish: Wish) -> SignedDecision:
        return sign(
            self.root, wish, None, self.keys[wish.person], self.clock, log_key=self.seal_key
        )

    def everybody(self) -> None:
        for person in ("tom", "greta", "ines", "ruth"):
            self.say(person)

    def add(
        self, person: str, item: str, text: str = "seen\n", name: str = "x.txt"
    ) -> Supplemented:
        """`person` adds a file to `item` after the seal."""
        file = self.folder / name
        file.write_text(text)
        return supplement(
            self.root, Addition(person, item, "here it is", [(file, "text/plain")]),
            self.keys[person], self.keeper(), self.clock, seal_key=self.seal_key,
        )  # fmt: skip

    def standing(self, at: str = "") -> Decision:
        return standing(self.root, at=at or "2024-06-02T00:00:00.000Z")
