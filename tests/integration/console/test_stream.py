"""The stream: every event once, in order, from wherever the last connection broke off."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from console_world import Browser, World
from golive.kernel.json import JsonObject
from golive.rehearsal.journal import Journal, read_events


@dataclass
class Message:
    kind: str
    ident: str
    data: JsonObject


@dataclass
class Listener:
    """Reads one stream in a thread of its own."""

    messages: list[Message] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def numbers(self) -> list[int]:
        return [int(one.ident) for one in self.messages if one.ident]

    def until(self, number: int) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.numbers()[-1:] >= [number]:
                return
            time.sleep(0.01)
        raise TimeoutError(f"{number} of {self.numbers()[-5:]}")


@contextmanager
def listening(browser: Browser, path: str, last: int | None = None) -> Iterator[Listener]:
    found = Listener()
    cookie = "; ".join(f"{one.name}={one.value}" for one in browser.http.cookies.jar)
    headers = {"accept": "text/event-stream", "cookie": cookie}
    if last is not None:
        headers["last-event-id"] = str(last)
    wire = http.client.HTTPConnection(browser.base.removeprefix("http://"), timeout=20)
    wire.connect()
    held = wire.sock

    def read() -> None:
        try:
            wire.request("GET", path, headers=headers)
            with wire.getresponse() as answer:
                found.status.append(answer.status)
                for message in _messages(line.decode().rstrip("\n") for line in answer):
                    found.messages.append(message)
        except (http.client.HTTPException, OSError):
            pass  # closed under it, as a browser that leaves does
        finally:
            found.ended.set()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield found
    finally:
        with suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)
        thread.join(20)
        wire.close()


def _messages(lines: Iterator[str]) -> Iterator[Message]:
    held: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            held[name] = value
        elif "data" in held:
            yield Message(held.get("event", ""), held.get("id", ""), json.loads(held["data"]))
            held = {}
        else:
            held = {}


def _journal(day: World) -> list[int]:
    return [int(str(event["seq"])) for event in read_events(day.folder.events)]


def test_a_broken_stream_loses_nothing(day: World) -> None:
    run = day.start()
    nadia = day.person("nadia")
    path = f"/runs/{run}/events?after=0"
    with listening(nadia, path) as first:
        first.until(_journal(day)[-1])
        seen = first.numbers()
    nadia.act(day.waiting("kick-off/1"), "confirm")
    day.waiting("checks/1")
    with listening(nadia, path, last=seen[-1]) as second:
        second.until(_journal(day)[-1])
        rest = second.numbers()
    assert seen + rest == _journal(day)


def test_what_changes_comes_as_it_happens(day: World) -> None:
    run = day.start()
    nadia, tom = day.person("nadia"), day.person("tom")
    last = _journal(day)[-1]
    with listening(tom, f"/runs/{run}/events?after={last}") as stream:
        nadia.act(day.waiting("kick-off/1"), "confirm")
        day.waiting("checks/1")
        stream.until(_journal(day)[-1])
        assert stream.numbers() == list(range(last + 1, _journal(day)[-1] + 1))
        standing = stream.messages[0]
        assert standing.kind == "standing"
        assert "kick-off" in json.dumps(standing.data).casefold()
        changed = [one.data["patch"] for one in stream.messages[1:] if "patch" in one.data]
        assert any("row-1" in one for one in changed if isinstance(one, dict))
        bars = [one.data["bars"] for one in stream.messages if "bars" in one.data]
        assert isinstance(bars[-1], dict)
        assert set(bars[-1]) == {"", "tom", "nadia"}, "those who may approve, and all others"
        said = [str(one.data.get("say", "")) for one in stream.messages]
        assert "Kick-off: passed" in said


def test_live_figures_come_without_a_number(day: World) -> None:
    run = day.start()
    tom = day.person("tom")
    with listening(tom, f"/runs/{run}/events?after=0") as stream:
        stream.until(_journal(day)[-1])
        figures = {"blue_weight": 30, "green_weight": 70, "blue_p95_ms": 12.4, "failed": 0}
        day.folder.live.write_text(json.dumps(
            {"event": "progress", "item": "x", "text": "shift", "figures": figures}))  # fmt: skip
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and stream.messages[-1].kind != "figures":
            time.sleep(0.02)
        patch = stream.messages[-1].data["patch"]
        assert isinstance(patch, dict)
        assert 'value="30.0"' in str(patch["traffic"])
        assert stream.messages[-1].ident == ""


def test_one_reader_serves_every_watcher(day: World) -> None:
    run = day.start()
    tom = day.person("tom")
    path = f"/runs/{run}/events?after=0"
    with listening(tom, path) as one, listening(tom, path) as two, listening(tom, path) as three:
        for stream in (one, two, three):
            stream.until(_journal(day)[-1])
        channel = day.console.means.hub.channel(day.console.means.days.get(run))
        assert channel.watchers == 3
        journal = Journal(day.folder.events, day.supplies.clock)
        journal.log("kick-off/1", "a line that everybody sees")
        journal.close()
        for stream in (one, two, three):
            stream.until(_journal(day)[-1])
        assert one.numbers() == two.numbers() == three.numbers() == _journal(day)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and channel.watchers:
        time.sleep(0.02)
    assert channel.watchers == 0, "who has left is not counted"


def test_a_torn_line_is_told_once_it_is_whole(day: World) -> None:
    run = day.start()
    tom = day.person("tom")
    last = _journal(day)[-1]
    with listening(tom, f"/runs/{run}/events?after={last}") as stream:
        event = {"seq": last + 1, "at": "2024-05-30T08:00:00.000Z", "event": "log",
                 "item": "kick-off/1", "text": "in two halves"}  # fmt: skip
        line = json.dumps(event).encode() + b"\n"
        with day.folder.events.open("ab", buffering=0) as file:
            file.write(line[:20])
            time.sleep(0.3)
            assert stream.numbers() == []
            file.write(line[20:])
        stream.until(last + 1)


def test_the_server_s_end_ends_the_streams(day: World) -> None:
    run = day.start()
    tom = day.person("tom")
    with listening(tom, f"/runs/{run}/events?after=0") as stream:
        stream.until(_journal(day)[-1])
        day.console.means.hub.close()
        assert stream.ended.wait(10)
