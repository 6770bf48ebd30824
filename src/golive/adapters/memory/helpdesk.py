"""The help desk of the memory target: contacts, conversations, and what an agent has at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time

from golive.adapters.memory.world import Fault, World
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.helpdesk import Answer, Contact, Conversation, Message, OpeningHours
from golive.ports.marketplace import Refused

TEAM = 1
_ANSWERS = ("refund-how", "sign-in", "payout-when", "my-data", "service-status")


@dataclass
class HelpDeskBooks:
    """State of the help desk. A test may change it."""

    contacts: dict[int, Contact] = field(default_factory=dict)
    conversations: dict[int, Conversation] = field(default_factory=dict)
    messages: dict[int, list[Message]] = field(default_factory=dict)
    answers: list[Answer] = field(
        default_factory=lambda: [
            *(Answer(name, "canned", f"What we say about {name}.") for name in _ANSWERS),
            Answer("Known outage", "macro", "We are working on it.", 2),
        ]
    )
    hours: OpeningHours | None = field(
        default_factory=lambda: OpeningHours(
            "Europe/London", {day: (time(7), time(22)) for day in range(7)}, {}
        )
    )


class MemoryHelpDesk:
    """`golive.ports.helpdesk.HelpDesk`."""

    fidelity = Fidelity.SIMULATED
    url = "https://helpdesk.memory.example"

    def __init__(self, world: World, books: HelpDeskBooks) -> None:
        self._world, self._books = world, books

    def find_contacts(self, words: str) -> Sequence[Contact]:
        self._ask("find_contacts")
        return [
            one
            for one in self._books.contacts.values()
            if words.casefold() in f"{one.name}\n{one.identifier}".casefold()
        ]

    def add_contact(self, identifier: str, name: str) -> Contact:
        self._ask("add_contact")
        if any(one.identifier == identifier for one in self._books.contacts.values()):
            raise self._refused("add_contact", 422)
        made = Contact(len(self._books.contacts) + 1, name, identifier)
        self._books.contacts[made.id] = made
        self._world.changed("helpdesk.add_contact", "contact-made", identifier)
        return made

    def conversations_of(self, contact: int) -> Sequence[Conversation]:
        self._ask("conversations_of")
        if contact not in self._books.contacts:
            raise self._refused("conversations_of", 404)
        return [one for one in self._books.conversations.values() if one.contact == contact]

    def add_conversation(
        self,
        contact: int,
        source: str,
        attributes: Mapping[str, str],
    ) -> Conversation:
        self._ask("add_conversation")
        number = len(self._books.conversations) + 1
        made = Conversation(number, contact, "open", "", (), None, None, dict(attributes), {})
        self._books.conversations[number] = made
        self._world.changed("helpdesk.add_conversation", "conversation-made", source)
        return made

    def conversation(self, conversation: int) -> Conversation:
        self._ask("conversation")
        return self._one(conversation)

    def messages(self, conversation: int) -> Sequence[Message]:
        self._ask("messages")
        self._one(conversation)
        return list(self._books.messages.get(conversation, ()))

    def add_note(self, conversation: int, content: str) -> Message:
        self._ask("add_note")
        self._one(conversation)
        kept = self._books.messages.setdefault(conversation, [])
        made = Message(len(kept) + 1, content, private=True)
        kept.append(made)
        self._world.changed("helpdesk.add_note", "note-made", str(conversation))
        return made

    def add_labels(self, conversation: int, labels: Sequence[str]) -> Sequence[str]:
        self._ask("add_labels")
        now = self._one(conversation)
        wanted = tuple(dict.fromkeys([*now.labels, *labels]))
        self._put(replace(now, labels=wanted))
        return wanted

    def assign(self, conversation: int, team: int) -> None:
        self._ask("assign")
        known = team == TEAM
        self._put(replace(self._one(conversation), team=team if known else None))
        if not known:
            raise PortError(f"the help desk knows no team {team}", where=self.url)

    def prioritise(self, conversation: int, priority: str) -> None:
        self._ask("prioritise")
        self._put(replace(self._one(conversation), priority=priority))

    def set_status(self, conversation: int, status: str) -> None:
        self._ask("set_status")
        self._put(replace(self._one(conversation), status=status))

    def answers(self) -> Sequence[Answer]:
        self._ask("answers")
        return list(self._books.answers)

    def hours(self) -> OpeningHours | None:
        self._ask("hours")
        return self._books.hours

    def _ask(self, name: str) -> None:
        self._world.call(f"helpdesk.{name}")
        if self._world.has(Fault.CHATWOOT_GONE):
            raise self._refused(name, 503)

    def _refused(self, name: str, status: int) -> Refused:
        return Refused(
            f"the help desk answered {status}", status=status, where=f"{self.url} {name}"
        )

    def _one(self, conversation: int) -> Conversation:
        found = self._books.conversations.get(conversation)
        if found is None:
            raise self._refused("conversation", 404)
        return found

    def _put(self, conversation: Conversation) -> None:
        """Setting what is so already is no change."""
        if self._books.conversations[conversation.id] != conversation:
            self._books.conversations[conversation.id] = conversation
            self._world.changed("helpdesk.change", "conversation-changed", str(conversation.id))
