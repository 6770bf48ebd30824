"""A change of weights is obeyed by whatever starts after it, and loses nothing under way."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest

from golive.stage import StageStatus
from golive.stage.balancer import Balancer
from golive.stage.layout import Layout
from golive.stage.settings import load

ROUNDS = 6
CALLERS = 24
METHODS = ("GET", "POST")


@pytest.fixture
def callers(up: StageStatus) -> Iterator[Sequence[ssl.SSLSocket]]:
    """Connections to the production listener that stay open."""
    context = ssl.create_default_context(cafile=up.authority)
    port = int(up.urls["production"].rpartition(":")[2])
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                context.wrap_socket(
                    socket.create_connection(("127.0.0.1", port), timeout=20),
                    server_hostname="localhost",
                )
            )
            for _ in range(CALLERS)
        ]


def test_a_listener_that_gets_no_processor_time_goes_by_the_new_weights(
    up: StageStatus, callers: Sequence[ssl.SSLSocket]
) -> None:
    """Held while the weights change, and until requests that start afterwards wait for it: it has
    heard of no change when it hands them on."""
    settings = load(Layout(up.folder))
    assert settings is not None
    balancer = Balancer(settings.ports, Layout(up.folder).traffic)
    for number in range(ROUNDS):
        side = ("blue", "green")[number % 2]
        for caller in callers:
            _ask(caller, "GET")
        assert {_answered(caller)[0] for caller in callers} == {200}
        os.kill(up.processes["listener"], signal.SIGSTOP)
        try:
            balancer.shift({"green": 0.0, "blue": 0.0, side: 100.0})
            for caller, method in zip(callers, METHODS * CALLERS, strict=False):
                _ask(caller, method)
        finally:
            os.kill(up.processes["listener"], signal.SIGCONT)
        found = [_answered(caller) for caller in callers]
        assert set(found) == {(200, side), (405, side)}, f"round {number}"


def _ask(caller: ssl.SSLSocket, method: str) -> None:
    body = b"" if method == "GET" else b"Content-Length: 0\r\n"
    caller.sendall(method.encode() + b" / HTTP/1.1\r\nHost: localhost\r\n" + body + b"\r\n")


def _answered(caller: ssl.SSLSocket) -> tuple[int, str]:
    """Status and side of one whole answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = caller.recv(4096)
        assert more, "the connection ended instead of an answer"
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    left = int(headers["content-length"]) - len(rest)
    while left > 0:
        left -= len(caller.recv(left))
    return int(first.split()[1]), headers["x-fixnado-instance"]
