"""What the service asks of a help desk, held against Chatwoot's published request schemas.

The schemas are written down here from its API documentation (application API, OpenAPI 3): fields,
types, required ones and enumerations. A field that isn't documented is a failure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from fixnado.platform.settings import HelpDesk
from fixnado_world import Running
from helpdesk_world import DeskProcess

TEXT, INTEGER, OBJECT = {"type": "string"}, {"type": "integer"}, {"type": "object"}
PRIORITY = {"enum": ["urgent", "high", "medium", "low", None]}
STATUS = {"enum": ["open", "resolved", "pending", "snoozed"]}


def body(required: list[str], **fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "properties": fields,
        "additionalProperties": False,
    }


PUBLISHED: dict[str, dict[str, Any] | None] = {
    r"GET /contacts/search": None,
    r"POST /contacts": body(
        ["inbox_id"],
        inbox_id=INTEGER,
        name=TEXT,
        email=TEXT,
        phone_number=TEXT,
        identifier=TEXT,
        custom_attributes=OBJECT,
        additional_attributes=OBJECT,
    ),
    r"GET /contacts/\d+/conversations": None,
    r"POST /conversations": body(
        ["source_id"],
        source_id=TEXT,
        inbox_id=INTEGER,
        contact_id=INTEGER,
        custom_attributes=OBJECT,
        additional_attributes=OBJECT,
        status={"enum": ["open", "resolved", "pending"]},
        assignee_id=INTEGER,
        team_id=INTEGER,
    ),
    r"GET /conversations/\d+": None,
    r"GET /conversations/\d+/messages": None,
    r"POST /conversations/\d+/messages": body(
        ["content"],
        content={"type": "string", "minLength": 1},
        message_type={"enum": ["outgoing", "incoming"]},
        private={"type": "boolean"},
        content_type={"enum": ["text", "input_email", "cards", "input_select", "form", "article"]},
        content_attributes=OBJECT,
    ),
    r"GET /conversations/\d+/labels": None,
    r"POST /conversations/\d+/labels": body(["labels"], labels={"type": "array", "items": TEXT}),
    r"POST /conversations/\d+/assignments": body([], assignee_id=INTEGER, team_id=INTEGER),
    r"POST /conversations/\d+/toggle_status": body(["status"], status=STATUS),
    r"POST /conversations/\d+/toggle_priority": body([], priority=PRIORITY),
}


class Recorder:
    """Stands before a help desk, passes everything on, and remembers what was asked."""

    def __init__(self, behind: DeskProcess) -> None:
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._pass_on()

            def do_POST(self) -> None:
                self._pass_on()

            def _pass_on(self) -> None:
                data = self.rfile.read(int(self.headers.get("content-length", "0")))
                sent = json.loads(data) if data else None
                asked.append((f"{self.command} {self.path}", dict(self.headers), sent))
                answer = httpx.request(
                    self.command,
                    behind.url + self.path,
                    content=data,
                    headers={"api_access_token": self.headers["api_access_token"]},
                )
                self.send_response(answer.status_code)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


@pytest.fixture
def recorder(desk: Callable[..., DeskProcess]) -> Iterator[Recorder]:
    found = Recorder(desk("--labels", "sev1,vip"))
    yield found
    found.close()


def test_every_request_is_one_that_the_documentation_knows(
    start: Callable[..., Running], desk: Callable[..., DeskProcess], recorder: Recorder, until
) -> None:
    token = desk().token
    market = start(help_desk=HelpDesk(recorder.url, 1, token, 1, 7))
    client = market.as_("support")
    made = client.post("/v1/incidents", json={"severity": "SEV1", "title": "x"}).json()["id"]
    url = f"/v1/incidents/{made}"

    def outcome(number: int) -> dict[str, Any]:
        client.post(f"{url}/escalate", json={"reason": "y"}).raise_for_status()
        until(lambda: client.get(f"{url}/escalations").json()["escalations"][number]["outcome"])
        found: dict[str, Any] = client.get(f"{url}/escalations").json()["escalations"][number]
        known: dict[str, Any] = found["outcome"]
        return known

    first = outcome(0)
    # the help desk drops labels that nobody defined, and knows no team 7: the outcome says so
    assert first["labels"] == ["sev1"]
    assert first["teamId"] is None
    path = f"/api/v1/accounts/1/conversations/{first['conversationId']}/toggle_status"
    httpx.post(
        recorder.url + path, json={"status": "resolved"}, headers={"api_access_token": token}
    ).raise_for_status()
    outcome(1)
    kinds = set()
    for asked, headers, sent in recorder.asked:
        assert headers["api_access_token"] == token
        assert token not in asked
        method, _, where = asked.partition(" ")
        short = f"{method} {where.partition('?')[0].removeprefix('/api/v1/accounts/1')}"
        kind = next((one for one in PUBLISHED if re.fullmatch(one, short)), None)
        assert kind, f"{short} is not documented"
        kinds.add(kind)
        schema = PUBLISHED[kind]
        if schema is None:
            assert sent is None
        else:
            Draft202012Validator(schema).validate(sent)
    assert kinds == set(PUBLISHED)
