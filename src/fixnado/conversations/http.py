"""`/v1/conversations`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from fixnado.conversations import service
from fixnado.conversations.model import Conversation, Message
from fixnado.platform.access import SIGNED_IN
from fixnado.platform.database import UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.moments import Moment
from fixnado.platform.web import Caller, Db, Identifier, Routes
from fixnado.platform.wire import Incoming, Line, Outgoing, Text

routes = Routes("conversations")
Limit = Annotated[int, Query(ge=1, le=200)]


class NewConversation(Incoming):
    subject: Line
    participants: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]
    """Ids of those who take part beside the caller."""
    message: Text


class NewMessage(Incoming):
    body: Text


class MessageView(Outgoing):
    id: str
    conversation_id: str
    author_id: str
    body: str
    sent_at: Moment


class ConversationView(Outgoing):
    id: str
    subject: str
    opened_by: str
    created_at: Moment
    updated_at: Moment
    participants: tuple[str, ...]


class ConversationDetail(ConversationView):
    messages: tuple[MessageView, ...] = ()


class ConversationList(Outgoing):
    conversations: tuple[ConversationView, ...]


@routes.add("GET", "/conversations", roles=SIGNED_IN, summary="Conversations")
def conversations(db: Db, caller: Caller, limit: Limit = 50) -> ConversationList:
    """Those that the caller takes part in; support reads all of them."""
    found = db.read(lambda unit: service.recent(unit, caller, limit))
    views = tuple(ConversationView.model_validate(one) for one in found)
    return ConversationList(conversations=views)


@routes.add(
    "POST",
    "/conversations",
    roles=SIGNED_IN,
    status=201,
    refusals=(409,),
    response_model=ConversationDetail,
    summary="Open a conversation",
)
def start(
    db: Db, caller: Caller, body: NewConversation, idempotency_key: IdempotencyKey = None
) -> Response:
    """Open a conversation with a first message."""

    def work(unit: UnitOfWork) -> ConversationDetail:
        return _detail(*service.start(unit, caller, body.subject, body.participants, body.message))

    return once(db, Ask(caller, idempotency_key, "conversations.start", body), work)


@routes.add(
    "GET",
    "/conversations/{conversation_id}",
    roles=SIGNED_IN,
    refusals=(404,),
    summary="One conversation",
)
def conversation(
    db: Db, caller: Caller, conversation_id: Identifier, limit: Limit = 200
) -> ConversationDetail:
    """A conversation with its last messages, oldest first."""
    return _detail(*db.read(lambda unit: service.read(unit, caller, conversation_id, limit)))


@routes.add(
    "POST",
    "/conversations/{conversation_id}/messages",
    roles=SIGNED_IN,
    status=201,
    refusals=(404, 409),
    response_model=MessageView,
    summary="Say something",
)
def say(
    db: Db,
    caller: Caller,
    conversation_id: Identifier,
    body: NewMessage,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add a message to a conversation that the caller takes part in."""

    def work(unit: UnitOfWork) -> MessageView:
        said = service.say(unit, caller, conversation_id, body.body)
        return MessageView.model_validate(said)

    operation = f"conversations.say:{conversation_id}"
    return once(db, Ask(caller, idempotency_key, operation, body), work)


def _detail(conversation: Conversation, messages: list[Message]) -> ConversationDetail:
    view = ConversationDetail.model_validate(conversation)
    views = tuple(MessageView.model_validate(message) for message in messages)
    return view.model_copy(update={"messages": views})
