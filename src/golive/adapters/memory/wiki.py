"""A wiki in memory: one space, in which a title is unique."""

from __future__ import annotations

from golive.adapters.memory.world import World
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.wiki import WikiPage


class MemoryWiki:
    """`golive.ports.wiki.Wiki`. `pages` is there to be looked at, and for a test to edit as people
    would."""

    fidelity = Fidelity.SIMULATED
    where = "the memory wiki"

    def __init__(self, world: World) -> None:
        self._world = world
        self.pages: dict[str, WikiPage] = {}

    def find(self, title: str) -> WikiPage | None:
        self._world.call("wiki.find")
        return self.pages.get(title)

    def create(self, title: str, storage: str) -> WikiPage:
        self._world.call("wiki.create")
        if title in self.pages:
            raise PortError(f"a page {title!r} exists", where=self.where)
        number = str(len(self.pages) + 1)
        url = f"https://wiki.memory.example/{number}"
        self.pages[title] = WikiPage(number, title, storage, 1, url)
        self._world.changed("wiki.create", "page-created", title)
        return self.pages[title]
