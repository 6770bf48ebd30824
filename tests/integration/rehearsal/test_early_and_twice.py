"""Messages before the run takes any, two processes that want it, files changed beneath it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from golive.adapters.memory import MemoryEnvironment
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.governance.acts import ActRefused, fingerprint
from golive.kernel.errors import BadInput, GoliveError
from golive.kernel.ids import sha256_hex
from golive.ports.target import Environment, Target
from golive.rehearsal.act import Wish, abort, act, call_off, take_key_out
from golive.rehearsal.engine import NotReached
from golive.rehearsal.folder import AlreadyRunning, RunFolder, RunSettings
from golive.rehearsal.journal import read_events
from golive.rehearsal.run import begin, resume
from harness.memory_run import MemorySupplies, order

CALM = """---
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
```yaml golive
drill: synthetic
with: {checks: [login], rounds: 1}
```
"""
ATTENDED = CALM + "- [ ] They agree (by: QA Lead)\n"
KEYS = {name: SigningKey.generate() for name in ("tom", "asha")}
PEOPLE = "".join(
    f'[[person]]\nid = "{name}"\nname = "{name.title()}"\nroles = ["{role}"]\n'
    f'email = "{name}@rehearsal.example"\nkey = "{fingerprint(KEYS[name].public)}"\n'
    for name, role in (("tom", "DevOps Lead"), ("asha", "QA Lead"))
).encode()


@dataclass
class SlowStage:
    """An environment that comes up when it is let."""

    inner: Environment
    begun: threading.Event
    let: threading.Event

    def ensure(self) -> Target:
        self.begun.set()
        assert self.let.wait(30)
        return self.inner.ensure()

    def release(self) -> None:
        self.inner.release()

    def urls(self) -> Mapping[str, str]:
        return self.inner.urls()

    def logs(self) -> Sequence[Path]:
        return self.inner.logs()


@dataclass
class SlowSupplies(MemorySupplies):
    begun: threading.Event = field(default_factory=threading.Event)
    let: threading.Event = field(default_factory=threading.Event)

    def environment(self, folder: RunFolder, settings: RunSettings) -> Environment:
        return SlowStage(MemoryEnvironment(self.memory), self.begun, self.let)


def in_thread(action: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    found: list[object] = []

    def go() -> None:
        try:
            found.append(action())
        except GoliveError as error:
            found.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    return thread, found


def only_run(supplies: MemorySupplies) -> RunFolder:
    return RunFolder.find(supplies.folder / "state", None)


def test_what_is_sent_while_the_stage_starts_is_not_lost(tmp_path: Path) -> None:
    supplies = SlowSupplies(tmp_path)
    wanted = order(ATTENDED, tmp_path, practice=False, people=PEOPLE)
    run, verdict = in_thread(lambda: begin(wanted, supplies))
    assert supplies.begun.wait(10)
    folder = only_run(supplies)
    assert not folder.database.exists()
    roster = supplies.roster(folder)
    with pytest.raises(ActRefused, match="asha may not call the run off"):
        abort(folder, Wish("abort", "", "asha", "no"), roster, KEYS["asha"], supplies.clock)
    wish = Wish("abort", "", "tom", "not today")
    sender, sent = in_thread(lambda: abort(folder, wish, roster, KEYS["tom"], supplies.clock))
    take, taken = in_thread(lambda: take_key_out(folder, "asha", "lost", supplies.clock))
    supplies.let.set()
    for one in (sender, take, run):
        one.join(30)
    assert not any(isinstance(one, GoliveError) for one in (*sent, *taken))
    (told,) = verdict
    assert isinstance(told, Mapping)
    assert told["verdict"] == "incomplete"
    assert "tom: not today" in str(told["reasons"])


def abandoned(supplies: MemorySupplies) -> RunFolder:
    """A run whose process died between its folder and its launch."""
    wanted = order(CALM, supplies.folder)
    settings = RunSettings(
        "2.0-2024-05-30-abcdef", "playbook.md", wanted.playbook.digest, str(supplies.folder),
        str(supplies.folder / "vaults"), True, "now", "memory",
    )  # fmt: skip
    settings = replace(settings, people_digest=sha256_hex(b""))
    files = {"playbook.md": wanted.playbook.source, "people.toml": b""}
    return RunFolder.create(supplies.folder / "state", settings, files)


def test_a_run_that_never_launched_says_so_and_goes_on_later(tmp_path: Path) -> None:
    supplies = MemorySupplies(tmp_path)
    folder = abandoned(supplies)
    with pytest.raises(NotReached, match="no process runs it") as refusal:
        call_off(folder, "not today")
    assert f"golive resume {folder.name}" in str(refusal.value)
    assert not folder.database.exists(), "asking made a file that the run would trip over"
    assert resume(folder, supplies)["verdict"] == "ready"
    with pytest.raises(BadInput, match="is over"):
        call_off(folder, "too late")


def test_of_two_that_take_it_up_at_once_one_does(tmp_path: Path) -> None:
    supplies = SlowSupplies(tmp_path)
    folder = abandoned(supplies)
    both = [in_thread(lambda: resume(folder, supplies)) for _ in range(2)]
    assert supplies.begun.wait(10)
    until = [found for thread, found in both if not thread.join(2) and not thread.is_alive()]
    assert len(until) == 1
    assert isinstance(until[0][0], AlreadyRunning)
    supplies.let.set()
    for thread, _ in both:
        thread.join(30)
    starts = [one["event"] for one in read_events(folder.events)]
    assert starts.count("started") == 1
    assert starts.count("verdict") == 1


def test_asking_who_runs_it_keeps_nobody_from_running_it(tmp_path: Path) -> None:
    folder, over = abandoned(MemorySupplies(tmp_path)), threading.Event()

    def ask() -> None:
        while not over.is_set():
            folder.runner()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(200):
            with folder.locked():
                pass
    finally:
        over.set()
        for thread in threads:
            thread.join(10)


@pytest.mark.parametrize("name", ["people.toml", "playbook.md"])
def test_what_the_run_began_with_is_not_changed_beneath_it(tmp_path: Path, name: str) -> None:
    supplies = MemorySupplies(tmp_path)
    folder = abandoned(supplies)
    (folder.path / name).write_bytes(PEOPLE)
    with pytest.raises(BadInput, match="was changed after the run began"):
        resume(folder, supplies)


def test_a_key_taken_out_is_sealed_as_revoked(tmp_path: Path) -> None:
    supplies = MemorySupplies(tmp_path)
    wanted = order(ATTENDED, tmp_path, practice=False, people=PEOPLE)
    run, verdict = in_thread(lambda: begin(wanted, supplies))
    waits_for(supplies, "waiting")
    folder = only_run(supplies)
    with pytest.raises(ActRefused, match="not on the roster"):
        take_key_out(folder, "eve", "lost", supplies.clock)
    take_key_out(folder, "asha", "lost", supplies.clock)
    waits_for(supplies, "revoked")
    wish = Wish("confirm", "checks/2", "asha", "by a stolen key")
    roster = supplies.roster(folder)
    act(folder, wish, roster, KEYS["asha"], supplies.clock, no_file)
    waits_for(supplies, "the key of asha was revoked")
    call_off(folder, "enough")
    run.join(30)
    (told,) = verdict
    assert isinstance(told, Mapping)
    assert "the operator, who owns the run" in str(told["reasons"])
    release = Path(str(told["vault"]))
    assert (release / "data/golive/roster.json").read_text().count('"revoked": "20') == 1


def no_file(path: Path, name: str) -> Artefact:
    raise AssertionError(f"nothing is attached: {path} as {name}")


def waits_for(supplies: MemorySupplies, words: str) -> None:
    """Until the run's journal tells of it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(BadInput):
            if any(words in str(one) for one in read_events(only_run(supplies).events)):
                return
        time.sleep(0.02)
    raise TimeoutError(words)
