"""Opening, reading and continuing conversations. Only those who take part in one may write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fixnado.conversations import store
from fixnado.conversations.errors import NoSuchConversation, NoSuchParticipant
from fixnado.conversations.model import READERS, Conversation, Message, may_read
from fixnado.identity import service as identity
from fixnado.platform.access import Principal
from fixnado.platform.database import UnitOfWork
from fixnado.platform.ids import new_id


def recent(unit: UnitOfWork, principal: Principal, limit: int) -> list[Conversation]:
    """The conversations that `principal` may read, the latest to move first."""
    everybody = principal.role in READERS
    return store.recent(unit, None if everybody else principal.user_id, limit)


def read(
    unit: UnitOfWork, principal: Principal, conversation_id: str, limit: int
) -> tuple[Conversation, list[Message]]:
    """One conversation with its last messages; NoSuchConversation where it isn't theirs."""
    found = store.conversation(unit, conversation_id)
    if found is None or not may_read(principal, found):
        raise NoSuchConversation
    return found, store.messages_of(unit, conversation_id, limit)


def start(
    unit: UnitOfWork, principal: Principal, subject: str, with_users: Sequence[str], body: str
) -> tuple[Conversation, list[Message]]:
    """Open a conversation with a first message; NoSuchParticipant where somebody isn't there."""
    who = sorted({principal.user_id, *with_users})
    if len(identity.names(unit, who)) != len(who):
        raise NoSuchParticipant
    opened = Conversation(
        id=new_id(),
        subject=subject,
        opened_by=principal.user_id,
        created_at=unit.now,
        updated_at=unit.now,
        participants=tuple(who),
    )
    row = {name: getattr(opened, name) for name in ("id", "subject", "opened_by")}
    store.add(unit, "conversations", [{**row, "created_at": unit.now, "updated_at": unit.now}])
    store.add(
        unit,
        "conversation_participants",
        [{"conversation_id": opened.id, "user_id": user_id} for user_id in who],
    )
    return opened, [_say(unit, principal, opened.id, body)]


def say(unit: UnitOfWork, principal: Principal, conversation_id: str, body: str) -> Message:
    """Add a message; NoSuchConversation where the caller takes no part in it."""
    found = store.conversation(unit, conversation_id)
    if found is None or principal.user_id not in found.participants:
        raise NoSuchConversation
    store.touch(unit, conversation_id)
    return _say(unit, principal, conversation_id, body)


def import_rows(unit: UnitOfWork, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add many `conversations`, `conversation_participants` or `messages` at once."""
    store.add(unit, table, rows)


def _say(unit: UnitOfWork, principal: Principal, conversation_id: str, body: str) -> Message:
    message = Message(new_id(), conversation_id, principal.user_id, body, unit.now)
    store.add(unit, "messages", [{**message.__dict__}])
    return message
