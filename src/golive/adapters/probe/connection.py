"""One HTTP/1.1 connection that carries one request at a time (RFC 9112)."""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

import httptools

MOST = 16 * 2**20
"""Bytes of one answer; more is no answer of a page under probe."""


class Request:
    """`due` is the scheduled start on the monotonic clock, `started` the same in Unix time."""

    __slots__ = ("connection", "due", "over", "started")

    def __init__(self, due: float, started: float) -> None:
        self.due, self.started, self.over = due, started, False
        self.connection: Connection | None = None


class Owner(Protocol):
    """The generator, as a connection sees it."""

    def done(self, request: Request, status: int, side: str) -> None: ...

    def free(self, connection: Connection) -> None: ...

    def lost(self, connection: Connection) -> None: ...


class Answer:
    """What httptools reads of one answer."""

    def __init__(self, side_header: bytes) -> None:
        self._side_header = side_header
        self.parser = httptools.HttpResponseParser(self)
        self.status, self.side, self.size = 0, "", 0
        self.complete = self.extra = self.length_known = False

    def feed(self, data: bytes) -> None:
        """httptools' error where this is no HTTP or too long."""
        self.size += len(data)
        if self.size > MOST:
            raise httptools.HttpParserError("too long")
        self.parser.feed_data(data)

    @property
    def reusable(self) -> bool:
        """Whether the connection may carry another request: it is clear where this one ended."""
        return self.complete and not self.extra and self.keep_alive

    def on_message_begin(self) -> None:
        self.extra = self.complete

    def on_header(self, name: bytes, value: bytes) -> None:
        lower = name.lower()
        if lower == self._side_header and not self.complete:
            self.side = value.decode("latin-1").strip()[:64]
        elif lower in (b"content-length", b"transfer-encoding"):
            self.length_known = True

    def on_headers_complete(self) -> None:
        if not self.complete and self.parser.get_status_code() >= 200:
            self.status = self.parser.get_status_code()

    def on_message_complete(self) -> None:
        if self.status:  # an interim answer (1xx) is not the answer
            self.keep_alive = self.parser.should_keep_alive()
            self.complete = True


class Connection(asyncio.Protocol):
    """Whatever goes wrong after a request was handed over makes that request unanswered: once its
    bytes may have left, asking again could ask twice."""

    def __init__(self, owner: Owner, request: bytes, side_header: bytes) -> None:
        self._owner, self._bytes, self._side_header = owner, request, side_header
        self._transport: asyncio.Transport | None = None
        self._current: Request | None = None
        self.idle_since = 0.0
        self.made = False

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def send(self, request: Request) -> None:
        assert self._transport is not None
        self._current, request.connection = request, self
        self._answer = Answer(self._side_header)
        self._transport.write(self._bytes)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports implement asyncio's without inheriting from it.
        self._transport = cast(asyncio.Transport, transport)
        self.made = True

    def data_received(self, data: bytes) -> None:
        if self._current is None:
            self.close()  # nobody asked for anything
            return
        try:
            self._answer.feed(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._end(0, reuse=False)
            return
        if self._answer.complete:
            self._end(self._answer.status, reuse=self._answer.reusable)

    def eof_received(self) -> bool:
        if self._current is not None:
            # An answer of undeclared length ends with its connection (RFC 9112 §6.3).
            whole = not self._answer.length_known
            self._end(self._answer.status if whole else 0, reuse=False)
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._end(0, reuse=False)
        self._transport = None
        self._owner.lost(self)

    def _end(self, status: int, *, reuse: bool) -> None:
        request, self._current = self._current, None
        if request is None:
            return
        request.connection = None
        self._owner.done(request, status, self._answer.side if status else "")
        if reuse and self.usable:
            self._owner.free(self)
        else:
            self.close()
