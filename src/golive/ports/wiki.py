"""Pages that people read and complete: minutes, retrospectives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from golive.kernel.fidelity import Fidelity


@dataclass(frozen=True)
class WikiPage:
    """A page as the wiki has it."""

    id: str
    title: str
    storage: str
    """Its body in storage format: XHTML."""
    version: int
    url: str
    """Where people open it."""


class Wiki(Protocol):
    """One space. A title is unique in it (the wiki itself sees to that)."""

    fidelity: Fidelity
    where: str
    """The space, for messages."""

    def find(self, title: str) -> WikiPage | None:
        """The current page of that title, or None: look before you create."""
        ...

    def create(self, title: str, storage: str) -> WikiPage:
        """A new page. PortError where the title is taken."""
        ...
