"""One uvicorn worker that says when it listens and stops cleanly when it is told to."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from fixnado.app.factory import Service
from fixnado.platform.errors import StartRefused
from fixnado.platform.settings import Settings

_DRAIN_S = 1
_BACKLOG = 512


class _Server(uvicorn.Server):
    """Says when it listens, and marks the instance as stopping before it drains connections."""

    def __init__(self, service: Service) -> None:
        super().__init__(configuration(service.asgi))
        self._service = service

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            known = self._service.settings
            print(  # noqa: T201
                f"fixnado {known.version} ({known.instance}) listens on http://{host}:{port}",
                flush=True,
            )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._service.watch.stopping()
        super().handle_exit(sig, frame)


def serve(settings: Settings, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. Port 0 takes a free one."""
    _demand_folder(settings.runtime)
    listening = listen(host, port)
    server = _Server(Service(settings))
    # uvicorn raises the signal again once it has stopped; a clean stop ends with 0 instead
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listening])
    return 0 if server.started else 1


def configuration(asgi: ASGIApp) -> uvicorn.Config:
    """One worker with uvloop and httptools, quiet, and quick to stop."""
    return uvicorn.Config(
        asgi,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_DRAIN_S,
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; StartRefused where the address is taken or not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise StartRefused(f"{host}:{port} can't be listened on: {error.strerror}") from error
    return listening


def _demand_folder(runtime: Path) -> None:
    try:
        runtime.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartRefused(f"{runtime}: can't be made ({error.strerror})") from error
    if not os.access(runtime, os.W_OK | os.X_OK):
        raise StartRefused(f"{runtime}: the runtime folder can't be written to")
