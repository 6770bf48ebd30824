"""A change of weights is obeyed by whatever starts after it, and loses nothing under way."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from golive.stage import StageStatus
from golive.stage.balancer import Balancer
from golive.stage.layout import Layout
from golive.stage.settings import load

CALLERS = 12
PATIENCE = 5.0
"""Seconds: far less than the proxy leaves what was under way at a change."""


class Caller:
    """One connection to the production listener, which stays open."""

    def __init__(self, up: StageStatus, stack: ExitStack) -> None:
        context = ssl.create_default_context(cafile=up.authority)
        port = int(up.urls["production"].rpartition(":")[2])
        plain = stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
        self._socket = stack.enter_context(context.wrap_socket(plain, server_hostname="localhost"))

    def ask(self, method: str = "GET") -> None:
        length = "" if method == "GET" else "Content-Length: 0\r\n"
        request = f"{method} / HTTP/1.1\r\nHost: localhost\r\n{length}\r\n"
        self._socket.sendall(request.encode())

    def answer(self) -> tuple[int, str]:
        """Status and side; TimeoutError where none comes in time."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self._socket.recv(4096)
            assert more, "the connection ended instead of an answer"
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
        left = int(headers["content-length"]) - len(rest)
        while left > 0:
            left -= len(self._socket.recv(left))
        return int(first.split()[1]), headers["x-fixnado-instance"]


@pytest.fixture
def callers(up: StageStatus) -> Iterator[list[Caller]]:
    with ExitStack() as stack:
        yield [Caller(up, stack) for _ in range(CALLERS)]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_while_the_old_side_is_slow_to_answer_what_starts_now_is_the_new_sides(
    up: StageStatus, callers: list[Caller], method: str
) -> None:
    """A connection between the proxy's halves that is in use would go on by the old weights."""
    settings = load(Layout(up.folder))
    assert settings is not None
    balancer = Balancer(Layout(up.folder).admin, settings.ports, Layout(up.folder).traffic)
    waiting, others = callers[:4], callers[4:]
    os.kill(up.processes["green"], signal.SIGSTOP)
    try:
        for one in waiting:
            one.ask(method)
        balancer.shift({"green": 0.0, "blue": 100.0})
        for one in others:
            one.ask(method)
        expected = 200 if method == "GET" else 405
        assert {one.answer() for one in others} == {(expected, "blue")}
    finally:
        os.kill(up.processes["green"], signal.SIGCONT)
    # what had begun before may go either way, as long as it is answered
    assert {one.answer()[0] for one in waiting} == {expected}
