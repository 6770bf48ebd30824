"""What can go wrong with documents and acknowledgements."""

from __future__ import annotations

from collections.abc import Sequence

from fixnado.platform.errors import Conflict, Invalid, NotFound


class NoSuchDocument(NotFound):
    def __init__(self, slug: str) -> None:
        super().__init__(f"nothing is published as {slug}")


class NoSuchVersion(NotFound):
    def __init__(self) -> None:
        super().__init__("this document has no such version")


class VersionTaken(Conflict):
    def __init__(self, version: str) -> None:
        super().__init__(f"version {version} exists already and doesn't change: choose another")


class Malformed(Invalid):
    """The text is no document: no title, no sections, or an empty one."""


class Incomplete(Conflict):
    def __init__(self, lacking: Sequence[str]) -> None:
        super().__init__(
            "not published, because it lacks "
            + ", ".join(lacking)
            + ": add a version that has them"
        )


class NotWhatIsPublished(Conflict):
    """Somebody acknowledges a text that is not, or no longer, the published one."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"version {version} with another content is published now: read it, then acknowledge it"
        )


class NothingToAcknowledge(Conflict):
    def __init__(self, slug: str) -> None:
        super().__init__(f"{slug} asks nobody for an acknowledgement")
