"""One live stream a page: every journal event once, with its sequence number as the event's id.

One reader per run serves all its watchers. What it renders is rendered once and sent as the same
bytes to everybody; a watcher keeps nothing but its place in a short list of such pieces. Whoever
comes back with `Last-Event-ID` is told what they missed from memory, then how everything stands.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence

from golive.console.days import Day, Told
from golive.kernel.json import Json, JsonObject
from golive.rehearsal.live import read_figures

Render = Callable[[Day, Sequence[Told], JsonObject], Mapping[str, Json]]
"""What changed, for the page: `patch` (markup by element id), `bars` (the "your turn" bar of
everybody who has one), `say` (for screen readers). With no events: how everything stands."""

_LOOK = 0.1
_KEPT = 256
_BEAT = 15.0


class Channel:
    """A run's stream. Reads only while somebody watches."""

    def __init__(self, day: Day, render: Render) -> None:
        self.day, self._render = day, render
        self.watchers = 0
        self.end = False
        self._pieces: list[bytes] = []
        self._first = 0
        self._news: asyncio.Event = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._figures: tuple[int, JsonObject] = (0, {})
        self._published = 0
        """How much of `day.told` has been sent. Pages read the journal on as well, so what is new
        to the day needn't be new to the stream."""

    def join(self) -> int:
        """Begin to watch; returns the place from which `since` goes on."""
        self.watchers += 1
        if self._reader is None or self._reader.done():
            self.day.refresh()
            self._published = len(self.day.told)
            self._reader = asyncio.create_task(self._read())
        return self._first + len(self._pieces)

    def leave(self) -> None:
        self.watchers -= 1

    def standing(self, after: int) -> bytes:
        """What somebody missed who has seen the events up to `after`, and how things stand. Tells
        of nothing that is yet to be published: that comes to everybody at once."""
        missed = [one for one in self.day.told[: self._published] if one.seq > after]
        events = [_journal(one) for one in missed]
        whole = self._render(self.day, (), self._figures[1])
        return b"".join([b"retry: 1000\n\n", *events, event("standing", whole)])

    def since(self, place: int) -> tuple[bytes | None, int]:
        """What was sent since `place`, and the place now; None where that is too long ago."""
        if place < self._first:
            return None, self._first + len(self._pieces)
        fresh = self._pieces[place - self._first :]
        return b"".join(fresh), self._first + len(self._pieces)

    def last(self) -> int:
        """The number of the last event that was published."""
        return self.day.told[self._published - 1].seq if self._published else 0

    def news(self) -> asyncio.Event:
        """Set once, when something comes after this call."""
        return self._news

    def close(self) -> None:
        self.end = True
        self._wake()

    async def _read(self) -> None:
        while self.watchers and not self.end:
            self._look()
            await asyncio.sleep(_LOOK)

    def _look(self) -> None:
        self.day.refresh()
        figures = self._fresh_figures()
        fresh = self.day.told[self._published :]
        if fresh:
            self._published += len(fresh)
            self._publish(fresh)
        elif figures:
            whole = self._render(self.day, (), self._figures[1])
            patch = whole.get("patch")
            traffic = patch.get("traffic") if isinstance(patch, Mapping) else None
            self._append(event("figures", {"patch": {"traffic": traffic}}))

    def _publish(self, told: Sequence[Told]) -> None:
        changed = self._render(self.day, told, self._figures[1])
        *before, last = told
        parts = [_journal(one) for one in before]
        parts.append(_journal(last, changed))
        self._append(b"".join(parts))

    def _append(self, data: bytes) -> None:
        self._pieces.append(data)
        surplus = len(self._pieces) - _KEPT
        if surplus > 0:
            del self._pieces[:surplus]
            self._first += surplus
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _fresh_figures(self) -> bool:
        path = self.day.folder.live
        try:
            stamp = path.stat().st_mtime_ns
        except FileNotFoundError:
            return False
        if stamp == self._figures[0]:
            return False
        self._figures = (stamp, read_figures(path))
        return True


class Hub:
    """Every run's channel."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._channels: dict[str, Channel] = {}

    def channel(self, day: Day) -> Channel:
        found = self._channels.get(day.name)
        if found is None:
            found = self._channels[day.name] = Channel(day, self._render)
        return found

    def close(self) -> None:
        """End every stream: the server is going down."""
        for channel in self._channels.values():
            channel.close()


def _journal(told: Told, changed: Mapping[str, Json] | None = None) -> bytes:
    facts = {"kind": told.kind, "item": told.item, **(changed or {})}
    return event("journal", facts, told.seq)


def event(kind: str, data: Mapping[str, Json], seq: int | None = None) -> bytes:
    """One event in the wire's form (HTML §9.2.5); JSON holds no line breaks."""
    ident = f"id: {seq}\n" if seq is not None else ""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{ident}event: {kind}\ndata: {text}\n\n".encode()


BEAT = b": still here\n\n"
BEAT_SECONDS = _BEAT
