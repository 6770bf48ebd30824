"""The child's load generator: a schedule, a pool of connections, a log."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from golive.adapters.probe.connection import Connection, Request

FLUSH = 0.02
"""Seconds between writes to the log."""

TURN = 0.001
"""Seconds between two looks at the schedule: what uvloop's timers can tell apart. A request is at
most this late, and its latency says so."""


@dataclass(frozen=True)
class Orders:
    """What the parent asks for."""

    url: str
    rate: float
    log: str
    ca: str
    """Path of the certificate authority's file; "" for the system's own."""
    side_header: str
    timeout: float = 10.0
    """Seconds from the scheduled start until a request counts as unanswered."""
    connections: int = 800
    idle: float = 2.0
    """Seconds after which an unused connection is closed: before servers do, so that a request
    seldom meets a connection that is being closed."""

    def to_json(self) -> Mapping[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Orders:
        return cls(**data)


class Generator:
    """OSError where the authority's file or the log can't be opened; ValueError for a bad URL."""

    def __init__(self, orders: Orders) -> None:
        parts = urlsplit(orders.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an http or https URL: {orders.url}")
        self._orders = orders
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = _tls(orders.ca) if parts.scheme == "https" else None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\n"
            "User-Agent: golive-probe\r\nAccept: */*\r\n\r\n"
        ).encode("ascii")
        self._log = os.open(orders.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._side_header = orders.side_header.lower().encode("ascii")
        self._lines: list[str] = []
        self._names: dict[str, str] = {}
        self._free: list[Connection] = []
        self._waiting: deque[Request] = deque()
        self._pending: set[asyncio.Task[None]] = set()
        self._open = 0
        self._launched: deque[Request] = deque()
        """In the order in which they were due, from the oldest that has no answer on."""
        self._under_way = 0

    async def run(self, *, stop_on: int, ready_on: int) -> None:
        """Make requests until the file descriptor `stop_on` says anything; then wait for those
        under way. Where it ends without a word the rehearsal was killed, and perhaps the target
        with it: what is under way, and not yet written, is then nobody's evidence."""
        loop = self._loop = asyncio.get_running_loop()
        loop.set_exception_handler(_give_up)
        stopping = loop.create_future()

        def heard() -> None:
            if not os.read(stop_on, 4096):
                os._exit(0)
            loop.remove_reader(stop_on)
            stopping.set_result(None)

        loop.add_reader(stop_on, heard)
        await self._warm_up()
        os.write(ready_on, b"ready\n")
        house = loop.create_task(self._keep_house())
        schedule = loop.create_task(self._schedule())
        await asyncio.wait([stopping, house, schedule], return_when=asyncio.FIRST_COMPLETED)
        for ended in [one for one in (house, schedule) if one.done()]:
            ended.result()  # neither ends by itself but by an error: a full disk, a defect
        schedule.cancel()
        while self._under_way and not house.done():
            await asyncio.sleep(0.005)
        house.cancel()
        self._flush()
        for connection in list(self._free):
            connection.close()

    # -- the schedule -------------------------------------------------------------------------

    async def _schedule(self) -> None:
        """Start every request when it is due, whether or not earlier ones came back."""
        # Not the loop's own clock: uvloop's stands still within a turn and counts whole ms.
        gap = 1.0 / self._orders.rate
        begin, number = time.monotonic(), 0
        while True:
            now, wall = time.monotonic(), time.time()
            while (due := begin + number * gap) <= now:
                self._launch(Request(due, wall - (now - due)))
                number += 1
            await asyncio.sleep(max(TURN, due - time.monotonic()))

    def _launch(self, request: Request) -> None:
        self._launched.append(request)
        self._under_way += 1
        while self._free:
            connection = self._free.pop()
            if connection.usable:
                connection.send(request)
                return
        self._waiting.append(request)
        if self._open < self._orders.connections:
            self._spawn()

    def _spawn(self) -> None:
        """One connection more, for whoever waits longest when it is there."""
        self._open += 1
        task = self._loop.create_task(self._connect())
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)

    async def _connect(self) -> None:
        connection = Connection(self, self._request, self._side_header)
        try:
            async with asyncio.timeout(self._orders.timeout):
                await self._loop.create_connection(
                    lambda: connection, self._host, self._port, ssl=self._tls
                )
        except (OSError, TimeoutError):
            self._not_connected(connection)
            return
        if connection.usable:
            self.free(connection)
        else:
            self._not_connected(connection)

    def _not_connected(self, connection: Connection) -> None:
        """The request that waits longest asked for this connection: it has no answer."""
        request = self._next_waiting()
        if request is not None:
            self.done(request, 0, "")
        if connection.made:
            connection.close()  # `lost` counts it
        else:
            self._make_room()

    def _next_waiting(self) -> Request | None:
        while self._waiting:
            request = self._waiting.popleft()
            if not request.over:
                return request
        return None

    async def _warm_up(self) -> None:
        """A few connections in advance, so that the first requests don't all shake hands."""
        for _ in range(min(8, 1 + int(self._orders.rate / 50))):
            self._spawn()
        await asyncio.gather(*self._pending)

    # -- what connections report --------------------------------------------------------------

    def done(self, request: Request, status: int, side: str) -> None:
        """`request` has come to its end; status 0 is no answer."""
        if request.over:
            return
        request.over = True
        self._under_way -= 1
        latency = time.monotonic() - request.due
        if side not in self._names:
            self._names[side] = json.dumps(side)
        self._lines.append(f"[{request.started:.6f},{latency:.6f},{status},{self._names[side]}]\n")

    def free(self, connection: Connection) -> None:
        """`connection` can carry another request."""
        request = self._next_waiting()
        if request is not None:
            connection.send(request)
            return
        connection.idle_since = time.monotonic()
        self._free.append(connection)

    def lost(self, connection: Connection) -> None:
        """`connection` is closed."""
        if connection in self._free:
            self._free.remove(connection)
        self._make_room()

    def _make_room(self) -> None:
        """A connection less. Where requests outnumber the connections that are being made for
        them, one more is due."""
        self._open -= 1
        if len(self._waiting) > len(self._pending) and self._open < self._orders.connections:
            self._spawn()

    # -- housekeeping -------------------------------------------------------------------------

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(FLUSH)
            self._flush()
            now = time.monotonic()
            while self._free and now - self._free[0].idle_since > self._orders.idle:
                self._free.pop(0).close()
            self._give_up_on(now - self._orders.timeout)

    def _give_up_on(self, due: float) -> None:
        """Whatever was due before and has no answer won't get one. However many are under way, only
        the oldest are looked at."""
        while self._launched and (self._launched[0].over or self._launched[0].due < due):
            request = self._launched.popleft()
            connection = request.connection
            self.done(request, 0, "")  # does nothing where it is over
            if connection is not None:
                connection.close()

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        data = "".join(lines).encode()
        while data:
            data = data[os.write(self._log, data) :]


def _give_up(_: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """A defect in a callback: no further figure of this load could be trusted. What a network or a
    TLS partner does wrong is no defect, nor is uvloop's own trouble with a transport that was
    closed under it: the connection is lost, and has told so."""
    error, message = context.get("exception"), str(context.get("message"))
    if isinstance(error, OSError) or message.startswith("Fatal error on "):
        return
    os.write(2, f"{message}: {error!r}\n".encode())
    os._exit(70)


def _tls(ca: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca or None)
    context.set_alpn_protocols(["http/1.1"])
    return context
