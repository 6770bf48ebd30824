"""Telling somebody something outside the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from golive.kernel.errors import PortError


@dataclass(frozen=True)
class Message:
    """What is handed over. No personal data but the address."""

    key: str
    """The same for the same message, so that whoever takes it in twice can tell."""
    address: str
    """An e-mail address; "" for a channel that many read."""
    subject: str
    text: str
    link: str


class NotTaken(PortError):
    """It was surely not delivered; `again` says whether a later attempt may help."""

    def __init__(self, what: str, *, again: bool, where: str = "") -> None:
        super().__init__(what, where=where)
        self.again = again


class Unclear(PortError):
    """It was handed over, and the answer never came: it may or may not have been delivered."""


class Notifier(Protocol):
    channel: str
    """`smtp` or `webhook`; also its name in the outbox."""
    personal: bool
    """Whether each person is told on their own; otherwise one message is for all."""

    def send(self, message: Message) -> str:
        """The other side's word that it has taken the message. NotTaken or Unclear."""
