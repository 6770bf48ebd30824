"""The stand-in's HTTP: routes, the token, and failing on demand."""

from __future__ import annotations

import hmac
import json
import re
import sqlite3
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from golive.stage.helpdesk.desk import AGENTS, TEAMS, Desk, Json, Refused, missing

BODY_LIMIT: Final = 1_000_000
Query = dict[str, str]
Action = Callable[[Desk, list[int], Query, Json], object]
_ID: Final = r"(\d{1,9})"


class Failures:
    """How the stand-in misbehaves. Counted from its start, over all connections."""

    def __init__(
        self, fail_first: int = 0, lose_first: int = 0, slow: float = 0.0, away: float = 0.0
    ) -> None:
        """`away` are the seconds, from the first request on, in which nothing is done."""
        self.fail_first = fail_first
        self.away = away
        self._back: float | None = None
        self.lose_first = lose_first
        self.slow = slow
        self._requests = count(1)
        self._writes = count(1)

    def fails(self) -> bool:
        """Whether this request is answered with 503, nothing done."""
        if self._back is None:
            self._back = time.monotonic() + self.away
        return next(self._requests) <= self.fail_first or time.monotonic() < self._back

    def loses(self, method: str) -> bool:
        """Whether this request is done, and its answer lost."""
        return method == "POST" and next(self._writes) <= self.lose_first


def _page(query: Query) -> int:
    given = query.get("page", "1")
    return max(1, int(given)) if given.isdecimal() and len(given) < 9 else 1


def _before(query: Query) -> int | None:
    given = query.get("before", "")
    return int(given) if given.isdecimal() and len(given) < 18 else None


def _search(desk: Desk, _: list[int], query: Query, __: Json) -> object:
    wanted = query.get("q", "").strip()
    if not wanted:
        raise Refused(422, {"error": "Specify search string with parameter q"})
    found = desk.search_contacts(wanted, _page(query))
    return {"meta": {"count": len(found), "current_page": _page(query)}, "payload": found}


_ROUTES: Final[dict[tuple[str, str], Action]] = {
    ("GET", "/contacts/search"): _search,
    ("POST", "/contacts"): lambda desk, _, __, sent: {"payload": desk.add_contact(sent)},
    ("GET", f"/contacts/{_ID}/conversations"): lambda desk, ids, _, __: {
        "payload": desk.contact_conversations(ids[0])
    },
    ("GET", "/conversations"): lambda desk, _, query, __: desk.conversations(
        query.get("status", "open"), _page(query)
    ),
    ("POST", "/conversations"): lambda desk, _, __, sent: desk.add_conversation(sent),
    ("GET", f"/conversations/{_ID}"): lambda desk, ids, _, __: desk.conversation(ids[0]),
    ("GET", f"/conversations/{_ID}/messages"): lambda desk, ids, query, __: desk.messages(
        ids[0], _before(query)
    ),
    ("POST", f"/conversations/{_ID}/messages"): lambda desk, ids, _, sent: desk.add_message(
        ids[0], sent
    ),
    ("GET", f"/conversations/{_ID}/labels"): lambda desk, ids, _, __: desk.labels(ids[0]),
    ("POST", f"/conversations/{_ID}/labels"): lambda desk, ids, _, sent: desk.set_labels(
        ids[0], sent
    ),
    ("POST", f"/conversations/{_ID}/assignments"): lambda desk, ids, _, sent: desk.assign(
        ids[0], sent
    ),
    ("POST", f"/conversations/{_ID}/toggle_status"): lambda desk, ids, _, sent: desk.set_status(
        ids[0], sent
    ),
    ("POST", f"/conversations/{_ID}/toggle_priority"): lambda desk, ids, _, sent: desk.set_priority(
        ids[0], sent
    ),
    ("GET", "/teams"): lambda *_: list(TEAMS),
    ("GET", "/agents"): lambda *_: list(AGENTS),
    ("GET", "/inboxes"): lambda desk, *_: {"payload": [desk.the_inbox()]},
    ("GET", f"/inboxes/{_ID}"): lambda desk, ids, _, __: desk.one_inbox(ids[0]),
    ("GET", "/canned_responses"): lambda desk, *_: desk.canned_responses(),
    ("POST", "/canned_responses"): lambda desk, _, __, sent: desk.add_canned_response(sent),
    ("GET", "/macros"): lambda desk, *_: desk.macros(),
    ("POST", "/macros"): lambda desk, _, __, sent: desk.add_macro(sent),
}
_EMPTY: Final = re.compile(rf"/conversations/{_ID}/toggle_priority")
"""What answers 200 without a body."""


class Server(ThreadingHTTPServer):
    """Serves one desk to those who have the token."""

    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], desk: Desk, token: str, failures: Failures
    ) -> None:
        super().__init__(address, _Handler)
        self.desk = desk
        self.token = token.encode()
        self.failures = failures

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "helpdesk-stand-in"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def _serve(self, method: str) -> None:
        parts = urlsplit(self.path)
        query = {name: found[-1] for name, found in parse_qs(parts.query).items()}
        try:
            sent = self._body()
            status, body = 200, self._answer(method, parts.path, query, sent)
        except Refused as refused:
            status, body = refused.status, refused.body
        except (ValueError, RecursionError):
            status, body = 400, {"error": "the body is not a JSON object"}
        except sqlite3.Error:
            status, body = 422, {"error": "a value is not acceptable"}
        if status == 200 and self.server.failures.loses(method):
            self.close_connection = True
            return
        if self.server.failures.slow:
            time.sleep(self.server.failures.slow)
        self._send(status, body)

    def _answer(self, method: str, path: str, query: Query, sent: Json) -> object:
        if (method, path) == ("GET", "/"):
            return {"service": "help desk stand-in", "simulated": True}
        given = self.headers.get("api_access_token", "").encode("latin-1")
        if not hmac.compare_digest(given, self.server.token):
            raise Refused(401, {"errors": ["Invalid Access Token"]})
        desk = self.server.desk
        if (method, path) == ("GET", "/stand-in"):
            return {"simulated": True, "counts": desk.counts(), "doubles": desk.doubles()}
        if self.server.failures.fails():
            raise Refused(503, {"error": "asked to fail"})
        action, ids = self._route(method, path)
        return action(desk, ids, query, sent)

    def _route(self, method: str, path: str) -> tuple[Action, list[int]]:
        base = re.fullmatch(r"/api/v1/accounts/(\d{1,9})(/.*)", path)
        if base is None:
            raise missing()
        if int(base[1]) != self.server.desk.account:
            raise Refused(401, {"error": "You are not authorized to access this account"})
        for (verb, pattern), action in _ROUTES.items():
            found = re.fullmatch(pattern, base[2])
            if verb == method and found:
                return action, [int(one) for one in found.groups()]
        raise missing()

    def _body(self) -> Json:
        length = self.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_LIMIT:
            raise Refused(413, {"error": "too large"})
        data = self.rfile.read(int(length))
        sent = json.loads(data) if data else {}
        if not isinstance(sent, dict):
            raise ValueError
        return sent

    def _send(self, status: int, body: object) -> None:
        path = urlsplit(self.path).path
        silent = status == 200 and self.command == "POST" and _EMPTY.search(path)
        data = b"" if silent else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Simulated", "help desk stand-in")
        self.end_headers()
        self.wfile.write(data)
