"""What the ledger refuses."""

from __future__ import annotations

from fixnado.platform.errors import Conflict, Invalid, NotFound


class Unbalanced(Invalid):
    def __init__(self, currency: str, amount_minor: int) -> None:
        super().__init__(f"the entries in {currency} sum to {amount_minor}, not to zero")


class NotATransaction(Invalid):
    def __init__(self, why: str) -> None:
        super().__init__(f"this is no transaction: {why}")


class NoSuchAccount(Invalid):
    def __init__(self, account_id: str) -> None:
        super().__init__(f"there is no ledger account {account_id}")


class NoSuchTransaction(NotFound):
    def __init__(self) -> None:
        super().__init__("no such ledger transaction")


class AlreadyPosted(Conflict):
    def __init__(self, source: str) -> None:
        super().__init__(f"{source} is in the ledger already: nothing is posted twice")


class AlreadyReversed(Conflict):
    def __init__(self) -> None:
        super().__init__("this transaction was reversed before")
