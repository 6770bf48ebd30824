"""What can go wrong in a conversation."""

from __future__ import annotations

from fixnado.platform.errors import Invalid, NotFound


class NoSuchConversation(NotFound):
    """Also for conversations of others: that they exist is none of the caller's business."""

    def __init__(self) -> None:
        super().__init__("no such conversation among those you take part in")


class NoSuchParticipant(Invalid):
    def __init__(self) -> None:
        super().__init__("a participant does not exist")
