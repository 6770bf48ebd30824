"""Conversations and messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fixnado.platform.access import Principal, Role

ERASED = "[erased]"
"""What stands where an erased person's words stood, so that the others' thread stays readable."""
READERS = frozenset({Role.SUPPORT, Role.ADMIN})
"""Those who may read a conversation without taking part in it."""


@dataclass(frozen=True)
class Conversation:
    id: str
    subject: str
    opened_by: str
    created_at: datetime
    updated_at: datetime
    participants: tuple[str, ...]


@dataclass(frozen=True)
class Message:
    id: str
    conversation_id: str
    author_id: str
    body: str
    sent_at: datetime


def may_read(principal: Principal, conversation: Conversation) -> bool:
    return principal.user_id in conversation.participants or principal.role in READERS
