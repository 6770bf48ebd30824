"""What the compliance desk refuses."""

from __future__ import annotations

from fixnado.platform.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchRequest(NotFound):
    """Also for requests of others: that somebody asked is personal data too."""

    def __init__(self) -> None:
        super().__init__("no such data request among those you may see")


class NoSubject(NotFound):
    def __init__(self) -> None:
        super().__init__("nobody here has the address that this request is about")


class NotYours(Forbidden):
    def __init__(self) -> None:
        super().__init__("a request about somebody else's data is for compliance to file")


class ReferenceTaken(Conflict):
    def __init__(self, reference: str) -> None:
        super().__init__(f"another request has the reference {reference}")


class NotAnAccessRequest(Conflict):
    def __init__(self, request_type: str) -> None:
        super().__init__(f"only an access request is exported; this one is {request_type}")


class NotAnErasure(Conflict):
    def __init__(self, request_type: str) -> None:
        super().__init__(f"only an erasure request is purged; this one is {request_type}")


class NotVerified(Conflict):
    def __init__(self) -> None:
        super().__init__("the identity of the person is not verified yet")


class CantMove(Conflict):
    def __init__(self, status: str, wanted: str) -> None:
        super().__init__(f"a request that is {status} does not become {wanted}")


class NoExport(NotFound):
    def __init__(self) -> None:
        super().__init__("nothing was exported for this request, or not this part")


class BadExtension(Invalid):
    def __init__(self, why: str) -> None:
        super().__init__(f"the due date can't be moved there: {why}")


class NoSuchPlan(NotFound):
    def __init__(self) -> None:
        super().__init__("no such purge plan")


class PlanIsOld(Conflict):
    def __init__(self, why: str) -> None:
        super().__init__(f"{why}: nothing was purged; make a new plan")


class PlanFirst(Invalid):
    def __init__(self) -> None:
        super().__init__("a purge begins as a plan: send dryRun true, look at it, then execute it")
