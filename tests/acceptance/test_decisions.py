"""Four people decide from processes of their own, change their minds, and see what went stale."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from harness.command_line import Golive, events

PLAYBOOK = """---
golive: 1
release: "1.00"
date: 2024-05-30
timezone: Europe/London
vault: vault
people: people.toml
---
# Small

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00 | [Readiness](#readiness) | DevOps Lead | |
| 10:00 | [Look](#look) | QA Lead | |

## Readiness
```yaml golive
drill: readiness
with: {side: incoming, component: commerce, within_seconds: 5, burst: 12}
```

## Look
- [ ] Seen (upload: `out/seen.txt`)

## Sign-off
- **DevOps Lead**: the [snapshot](#readiness) follows.
- **QA Lead**: it was [seen](#look).
- **Legal Counsel**: the [snapshot](#readiness) is lawful.
- **Executive Sponsor**: decides.
"""
PEOPLE = {
    "tom": "DevOps Lead",
    "asha": "QA Lead",
    "dan": "Legal Counsel",
    "ruth": "Executive Sponsor",
}


def said(golive: Golive, person: str, *what: str) -> dict[str, Any]:
    done = golive.run(
        "sign", "vault", "--as", person, "--comment", f"{person} has looked", "--json", *what
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_from_four_signatures_to_a_new_seal(golive: Golive) -> None:
    golive.env["GOLIVE_PASSPHRASE"] = "a few words of ours"
    (golive.folder / "launch.md").write_text(PLAYBOOK)
    (golive.folder / "people.toml").write_text(
        "\n".join(
            f'[[person]]\nid = "{name}"\nname = "{name.title()} Example"\n'
            f'email = "{name}@rehearsal.example"\nroles = ["{role}"]\n'
            for name, role in PEOPLE.items()
        )
    )
    for person in PEOPLE:
        assert golive.run("people", "enrol", person).returncode == 0
    done = golive.run("rehearse", "launch.md", "--practice", "--json")
    assert done.returncode == 0, done.stderr
    release = Path(events(done.stdout)[-1]["vault"])

    waiting = [golive.start("sign", "vault", "--as", person, "--decision", "go", "--comment",
                            "looked") for person in PEOPLE]  # fmt: skip
    for process in waiting:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()
    told = golive.run("decide", "vault")
    assert told.returncode == 0, told.stderr
    assert "DECISION GO on a practice run: all 4 seats say go" in told.stdout
    assert "replayed to the same" in told.stdout

    assert said(golive, "dan", "--decision", "no-go")["decision"]["decision"] == "no-go"
    refused = golive.run("sign", "vault", "--as", "tom", "--waive", "Legal Counsel", "--until",
                         "2199-12-31", "--reason", "never mind")  # fmt: skip
    assert refused.returncode == 2
    assert "only the Executive Sponsor may waive" in refused.stderr
    waived = said(golive, "ruth", "--waive", "Legal Counsel", "--until", "2199-12-31")
    assert waived["decision"]["decision"] == "go"

    (golive.folder / "seen.txt").write_text("it is there\n")
    added = golive.run("supplement", "vault", "look/1", "seen.txt", "--as", "asha", "--comment",
                       "seen after all")  # fmt: skip
    assert added.returncode == 0, added.stderr
    assert "asha, seal 1: go (stale): looked" in added.stdout
    # The sponsor waived the no-go over the seal before; over this one it stands.
    assert "DECISION NO-GO" in added.stdout
    checked = golive.run("verify", "vault")
    assert checked.returncode == 0
    shown = [line for line in checked.stdout.splitlines() if "stale: sign again" in line]
    assert [line.split()[1] for line in shown] == ["QA", "Executive"]

    first = golive.run("decide", str(release), "--json")
    shutil.copytree(release, golive.folder / "elsewhere" / "copy of it")
    second = golive.run("decide", "elsewhere/copy of it", "--json")
    sealed = (release / "data/golive/verdict.json").read_text()
    assert first.stdout == second.stdout == sealed
