"""A desk with an inbox in memory: real judging, real journal, real files; no engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from golive.bootstrap import REHEARSAL_DOMAINS
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.evidence.objects import ObjectStore
from golive.evidence.redact import Redactor
from golive.governance.acts import Statement, fingerprint, sign
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.playbook.people import Person, Roster
from golive.rehearsal.board import Board, BoardItem
from golive.rehearsal.brought import Brought
from golive.rehearsal.desk import Desk
from golive.rehearsal.journal import Journal, read_events
from golive.rehearsal.keeping import Keeper

RUN, ITEM = "run-a", "checks/1"
NOW = parse_rfc3339("2024-05-30T08:00:00.000Z")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
ROLES = {
    "nadia": "Programme Manager",
    "tom": "DevOps Lead",
    "asha": "QA Lead",
    "ines": "Release Sponsor",
}
KEYS = {name: SigningKey.generate() for name in ROLES}
ROSTER = Roster(
    tuple(
        Person(name, name.title(), f"{name}@rehearsal.example", [role],
               key=fingerprint(KEYS[name].public))
        for name, role in ROLES.items()
    )
)  # fmt: skip


@dataclass
class Inbox:
    """Messages in order; what was done once is handed out again to whoever asks again."""

    messages: list[JsonObject | None] = field(default_factory=list)
    done: list[tuple[str, Json]] = field(default_factory=list)
    replayed: int = 0

    def receive(self, seconds: float | None) -> JsonObject | None:
        return self.messages.pop(0) if self.messages else None

    def durable(self, name: str, action: Callable[[], Json]) -> Json:
        if self.replayed < len(self.done):
            known, result = self.done[self.replayed]
            assert known == name, f"{known} was done here, not {name}"
        else:
            result = action()
            self.done.append((name, result))
        self.replayed += 1
        return result


@dataclass
class Clock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class World:
    folder: Path
    roster: Roster = ROSTER
    clock: Clock = field(default_factory=Clock)
    inbox: Inbox = field(default_factory=Inbox)

    def __post_init__(self) -> None:
        self._journals: list[Journal] = []
        self.vault = ObjectStore(self.folder / "vault")
        self.brought = Brought(self.vault, self.folder / "unvouched")
        self.desk = self.new_desk(self.folder / "events.jsonl")

    def new_desk(self, events: Path) -> Desk:
        journal = Journal(events, self.clock)
        self._journals.append(journal)
        return Desk(RUN, self.roster, self.inbox, journal, self.clock, self.brought)

    def close(self) -> None:
        for journal in self._journals:
            journal.close()

    def keep(self, person: str, name: str, content: bytes, media: str = "text/plain") -> Artefact:
        """As `golive attach` keeps a file."""
        redactor = Redactor(secrets=(), domains=REHEARSAL_DOMAINS)
        log, aside = self.folder / "redactions", self.folder / "unvouched"
        keeper = Keeper(self.vault, redactor, log, self.clock, None, aside)
        file = self.folder / name
        file.write_bytes(content)
        path = f"attachments/{ITEM}/{name}"
        return keeper.upload(path, file, media, person=person, item=ITEM)

    def says(self, person: str, action: str, *files: Artefact, **changes: str) -> JsonObject:
        """The signed act."""
        told = {"run": RUN, "item": ITEM, "comment": "so it is", "at": rfc3339(self.clock.now())}
        statement = Statement(action=action, person=person, **(told | changes))
        return sign(replace(statement, files=files), KEYS[person])

    def hears(self, *messages: JsonObject | None) -> None:
        self.inbox.messages.extend(messages)

    def events(self, kind: str) -> Sequence[JsonObject]:
        return [one for one in read_events(self.folder / "events.jsonl") if one["event"] == kind]

    def refusals(self) -> Sequence[str]:
        return [str(one["why"]) for one in self.events("refused-act")]

    def item(self) -> BoardItem:
        """The waiting item as the board has it."""
        board = Board()
        board.items[ITEM] = BoardItem(ITEM, "a step", "upload", "QA Lead", 1)
        for event in read_events(self.folder / "events.jsonl"):
            board.apply(event)
        return board.items[ITEM]


__all__ = ["ITEM", "KEYS", "NOW", "PIXEL", "ROSTER", "RUN", "Clock", "Inbox", "World"]
