"""HttpxClient: any status is an answer, no answer is Unreachable, nothing secret in a message."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.http import HttpxClient
from golive.kernel.errors import BadInput, PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.ports.http import HttpAnswer


def ask(url: str, **more: Any) -> HttpAnswer:
    settings = {"headers": {}, "body": None, "timeout": 5.0, **more}
    return HttpxClient(None, Fidelity.LOCAL).request("GET", url, **settings)


@pytest.mark.parametrize("status", [200, 204, 302, 404, 500])
def test_any_status_is_an_answer(server: Any, answer: Any, status: int) -> None:
    server.respond = lambda _: answer(status, b"", {"X-Side": "Blue", "Location": "/else"})
    got = ask(server.url)
    assert (got.status, got.headers["x-side"]) == (status, "Blue")
    assert len(server.asked) == 1, "no redirect is followed"


def test_body_and_headers_travel(server: Any) -> None:
    client = HttpxClient(None, Fidelity.LOCAL)
    client.request("POST", server.url, headers={"X-A": "1"}, body=b"said", timeout=5)
    assert server.asked[0].body == b"said"
    assert server.asked[0].headers["x-a"] == "1"


def test_no_more_than_the_limit_is_read(server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(200, b"x" * 500_000)
    assert ask(server.url, limit=1000).body == b"x" * 1000


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable, match="no answer"):
        ask(f"http://127.0.0.1:{port}/")


def test_silence_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(Unreachable, match=r"within 0\.2 s"):
            ask(url, timeout=0.2)


def test_an_answer_that_drips_ends_in_time() -> None:
    """Each byte comes well within the timeout, the whole never would."""
    done = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not done.wait(0.02):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        try:
            with pytest.raises(Unreachable, match="in time"):
                ask(f"http://127.0.0.1:{listening.getsockname()[1]}/", timeout=0.3)
        finally:
            done.set()
            thread.join()


def test_an_answer_that_is_not_http() -> None:
    def babble(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"\x00\xff nonsense \r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=babble, args=(listening,))
        thread.start()
        with pytest.raises(Unreachable):
            ask(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        thread.join()


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://127.0.0.1/", "http://", "http://[::1"])
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(PortError):
        ask(url)


def test_a_message_names_no_credential() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable) as caught:
        ask(f"http://me:hunter22@127.0.0.1:{port}/a?token=hunter23#hunter24")
    assert "hunter2" not in str(caught.value)
    assert f"GET http://127.0.0.1:{port}/a" in str(caught.value)


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_an_authority_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInput, match="authority"):
        HttpxClient(file, Fidelity.LOCAL)
