"""Reading answers of which any part may be missing or of another kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from golive.adapters.fixnado_http.wire import Reply
from golive.kernel.json import Json, JsonObject
from golive.ports.marketplace import Session


class Calls(ABC):
    """What a group of routes needs of the marketplace that it belongs to."""

    @abstractmethod
    def _open(self, path: str) -> Reply: ...

    @abstractmethod
    def _signed(
        self, method: str, path: str, session: Session, body: Json = None, key: str = ""
    ) -> Reply: ...


def text(said: JsonObject, name: str) -> str:
    """The text under `name`; "" where there is none."""
    value = said.get(name)
    return value if isinstance(value, str) else ""


def count(said: JsonObject, name: str) -> int | None:
    """The whole number under `name` that is not negative; None where there is none."""
    value = said.get(name)
    good = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if good and isinstance(value, int) else None


def objects(value: Json) -> Sequence[JsonObject]:
    """The objects in a list; nothing where it is no list."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return ()
    return [one for one in value if isinstance(one, Mapping)]


def listed(reply: Reply, *names: str) -> Sequence[JsonObject]:
    """The objects of an answer that is a list, or has one under one of `names`. PortError, with
    the answer attached, where it is neither."""
    if isinstance(reply.body, list):
        return objects(reply.body)
    said = reply.object()
    return next((objects(said[name]) for name in names if isinstance(said.get(name), list)), ())
