"""Both drills in front of marketplaces that lack what they ask for: a complete run, no crash."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.fixnado_http import FixnadoMarketplace
from golive.adapters.memory import MemoryTarget
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.data_governance import DataGovernanceDrill
from golive.drills.legal import Legal
from golive.kernel.fidelity import Fidelity
from golive.ports.target import Target

Respond = Callable[[str, str], tuple[int, str]]
"""Method and path to status and body; signing in works everywhere, by cookie."""
DRILLS = {
    "data-governance": lambda *rest: run_drill(DataGovernanceDrill(), {}, *rest),
    "legal": lambda *rest: run_drill(Legal(), {}, *rest),
}


@pytest.fixture
def serving() -> Iterator[Callable[[Respond], Target]]:
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def serve(respond: Respond) -> Target:
        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                login = self.path.endswith("/auth/login")
                status, body = (200, "{}") if login else respond(self.command, self.path)
                self.send_response(status)
                if login:
                    self.send_header("Set-Cookie", "sid=a-session; Path=/; HttpOnly")
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_POST = _any  # noqa: N815  (the library's names)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        roles = ("user", "compliance", "finance", "legal")
        accounts = {role: (f"{role}@rehearsal.example", lambda: "a password") for role in roles}
        url = f"http://127.0.0.1:{server.server_port}"
        market = FixnadoMarketplace(url, "/api/v1", accounts, None, Fidelity.LOCAL)
        return replace(MemoryTarget().build(), production=market)

    yield serve
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def failed(run: DrillRun) -> dict[str, str]:
    wrong = CheckVerdict.FAIL
    return {one.id: one.detail for one in run.record.checks if one.verdict is wrong}


@pytest.mark.parametrize("drill", DRILLS)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, '{"message": "Cannot GET"}'),
        (500, '{"error": "it broke"}'),
        (200, "<html><title>Welcome</title></html>"),
        (200, "{}"),
        (200, "[]"),
        (403, '{"detail": "Origin is missing"}'),
    ],
)
def test_every_route_answers_the_same(
    serving: Callable[[Respond], Target], tmp_path: Path, drill: str, status: int, body: str
) -> None:
    run = DRILLS[drill](serving(lambda *_: (status, body)), tmp_path)
    assert run.record.outcome is Outcome.FAILED
    found = failed(run)
    assert found
    if body not in ("{}", "[]"):
        assert any(body[2:10] in detail for detail in found.values())


def test_a_desk_without_chunks_digests_or_dry_run(
    serving: Callable[[Respond], Target], tmp_path: Path
) -> None:
    """It files, verifies and exports; the rest of the contract is unknown to it."""
    case = {
        "id": "17",
        "requestType": "access",
        "status": "received",
        "subjectEmail": "user@rehearsal.example",
        "requestedAt": "2024-05-30T12:00:00Z",
        "dueAt": "2024-06-29T12:00:00Z",
        "regionId": "GB",
    }
    held = {"user": {"id": "user"}, "orders": [{"id": "o1"}], "rentals": [], "conversations": []}

    def respond(method: str, path: str) -> tuple[int, str]:
        if path.endswith("/export"):
            return 200, json.dumps(
                {**case, "status": "completed", "payloadLocation": "/exports/17"}
            )
        if path.endswith("/payload"):
            return 200, json.dumps(held)
        if path.endswith("/purges"):
            return 200, '{"deleted": 3}'
        if "data-requests" in path:
            done = {**case, "status": "in_progress"} if path.endswith("/verify") else case
            return 200, json.dumps([] if "?" in path else done)
        return 404, '{"message": "Cannot GET"}'

    run = run_drill(DataGovernanceDrill(), {}, serving(respond), tmp_path)
    found: dict[str, Any] = failed(run)
    assert {
        "request-reference",
        "checksum_failures",
        "datasets_missing",
        "wrong-role-refused",
        "others-case-closed",
        "purge-reasons-expired",
        "due-date",
    } <= found.keys()
    assert run.check("due-date").expected == "2024-07-01"
    assert json.loads(run.files["section/1/export.json"])["orders"] == [{"id": "o1"}]
    assert run.files["section/1/purge.log"]
    assert run.files["section/1/case.json"]
