"""What can go wrong with orders and snapshots."""

from __future__ import annotations

from fixnado.platform.errors import Conflict, Forbidden, NotFound


class NotYourPersona(Forbidden):
    def __init__(self, persona: str) -> None:
        super().__init__(f"this session may not look through the eyes of {persona}")


class NoSuchOrder(NotFound):
    def __init__(self) -> None:
        super().__init__("no such order among those you may see")


class NoSuchMilestone(NotFound):
    def __init__(self) -> None:
        super().__init__("the order has no such milestone")


class OrderClosed(Conflict):
    def __init__(self, status: str) -> None:
        super().__init__(f"an order that is {status} is inspected no more")


class NotEnoughHeld(Conflict):
    def __init__(self, held_minor: int) -> None:
        super().__init__(f"{held_minor} minor units are held in escrow for this order, not enough")
