"""A picture from the command line to the vault, by two persons; and an abort by who may."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from desk_world import PIXEL
from golive.governance import keyring
from golive.governance.acts import ActRefused, fingerprint
from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject
from golive.main import app
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events
from golive.rehearsal.run import begin
from harness.memory_run import MemorySupplies, order

WORDS = "correct horse battery"
ROLES = {"tom": "DevOps Lead", "asha": "QA Lead"}
PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
vault: vault
---
# A launch

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00–09:30 | [Look](#look) | QA Lead | `out/board.png` |

## Look
- [ ] The board is seen (upload: `out/board.png`)
- [ ] All agree
"""


@dataclass
class Day:
    folder: Path
    verdicts: list[JsonObject] = field(default_factory=list)

    def start(self, people: bytes) -> None:
        wanted = order(PLAYBOOK, self.folder, practice=False, people=people)
        supplies = MemorySupplies(self.folder)
        self.thread = threading.Thread(target=lambda: self.verdicts.append(begin(wanted, supplies)))
        self.thread.start()
        self.until("'waiting'")

    @property
    def run(self) -> RunFolder:
        return RunFolder.find(self.folder / "state", None)

    def until(self, words: str) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with suppress(BadInput):
                if any(words in str(one) for one in read_events(self.run.events)):
                    return
            time.sleep(0.02)
        raise TimeoutError(words)

    def golive(self, command: str, *args: object, by: str = "") -> str:
        """What the command prints; raises what it raises."""
        argv = [command, self.run.name, *map(str, args), "--state", str(self.folder / "state")]
        argv += ["--as", by, "--comment", f"{by} says so"] if by else []
        with redirect_stdout(io.StringIO()):
            done = CliRunner().invoke(app, argv, catch_exceptions=True)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GOLIVE_PASSPHRASE", WORDS)
    people = "".join(
        f'[[person]]\nid = "{name}"\nname = "{name.title()}"\nroles = ["{role}"]\n'
        f'email = "{name}@rehearsal.example"\n'
        f'key = "{fingerprint(keyring.enrol(name, keyring.default_keyring(), WORDS).public)}"\n'
        for name, role in ROLES.items()
    )
    made = Day(tmp_path)
    made.start(people.encode())
    yield made
    made.thread.join(30)


def test_a_picture_is_kept_by_two_and_the_run_called_off_by_who_may(day: Day) -> None:
    picture = day.folder / "board.png"
    picture.write_bytes(PIXEL)
    link = day.folder / "link.txt"
    link.write_text("https://grafana.example/d/1\n")
    with pytest.raises(BadInput, match="a link is not evidence"):
        day.golive("attach", "look/1", link, by="asha")
    with pytest.raises(BadInput, match="no files of look/1 wait"):
        day.golive("vouch", "look/1", by="tom")
    day.golive("attach", "look/1", picture, by="asha")
    day.until("'by': 'asha'")
    shown = " ".join(day.golive("status").split())
    assert "and for anybody but asha to look at" in shown
    (staged,) = (day.run.unvouched).glob("*/board.png")
    assert staged.read_bytes() == PIXEL
    assert f"golive vouch {day.run.name} look/1 --digest {staged.parent.name}" in shown
    day.golive("vouch", "look/1", by="asha")
    day.until("somebody else looks at it")
    day.golive("vouch", "look/1", "--digest", staged.parent.name, by="tom")
    day.until("'item': 'look/2'")
    with pytest.raises(ActRefused, match="asha may not call the run off"):
        day.golive("abort", by="asha")
    day.golive("abort", by="tom")
    day.thread.join(30)
    (verdict,) = day.verdicts
    assert "tom: tom says so" in str(verdict["reasons"])
    assert (Path(str(verdict["vault"])) / "data/out/board.png").read_bytes() == PIXEL
