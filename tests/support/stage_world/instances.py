"""Two small HTTP servers in place of Fixnado, for tests of what stands in front of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Instance:
    """Answers as the instance `name` on a free port, `/metrics` included. `healthy` may be turned
    off; `spoil` decides per request whether it fails."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.healthy = True
        self.exposition = ""
        self.served = 0
        self.spoil: Callable[[], bool] = lambda: False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, path: str) -> tuple[int, bytes]:
        if path == "/metrics":
            return 200, self.exposition.encode()
        if path == "/healthz":
            body = {"status": "ok", "instance": self.name, "version": "1"}
            return (200 if self.healthy else 503), json.dumps(body).encode()
        self.served += 1
        return (500 if self.spoil() else 200), b"{}"

    def _handler(instance: Instance) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, body = instance._answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("X-Fixnado-Instance", instance.name)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
