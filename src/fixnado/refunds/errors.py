"""What a refund case refuses."""

from __future__ import annotations

from fixnado.platform.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchCase(NotFound):
    def __init__(self) -> None:
        super().__init__("no such refund case among those you may see")


class NoSuchPayout(NotFound):
    def __init__(self) -> None:
        super().__init__("no such payout")


class NoSuchEvidence(NotFound):
    def __init__(self) -> None:
        super().__init__("no such evidence in this case")


class MilestoneDidNotFail(Conflict):
    def __init__(self) -> None:
        super().__init__("a refund is about a failed milestone of the order; this one did not fail")


class AlreadyOpen(Conflict):
    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} is about this milestone already")


class ReferenceTaken(Conflict):
    def __init__(self, reference: str) -> None:
        super().__init__(f"another case has the reference {reference}")


class TooMuch(Invalid):
    def __init__(self, amount_minor: int, limit_minor: int) -> None:
        super().__init__(f"{amount_minor} is more than the {limit_minor} that can be refunded")


class NothingHeld(Conflict):
    def __init__(self) -> None:
        super().__init__("nothing is held in escrow for this order any more")


class NotNow(Conflict):
    def __init__(self, status: str, act: str) -> None:
        super().__init__(f"a case that is {status} can't be {act}")


class NotByYou(Forbidden):
    def __init__(self, why: str) -> None:
        super().__init__(why)


class PaidAlready(Conflict):
    def __init__(self) -> None:
        super().__init__("this refund has a payout already: nothing is paid twice")


class BadEvidence(Invalid):
    def __init__(self, why: str) -> None:
        super().__init__(f"this can't be kept as evidence: {why}")
