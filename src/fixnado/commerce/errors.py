"""What can go wrong with orders and snapshots."""

from __future__ import annotations

from fixnado.platform.errors import Forbidden, NotFound


class NotYourPersona(Forbidden):
    def __init__(self, persona: str) -> None:
        super().__init__(f"this session may not look through the eyes of {persona}")


class NoSuchOrder(NotFound):
    def __init__(self) -> None:
        super().__init__("no such order among those you may see")
