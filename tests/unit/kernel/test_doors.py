"""A server behind a Unix socket is reached at a path that is longer than its address may be."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from golive.kernel.doors import DoorConnection, reachable


@pytest.mark.parametrize("depth", [0, 3])
def test_a_socket_at_any_path_is_reached(tmp_path: Path, depth: int) -> None:
    folder = tmp_path.joinpath(*["a folder with a long name, again and again"] * depth)
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        with reachable(folder / "door.sock") as address:
            server.bind(address)
        server.listen()
        server.settimeout(5)

        def answer() -> None:
            taken, _ = server.accept()
            with taken:
                taken.recv(4096)
                taken.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        answering = threading.Thread(target=answer)
        answering.start()
        connection = DoorConnection(folder / "door.sock", timeout=5)
        connection.request("GET", "/")
        assert connection.getresponse().status == 204
        connection.close()
        answering.join()


def test_where_nobody_is_it_fails_as_a_socket_does(tmp_path: Path) -> None:
    for name in ("none.sock", "no folder/none.sock", f"{'long ' * 25}/none.sock"):
        with pytest.raises(OSError):
            DoorConnection(tmp_path / name, timeout=1).connect()
