"""The help desk: where customers ask, and where an incident becomes a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Protocol

from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject


@dataclass(frozen=True)
class Contact:
    """Somebody, or something, that conversations are held with."""

    id: int
    name: str
    identifier: str
    """What another system calls it; "" for none."""


@dataclass(frozen=True)
class Conversation:
    """One thread as the desk has it now. None and "" for what it doesn't say."""

    id: int
    contact: int | None
    status: str
    """`open`, `resolved`, `pending`, `snoozed`."""
    priority: str
    """`urgent`, `high`, `medium`, `low`, or "" for none."""
    labels: Sequence[str]
    team: int | None
    assignee: int | None
    attributes: Mapping[str, str]
    raw: JsonObject


@dataclass(frozen=True)
class Message:
    id: int
    content: str
    private: bool
    """A note among colleagues, which customers don't see."""
    kind: str = "outgoing"
    """`incoming` from the contact, `outgoing` from whoever works there, or what the desk itself put
    down: `activity`, `template`."""
    at: str = ""
    """RFC 3339, by the desk's clock; "" where it doesn't say."""


@dataclass(frozen=True)
class Answer:
    """Words that an agent has at hand: a canned response, or a macro that says them."""

    name: str
    """Short code or macro's name."""
    kind: str
    """`canned` or `macro`."""
    content: str
    """What it would say; "" for a macro that says nothing."""
    actions: int = 1
    """What it would do; a macro may do several things at once."""


@dataclass(frozen=True)
class OpeningHours:
    """When the inbox counts as staffed, in `zone`."""

    zone: str
    days: Mapping[int, tuple[time, time]]
    """By day of the week (0 is Monday): open from and to, the end included as a minute. A day that
    isn't there is closed. `time(23, 59)` stands for the day's end."""
    raw: JsonObject


class HelpDesk(Protocol):
    """One account and inbox. Every method raises a PortError where the desk doesn't do it."""

    fidelity: Fidelity
    url: str

    def find_contacts(self, words: str) -> Sequence[Contact]:
        """Contacts whose name, address or identifier holds `words`."""
        ...

    def add_contact(self, identifier: str, name: str) -> Contact:
        """Makes another one each time: look first."""
        ...

    def conversations_of(self, contact: int) -> Sequence[Conversation]: ...

    def add_conversation(
        self, contact: int, source: str, attributes: Mapping[str, str]
    ) -> Conversation:
        """Makes another one each time: look first."""
        ...

    def conversation(self, conversation: int) -> Conversation: ...

    def messages(self, conversation: int) -> Sequence[Message]:
        """Oldest first; PortError where there are more than can be read."""
        ...

    def add_note(self, conversation: int, content: str) -> Message:
        """A private one. Makes another one each time: look first."""
        ...

    def add_labels(self, conversation: int, labels: Sequence[str]) -> Sequence[str]:
        """Beside those that are there; what it has afterwards."""
        ...

    def assign(self, conversation: int, team: int) -> None: ...

    def prioritise(self, conversation: int, priority: str) -> None: ...

    def set_status(self, conversation: int, status: str) -> None: ...

    def answers(self) -> Sequence[Answer]:
        """Canned responses and macros."""
        ...

    def hours(self) -> OpeningHours | None:
        """None where the desk keeps no hours for this inbox."""
        ...
