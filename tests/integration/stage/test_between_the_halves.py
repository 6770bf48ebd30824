"""The step from listener to balancer: a connection for each request, in a queue that outlives a
change.

What is kept open keeps the weights that it was accepted under, and whether a request meets one in
that moment is chance. So it is looked at from the balancer's own place: what comes in there.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from golive.stage import caddy
from stage_world.bench import eventually
from stage_world.ports import free_ports

REQUESTS = 5
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Inner:
    """Stands where the balancer does, and keeps every connection open that it is left."""

    def __init__(self, path: Path) -> None:
        self.connections: list[list[str]] = []
        """The first lines of what came over each."""
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                lines: list[str] = []
                self.connections.append(lines)
                threading.Thread(target=_serve, args=(connection, lines), daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


def _serve(connection: socket.socket, lines: list[str]) -> None:
    data = b""
    with connection, suppress(OSError):
        while more := connection.recv(65536):
            data += more
            head, end, data = data.partition(b"\r\n\r\n")
            if end:
                lines.append(head.partition(b"\r\n")[0].decode())
                connection.sendall(ANSWER)
            else:
                data = head


@pytest.fixture
def inner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inner]:
    monkeypatch.chdir(tmp_path)  # a whole path may be longer than a socket's may be
    made = Inner(Path("production.sock"))
    yield made
    made.close()


@pytest.fixture
def front(tmp_path: Path) -> Iterator[int]:
    """Caddy's listener with the stage's own configuration; the port of its production listener."""
    ports = free_ports(["production", "validation"])
    file = tmp_path / "listener.json"
    file.write_text(json.dumps(caddy.listener(ports, tmp_path / "store")))
    with (tmp_path / "caddy.log").open("wb") as log:
        process = subprocess.Popen(
            [str(caddy.binary()), "run", "--config", str(file)],
            cwd=tmp_path,
            env={name: str(tmp_path) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield ports["production"]
    finally:
        process.kill()
        process.wait()


def _trusting() -> ssl.SSLContext:
    """Who the listener is, is not what this is about."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_each_request_has_a_connection_of_its_own(inner: Inner, front: int) -> None:
    """However long the client keeps its own, and though the other end would keep this one."""
    client = http.client.HTTPSConnection("localhost", front, timeout=10, context=_trusting())
    eventually(client.connect, OSError)
    try:
        for number in range(REQUESTS):
            client.request("POST" if number % 2 else "GET", f"/{number}")
            answer = client.getresponse()
            assert (answer.status, answer.read()) == (200, b"ok")
    finally:
        client.close()
    methods = ["GET", "POST"] * REQUESTS
    expected = [[f"{methods[number]} /{number} HTTP/1.1"] for number in range(REQUESTS)]
    assert inner.connections == expected
