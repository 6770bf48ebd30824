"""What the help desk has about one incident."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from golive.kernel.json import JsonObject
from golive.ports.helpdesk import Contact, Conversation, HelpDesk, Message
from golive.ports.incidents import Incident

_ACK = re.compile(r"\W*ack(nowledged)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Thread:
    """What the help desk has about one incident."""

    contacts: Sequence[Contact]
    conversations: Sequence[Conversation]
    messages: Sequence[Message]
    """Of the oldest conversation."""
    names: Sequence[str] = ()
    """By which the incident is known."""

    @property
    def conversation(self) -> Conversation | None:
        return min(self.conversations, key=lambda one: one.id, default=None)

    def acknowledgement(self) -> Message | None:
        """The first note or answer by which somebody at the desk takes the incident on: it begins
        with `ack` or `acknowledged`. Being given it is none: a desk may do that by itself."""
        said = (one for one in self.messages if one.kind == "outgoing")
        return next((one for one in said if _ACK.match(one.content)), None)

    def _ours(self, message: Message) -> bool:
        """The drill's own words: they name the incident, and acknowledge nothing."""
        named = any(name in message.content for name in self.names)
        return named and not _ACK.match(message.content)

    def to_json(self) -> JsonObject:
        """Without the names of those who work at the desk, and without their words: the desk's own
        lines (`… was assigned to …`) are full of names."""
        return {
            "contacts": [
                {"id": one.id, "name": one.name, "identifier": one.identifier}
                for one in self.contacts
            ],
            "conversations": [
                {
                    "id": one.id, "status": one.status, "priority": one.priority,
                    "labels": list(one.labels), "team": one.team, "assignee": one.assignee,
                    "attributes": dict(one.attributes),
                }
                for one in self.conversations
            ],
            "messages": [
                {
                    "id": one.id, "private": one.private, "kind": one.kind, "at": one.at or None,
                    "content": one.content if self._ours(one) else None,
                }
                for one in self.messages
            ],
        }  # fmt: skip


def thread_of(desk: HelpDesk, case: Incident) -> Thread:
    """Found by the incident's reference and id alone, not by what the marketplace claims."""
    names = [one for one in (case.reference, case.id) if one]
    found = {one.id: one for name in names for one in desk.find_contacts(name)}
    contacts = [one for one in found.values() if _names(f"{one.name} {one.identifier}", names)]
    threads = [one for contact in contacts for one in desk.conversations_of(contact.id)]
    first = min((one.id for one in threads), default=None)
    if first is None:
        return Thread(contacts, (), (), names)
    fresh = [desk.conversation(one.id) for one in threads]
    return Thread(contacts, fresh, desk.messages(first), names)


def _names(text: str, wanted: Sequence[str]) -> bool:
    """Whether a name of the incident stands there whole: `INC-1` doesn't stand in `INC-12`."""
    return any(
        re.search(rf"(?:^|[^\w-]|incident-){re.escape(name)}(?![\w-])", text) for name in wanted
    )
