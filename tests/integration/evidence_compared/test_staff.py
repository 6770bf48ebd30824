"""A rota that somebody attached, as the sealed vault holds it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import pyrage

from golive.evidence.pseudonyms import Pseudonyms
from golive.evidence.redact import Redactor
from golive.evidence.vault import read_release
from golive.evidence.verify import State, verify
from golive.ports.target import Target
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.keeping import Keeper, Privacy
from harness.memory_run import MemorySupplies, run_to_end

ROTA = b"Name,Email,Shift\nPetra Lindholm,petra@corp.com,early\n"
PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
vault: vault
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
class Attended(MemorySupplies):
    """Somebody attaches a rota from a process of their own, just before the drills begin."""

    reader: pyrage.x25519.Identity = field(default_factory=pyrage.x25519.Identity.generate)

    def redactor(self, folder: RunFolder, target: Target) -> Redactor:
        redactor = super().redactor(folder, target)
        settings = folder.settings()
        objects = self.vault(Path(settings.vault_root)).objects
        key, readers = folder.secret("pseudonyms"), {"greta": str(self.reader.to_public())}
        log = folder.path / "redactions.jsonl"
        keeper = Keeper(objects, redactor, log, self.clock, Privacy(Pseudonyms(key), readers))
        rota = folder.path / "rota.csv"
        rota.write_bytes(ROTA)
        keeper.upload("attachments/rota.csv", rota, "text/csv", person="marta", item="surge/1")
        rota.unlink()
        return redactor


def test_the_original_is_sealed_for_its_readers_alone(tmp_path: Path) -> None:
    supplies = Attended(tmp_path)
    verdict = run_to_end(PLAYBOOK, supplies)
    folder = Path(str(verdict["vault"]))
    root = folder.parents[2]
    assert verify(root).state is State.INTACT
    release = read_release(folder)
    (told,) = json.loads(release.file("golive/originals.json").read_bytes())["originals"]
    assert told["sha256"] == hashlib.sha256(ROTA).hexdigest()
    assert told["readers"] == ["greta"]
    sealed = release.file(told["encrypted"]).read_bytes()
    assert pyrage.decrypt(sealed, [supplies.reader]) == ROTA
    secret = (tmp_path / "state" / folder.parent.name / "pseudonyms.key").read_bytes()
    for path in root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"Lindholm" not in data, path
            assert secret not in data, path
