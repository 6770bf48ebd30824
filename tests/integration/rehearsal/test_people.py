"""People confirm, attach, approve, refuse and retry, each proved by a key of their own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from golive.adapters.memory import MemoryTarget
from golive.adapters.plan_file import PlanFile
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.governance import keyring
from golive.governance.acts import ActRefused, Statement, fingerprint, read, sign
from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject
from golive.playbook.people import Roster, parse_roster
from golive.ports.target import Target, TargetConfig
from golive.rehearsal.act import Wish, act, approvers_after, call_off
from golive.rehearsal.board import Board, fold
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events
from golive.rehearsal.keeping import Keeper
from golive.rehearsal.run import begin
from harness.memory_run import MemorySupplies, order

PEOPLE = ("nadia", "Programme Manager"), ("tom", "DevOps Lead"), ("asha", "QA Lead")

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
| 09:00–09:30 | [Kick-off](#kick-off) | Programme Manager | |
| 09:30–10:00 | [Checks](#checks) | QA Lead | `out/minutes.txt` |

## Kick-off
- [ ] Everybody is here

## Checks
```yaml golive
drill: synthetic
with: {checks: [login], rounds: 1}
approve: {by: [DevOps Lead, Programme Manager], persons: 2, within: 5m}
```
- [ ] Minutes are kept (upload: `out/minutes.txt`)
"""


@dataclass
class Day:
    """An attended run in a thread, and the hands of the people in it."""

    supplies: MemorySupplies
    keys: dict[str, SigningKey]
    people: bytes
    result: list[JsonObject] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    thread: threading.Thread | None = None

    def start(self, source: str) -> None:
        def go() -> None:
            try:
                wanted = order(source, self.supplies.folder, practice=False, people=self.people)
                self.result.append(begin(wanted, self.supplies))
            except BaseException as error:  # shown by `finish`
                self.errors.append(error)

        self.thread = threading.Thread(target=go)
        self.thread.start()

    @property
    def folder(self) -> RunFolder:
        return RunFolder.find(self.supplies.folder / "state", None)

    def board(self) -> Board:
        return fold(read_events(self.folder.events))

    def until(self, true: Callable[[Board], bool]) -> Board:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.errors:
                raise self.errors[0]
            try:
                board = self.board()
            except BadInput:
                board = Board()
            if true(board):
                return board
            time.sleep(0.02)
        raise TimeoutError(str(self.board()))

    def waiting(self, item: str) -> Board:
        return self.until(lambda board: item in [one.id for one in board.waiting()])

    def act(self, person: str, action: str, item: str, *files: Path, digest: str = "") -> Statement:
        folder = self.folder
        keeper = Keeper(
            self.supplies.vault(Path(folder.settings().vault_root)).objects,
            self.supplies.redactor(folder, self.supplies.memory.build()),
            folder.path / "redactions.jsonl",
            self.supplies.clock,
        )

        def store(file: Path, path: str) -> Artefact:
            return keeper.upload(path, file, "text/plain", person=person, item=item)

        wish = Wish(action, item, person, f"{person} says so", digest, files)
        roster = self.supplies.roster(folder)
        return act(folder, wish, roster, self.keys[person], self.supplies.clock, store)

    def finish(self) -> JsonObject:
        assert self.thread is not None
        self.thread.join(60)
        if self.errors:
            raise self.errors[0]
        return self.result[0]


@pytest.fixture
def day(supplies: MemorySupplies) -> Iterator[Day]:
    keys = {person: SigningKey.generate() for person, _ in PEOPLE}
    people = "".join(
        f'[[person]]\nid = "{person}"\nname = "{person.title()} Example"\n'
        f'email = "{person}@rehearsal.fixnado.example"\nroles = ["{role}"]\n'
        f'key = "{fingerprint(keys[person].public)}"\n\n'
        for person, role in PEOPLE
    )
    found = Day(supplies, keys, people.encode())
    yield found
    if found.thread is not None and found.thread.is_alive():
        call_off(found.folder, "the test is over")
        found.thread.join(30)


def test_a_whole_attended_day(day: Day, tmp_path: Path) -> None:
    day.start(PLAYBOOK)
    day.waiting("kick-off/1")
    with pytest.raises(BadInput, match="holds none of the roles"):
        day.act("asha", "confirm", "kick-off/1")
    with pytest.raises(BadInput, match="doesn't wait"):
        day.act("asha", "attach", "checks/2")
    day.act("nadia", "confirm", "kick-off/1")

    board = day.waiting("checks/1")
    digest = str(board.items["checks/1"].waiting["digest"])
    with pytest.raises(BadInput, match="other bytes"):
        day.act("tom", "approve", "checks/1", digest="0" * 64)
    day.act("tom", "approve", "checks/1", digest=digest)
    day.until(lambda board: len(board.items["checks/1"].acts) == 1)
    # a second approval by the same person is not a second person
    with pytest.raises(BadInput, match="tom has said so already, and is counted once"):
        day.act("tom", "approve", "checks/1", digest=digest)
    assert day.board().items["checks/1"].state == "waiting"
    day.act("nadia", "approve", "checks/1")

    day.waiting("checks/2")
    with pytest.raises(BadInput, match="asks for a file"):
        day.act("asha", "confirm", "checks/2")
    minutes = tmp_path / "minutes.txt"
    minutes.write_text("All present. Write to someone@elsewhere.example.org about it.\n")
    statement = day.act("asha", "attach", "checks/2", minutes)
    assert statement.files[0].path == "out/minutes.txt"

    verdict = day.finish()
    assert verdict["verdict"] == "ready", verdict["reasons"]
    assert verdict["open_human_items"] == 0
    release = Path(str(verdict["vault"]))
    kept = (release / "data/out/minutes.txt").read_text()
    assert "All present" in kept
    assert "someone@elsewhere" not in kept


def test_one_refusal_turns_it(day: Day) -> None:
    day.start(PLAYBOOK)
    day.waiting("kick-off/1")
    day.act("nadia", "confirm", "kick-off/1")
    day.waiting("checks/1")
    day.act("tom", "refuse", "checks/1")
    day.waiting("checks/2")
    day.act("asha", "skip", "checks/2")
    verdict = day.finish()
    assert verdict["verdict"] == "not-ready"
    texts = [str(one["text"]) for one in verdict["reasons"]]  # type: ignore[index,union-attr]
    assert any("refused by tom: tom says so" in text for text in texts)


def test_who_made_the_plan_elsewhere_cannot_approve_it(day: Day, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    planned = {"format_version": "1.2", "planned_values": {}, "complete": True}
    state = {"values": {"root_module": {"resources": [{"address": "a.b"}]}}}
    plan.write_text(json.dumps({**planned, "prior_state": state}))
    memory = day.supplies.memory

    class Brought(MemoryTarget):
        def build(self, config: TargetConfig | None = None) -> Target:
            return replace(memory.build(config), planner=PlanFile(plan, "tom"))

    day.supplies.memory = Brought()
    drill = "drill: terraform-plan\nwith: {workspace: staging-blue}"
    source = PLAYBOOK.replace("drill: synthetic\nwith: {checks: [login], rounds: 1}", drill)
    day.start(source.replace("persons: 2", "persons: 1"))
    day.waiting("kick-off/1")
    day.act("nadia", "confirm", "kick-off/1")
    board = day.waiting("checks/1")
    assert board.items["checks/1"].waiting["barred"] == ["tom"]
    with pytest.raises(BadInput, match="can't approve"):
        day.act("tom", "approve", "checks/1")
    day.act("nadia", "approve", "checks/1")
    day.waiting("checks/2")
    day.act("asha", "skip", "checks/2")
    assert day.finish()["verdict"] == "incomplete"


def test_calling_off_while_people_are_waited_for(day: Day) -> None:
    day.start(PLAYBOOK)
    day.waiting("kick-off/1")
    call_off(day.folder, "fire alarm")
    verdict = day.finish()
    assert verdict["verdict"] == "incomplete"
    assert "fire alarm" in str(verdict["reasons"])


def test_a_failed_drill_is_retried_and_both_attempts_are_kept(day: Day) -> None:
    hopeless = "rounds: 1}\nexpect: {p95_ms: {at_most: -1}}"
    source = PLAYBOOK.replace("rounds: 1}", hopeless)
    source = source[: source.index("approve:")] + source[source.index("```\n- [ ] Minutes") :]
    day.start(source)
    day.waiting("kick-off/1")
    day.act("nadia", "confirm", "kick-off/1")
    day.waiting("checks/1")
    day.act("asha", "retry", "checks/1")
    board = day.until(
        lambda board: (
            board.items["checks/1"].state == "waiting" and board.items["checks/1"].attempt == 2
        )
    )
    assert board.items["checks/1"].waiting["want"] == "decide"
    day.act("asha", "skip", "checks/1")
    day.waiting("checks/2")
    day.act("asha", "skip", "checks/2")
    assert day.finish()["verdict"] == "not-ready"


def test_a_retry_that_leaves_too_few_to_approve_is_refused_before_it_is_sent(day: Day) -> None:
    hopeless = "rounds: 1}\nexpect: {p95_ms: {at_most: -1}}"
    source = PLAYBOOK.replace("rounds: 1}", hopeless)
    day.start(source.replace("[DevOps Lead, Programme Manager]", "[DevOps Lead, QA Lead]"))
    day.waiting("kick-off/1")
    day.act("nadia", "confirm", "kick-off/1")
    asked = day.waiting("checks/1").items["checks/1"].waiting
    assert "Whoever retries it can't approve it then, which takes 2 persons" in str(asked["text"])
    with pytest.raises(BadInput, match="only Tom Example may approve it"):
        day.act("asha", "retry", "checks/1")
    day.act("asha", "skip", "checks/1")
    day.waiting("checks/2")
    day.act("asha", "skip", "checks/2")
    assert day.finish()["verdict"] == "not-ready"


def test_who_retried_is_remembered_at_the_next_failure(day: Day) -> None:
    hopeless = "rounds: 1}\nexpect: {p95_ms: {at_most: -1}}"
    source = PLAYBOOK.replace("rounds: 1}", hopeless)
    everybody = "[DevOps Lead, Programme Manager, QA Lead]"
    day.start(source.replace("[DevOps Lead, Programme Manager]", everybody))
    day.waiting("kick-off/1")
    day.act("nadia", "confirm", "kick-off/1")
    day.waiting("checks/1")
    roster = day.supplies.roster(day.folder)
    left = approvers_after(day.folder, "checks/1", "asha", roster)
    assert left == "2 persons of Nadia Example, Tom Example"
    day.act("asha", "retry", "checks/1")
    board = day.until(
        lambda board: (
            board.items["checks/1"].state == "waiting" and board.items["checks/1"].attempt == 2
        )
    )
    barrier = board.items["checks/1"].waiting["barrier"]
    assert isinstance(barrier, dict)
    assert barrier["barred"] == ["asha"]


def statement(**changes: str) -> Statement:
    fields = {"run": "r-1", "item": "a/1", "action": "confirm", "person": "tom", "comment": "x"}
    return Statement(**(fields | changes), at="2024-05-30T08:00:00.000Z")


def roster(key: SigningKey) -> Roster:
    return parse_roster(
        b'[[person]]\nid = "tom"\nname = "T"\nemail = "tom@rehearsal.fixnado.example"\n'
        b'roles = ["DevOps Lead"]\nkey = "' + fingerprint(key.public).encode() + b'"\n',
        "people.toml",
    )


def test_an_act_is_bound_to_run_person_and_key() -> None:
    own, other = SigningKey.generate(), SigningKey.generate()
    envelope = sign(statement(), own)
    assert read(envelope, roster(own), "r-1")[0] == statement()
    with pytest.raises(ActRefused, match="not the one that the roster has"):
        read(sign(statement(), other), roster(own), "r-1")
    with pytest.raises(ActRefused, match="is for run"):
        read(envelope, roster(own), "r-2")
    with pytest.raises(ActRefused, match="not on the roster"):
        read(sign(statement(person="eve"), own), roster(own), "r-1")
    tampered = {**envelope, "payload": sign(statement(item="a/2"), own)["payload"]}
    with pytest.raises(ActRefused, match="signature doesn't hold"):
        read(tampered, roster(own), "r-1")


def test_keys_are_kept_encrypted_and_open_with_the_passphrase_alone(tmp_path: Path) -> None:
    key = keyring.enrol("tom", tmp_path, "correct horse battery")
    file = tmp_path / "tom.pem"
    assert file.stat().st_mode & 0o077 == 0
    assert b"ENCRYPTED" in file.read_bytes()
    assert file.read_bytes().startswith(b"golive-key: argon2id m=47104,t=1,p=1 ")
    old = tmp_path / "ann.pem"
    old.write_bytes(keyring.locked(key, "correct horse battery"))
    assert keyring.unlock("ann", tmp_path, "correct horse battery").key_id == key.key_id
    old.unlink()
    assert keyring.unlock("tom", tmp_path, "correct horse battery").key_id == key.key_id
    with pytest.raises(BadInput, match="doesn't open"):
        keyring.unlock("tom", tmp_path, "wrong horse battery")
    with pytest.raises(BadInput, match="has a key already"):
        keyring.enrol("tom", tmp_path, "correct horse battery")
    with pytest.raises(BadInput, match="shorter than"):
        keyring.enrol("ann", tmp_path, "short")
    with pytest.raises(BadInput, match="can't be a person"):
        keyring.unlock("../tom", tmp_path, "x")
