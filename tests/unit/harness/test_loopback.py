"""The fence around the tests itself: what leaves loopback is refused, whoever opens the socket."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest

from harness.loopback import OffLoopback, allowed

ELSEWHERE = "192.0.2.1"  # TEST-NET-1 (RFC 5737): nobody's address


def test_a_plain_socket_is_refused() -> None:
    with socket.socket() as sock, pytest.raises(OffLoopback, match="loopback"):
        sock.connect((ELSEWHERE, 9))
    with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(OffLoopback):
        sock.sendto(b"", (ELSEWHERE, 9))


def test_no_server_may_listen_to_the_world() -> None:
    with socket.socket() as sock, pytest.raises(OffLoopback):
        sock.bind(("0.0.0.0", 0))


def test_clients_that_open_their_own_sockets_are_refused() -> None:
    with pytest.raises(OffLoopback):
        httpx.get(f"http://{ELSEWHERE}/", trust_env=False)
    with pytest.raises(OffLoopback):
        asyncio.run(asyncio.open_connection(ELSEWHERE, 9))


def test_names_are_not_looked_up_and_invalid_ones_never_exist() -> None:
    with pytest.raises(OffLoopback):
        socket.getaddrinfo("registry.example", 443)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("nowhere.invalid", 443)


def test_loopback_is_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()
    for host in ("localhost", "127.0.0.1", "127.9.9.9", "::1", b"localhost", None):
        assert allowed(host), host
    for host in ("0.0.0.0", "::", "10.0.0.1", "fe80::1%eth0", "localhost.example", ""):
        assert not allowed(host), host
