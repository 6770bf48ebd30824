"""Conversations and messages in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ForeignKey, RowMapping, Select, String, Table, func, select
from sqlalchemy import Text as SqlText
from sqlalchemy import update as sql_update

from fixnado.conversations.model import ERASED, Conversation, Message
from fixnado.platform.database import UnitOfWork, UtcMoment, metadata
from fixnado.platform.streaming import in_batches, stream

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject", String(200), nullable=False),
    Column("opened_by", String(36), ForeignKey("users.id"), nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("updated_at", UtcMoment, nullable=False),
)
participants = Table(
    "conversation_participants",
    metadata,
    Column("conversation_id", String(36), ForeignKey("conversations.id"), primary_key=True),
    Column("user_id", String(36), ForeignKey("users.id"), primary_key=True),
)
messages = Table(
    "messages",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("conversation_id", String(36), ForeignKey("conversations.id"), nullable=False),
    Column("author_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("body", SqlText, nullable=False),
    Column("sent_at", UtcMoment, nullable=False),
)
_TABLES = {
    "conversations": conversations,
    "conversation_participants": participants,
    "messages": messages,
}


def add(unit: UnitOfWork, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        unit.connection.execute(_TABLES[table].insert(), list(rows))


def conversation(unit: UnitOfWork, conversation_id: str) -> Conversation | None:
    query = select(conversations).where(conversations.c.id == conversation_id)
    found = _with_participants(unit, query)
    return found[0] if found else None


def recent(unit: UnitOfWork, user_id: str | None, limit: int) -> list[Conversation]:
    """The latest to move first; of one person, or of everybody."""
    query = select(conversations)
    if user_id is not None:
        mine = participants.c.conversation_id == conversations.c.id
        query = query.join(participants, mine).where(participants.c.user_id == user_id)
    ordered = query.order_by(conversations.c.updated_at.desc(), conversations.c.id)
    return _with_participants(unit, ordered.limit(limit))


def messages_of(unit: UnitOfWork, conversation_id: str, limit: int) -> list[Message]:
    """The last `limit` messages, oldest first."""
    query = select(messages).where(messages.c.conversation_id == conversation_id)
    newest = query.order_by(messages.c.sent_at.desc(), messages.c.id).limit(limit)
    found = [Message(**row) for row in unit.connection.execute(newest).mappings()]
    return found[::-1]


def touch(unit: UnitOfWork, conversation_id: str) -> None:
    moved = sql_update(conversations).where(conversations.c.id == conversation_id)
    unit.connection.execute(moved.values(updated_at=unit.now))


def conversations_of(unit: UnitOfWork, user_id: str) -> Iterator[RowMapping]:
    """Every conversation that one person takes part in, with how many take part, streamed."""
    everybody = participants.alias()
    crowd = (
        select(func.count())
        .where(everybody.c.conversation_id == conversations.c.id)
        .scalar_subquery()
    )
    query = select(conversations, crowd.label("participants")).join(
        participants, participants.c.conversation_id == conversations.c.id
    )
    mine = query.where(participants.c.user_id == user_id)
    return stream(unit, mine.order_by(conversations.c.created_at, conversations.c.id))


def messages_about(unit: UnitOfWork, user_id: str) -> Iterator[RowMapping]:
    """Every message of the conversations that one person takes part in, streamed."""
    query = select(messages).join(
        participants, participants.c.conversation_id == messages.c.conversation_id
    )
    mine = query.where(participants.c.user_id == user_id)
    order = (messages.c.conversation_id, messages.c.sent_at, messages.c.id)
    return stream(unit, mine.order_by(*order))


def written_by(unit: UnitOfWork, user_id: str) -> Iterator[str]:
    """The ids of one person's own messages that still have words, streamed."""
    own = (messages.c.author_id == user_id) & (messages.c.body != ERASED)
    query = select(messages.c.id).where(own).order_by(messages.c.id)
    return (row["id"] for row in stream(unit, query))


def count(unit: UnitOfWork, table: str, user_id: str | None) -> int:
    """How many `conversations` or `messages` one person sees, or everybody's."""
    counted = _TABLES[table]
    query = select(func.count()).select_from(counted)
    if user_id is not None:
        link = counted.c.id if table == "conversations" else counted.c.conversation_id
        joined = counted.join(participants, participants.c.conversation_id == link)
        query = select(func.count()).select_from(joined).where(participants.c.user_id == user_id)
    return int(unit.connection.execute(query).scalar_one())


def erase_messages(unit: UnitOfWork, message_ids: Sequence[str]) -> int:
    """Take the words out of these messages; how many there were."""
    return in_batches(
        unit,
        message_ids,
        lambda ids: sql_update(messages).where(messages.c.id.in_(ids)).values(body=ERASED),
    )


def _with_participants(unit: UnitOfWork, query: Select[Any]) -> list[Conversation]:
    rows = unit.connection.execute(query).mappings().all()
    who = _participants(unit, (row["id"] for row in rows))
    return [Conversation(**row, participants=tuple(who.get(row["id"], ()))) for row in rows]


def _participants(unit: UnitOfWork, ids: Iterable[str]) -> dict[str, list[str]]:
    query = select(participants).where(participants.c.conversation_id.in_(list(ids)))
    found: dict[str, list[str]] = {}
    for row in unit.connection.execute(query.order_by(participants.c.user_id)):
        found.setdefault(row.conversation_id, []).append(row.user_id)
    return found
