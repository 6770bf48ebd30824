"""A back end that lacks almost everything: it signs people in by cookie, and the rest is up to a
test."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from golive.adapters.fixnado_http import FixnadoMarketplace
from golive.adapters.memory import MemoryTarget
from golive.kernel.fidelity import Fidelity
from golive.ports.target import Target

Respond = Callable[[str, str, Any], tuple[int, str]]
"""Method, path and the JSON that was sent, to status and body."""
Serve = Callable[[Respond], Target]
ROLES = ("user", "operations", "finance", "compliance", "legal", "support", "admin", "provider")
ANSWERS = (
    (404, '{"message": "Cannot GET"}'),
    (500, '{"error": "it broke"}'),
    (200, "<html><title>Welcome</title></html>"),
    (200, "{}"),
    (200, "[]"),
    (403, '{"detail": "Origin is missing"}'),
)
"""Status and body that such a back end may have for every route."""


def always(status: int, body: str) -> Respond:
    return lambda *_: (status, body)


class PoorBackEnd:
    """Serves on a free port while it is entered. Use it once."""

    def __init__(self, respond: Respond, *, asks_origin: bool = False) -> None:
        self._respond, self.asks_origin = respond, asks_origin
        self.seen: set[str] = set()
        """Method and path of whatever was asked."""

    def __enter__(self) -> PoorBackEnd:
        poor = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                poor.seen.add(f"{self.command} {self.path.partition('?')[0]}")
                login = self.path.endswith("/auth/login")
                if poor.asks_origin and not self.headers.get("Origin"):
                    status, body = 403, '{"detail": "Origin is missing"}'
                elif login:
                    status, body = 200, "{}"
                else:
                    sent = json.loads(data or b"null")
                    status, body = poor._respond(self.command, self.path, sent)
                self.send_response(status)
                if login:
                    self.send_header("Set-Cookie", "sid=a-session; Path=/; HttpOnly")
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_POST = do_PUT = _any  # noqa: N815  (the library's names)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def market(self) -> FixnadoMarketplace:
        accounts = {role: (f"{role}@rehearsal.example", lambda: "a password") for role in ROLES}
        url = f"http://127.0.0.1:{self._server.server_port}"
        return FixnadoMarketplace(url, "/api/v1", accounts, None, Fidelity.LOCAL)


@contextmanager
def served() -> Iterator[Serve]:
    """Targets whose production is such a back end; every other port is from memory."""
    with ExitStack() as stack:

        def serve(respond: Respond) -> Target:
            market = stack.enter_context(PoorBackEnd(respond)).market()
            return replace(MemoryTarget().build(), production=market)

        yield serve
