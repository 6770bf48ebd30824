"""One uvicorn worker that says when it listens and stops cleanly when it is told to."""

from __future__ import annotations

import signal
import socket
from types import FrameType

import uvicorn

from fixnado.app.factory import Service
from fixnado.platform.errors import StartRefused
from fixnado.platform.settings import Settings

_DRAIN_S = 1
_BACKLOG = 512


class _Server(uvicorn.Server):
    """Marks the instance as stopping the moment it is told to, before it drains connections."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._service.watch.stopping()
        super().handle_exit(sig, frame)


def serve(settings: Settings, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. Port 0 takes a free one."""
    listening = _listen(host, port)
    service = Service(settings)
    config = uvicorn.Config(
        service.asgi,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_S,
    )
    server = _Server(config, service)
    # uvicorn raises the signal again once it has stopped; a clean stop ends with 0 instead
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    host, port = listening.getsockname()[:2]
    print(  # noqa: T201
        f"fixnado {settings.version} ({settings.instance}) listens on http://{host}:{port}",
        flush=True,
    )
    server.run(sockets=[listening])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise StartRefused(f"{host}:{port} can't be listened on: {error.strerror}") from error
    listening.listen(_BACKLOG)
    return listening
