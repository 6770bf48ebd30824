"""What can go wrong with incidents."""

from __future__ import annotations

from fixnado.platform.errors import Conflict, Invalid, NotFound


class NoSuchIncident(NotFound):
    def __init__(self) -> None:
        super().__init__("no such incident")


class NoSuchUpdate(NotFound):
    def __init__(self) -> None:
        super().__init__("this incident has no such update")


class ReferenceTaken(Conflict):
    def __init__(self, reference: str) -> None:
        super().__init__(f"there is an incident {reference} already")


class NotNow(Conflict):
    """The incident is in a state in which this makes no sense."""

    def __init__(self, move: str, status: str) -> None:
        super().__init__(f"an incident that is {status} can't be {move}")


class AlreadyAcknowledged(Conflict):
    def __init__(self, by: str, at: str) -> None:
        super().__init__(f"{by} acknowledged it at {at}")


class AlreadyPublished(Conflict):
    def __init__(self) -> None:
        super().__init__("this update is public already; write another one")


class NotYet(Invalid):
    def __init__(self) -> None:
        super().__init__("an incident can't have been triggered in the future")


class NeverPublic(Conflict):
    def __init__(self) -> None:
        super().__init__("this incident is a drill: its updates stay drafts")
