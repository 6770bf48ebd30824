"""Whoever takes messages in: a real mail server and a real channel, told to misbehave at will."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

_BARE = re.compile(rb"(?<!\r)\n")


@dataclass
class MailServer:
    """aiosmtpd on a free port. `answers` are given to DATA first, then `250 taken`. Lines end in
    CRLF (RFC 5321 §2.3.8): others are refused, as mail servers do by now."""

    answers: list[str] = field(default_factory=list)
    taken: list[tuple[str, Message]] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if _BARE.search(envelope.content):
            return "550 5.5.2 bare line feed"
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer.startswith("250"):
            self.taken.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content)))
        return answer


class _AnyPort(Controller):
    """On a free port; aiosmtpd itself must be told one beforehand."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    made = MailServer()
    controller = _AnyPort(made, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        made.port = controller.port
        yield made
    finally:
        controller.stop()


@dataclass
class Channel:
    """An HTTP server that keeps what was posted. `statuses` are answered first, then 200; 0 takes
    the message in and breaks off without an answer."""

    statuses: list[int] = field(default_factory=list)
    taken: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


@contextmanager
def channel() -> Iterator[Channel]:
    made = Channel()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = made.statuses.pop(0) if made.statuses else 200
            if status in (0, 200):
                made.taken.append(json.loads(body))
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
