"""The incident drill in front of marketplaces that lack what it asks for: no crash."""

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
from golive.drills.incident import IncidentDrill
from golive.kernel.fidelity import Fidelity
from golive.ports.target import Target

Respond = Callable[[str, str, Any], tuple[int, str]]
"""Method, path and what was sent, to status and body; signing in works everywhere, by cookie."""


@pytest.fixture
def serving() -> Iterator[Callable[[Respond], Target]]:
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def serve(respond: Respond) -> Target:
        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                sent = json.loads(data or b"null")
                login = self.path.endswith("/auth/login")
                status, body = (200, "{}") if login else respond(self.command, self.path, sent)
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
        accounts = {"support": ("support@rehearsal.example", lambda: "a password")}
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
    serving: Callable[[Respond], Target], tmp_path: Path, status: int, body: str
) -> None:
    run = run_drill(IncidentDrill(), {}, serving(lambda *_: (status, body)), tmp_path)
    assert run.record.outcome is Outcome.FAILED
    found = failed(run)
    assert set(found) >= {"incident-raised"}
    if body not in ("{}", "[]"):
        assert body[2:10] in found["incident-raised"]


@pytest.mark.parametrize("by_reference", [True, False])
def test_incidents_alone_without_escalation_drafts_or_ledger(
    serving: Callable[[Respond], Target], tmp_path: Path, by_reference: bool
) -> None:
    """It keeps incidents with few fields, with or without our reference, and knows nothing else."""
    kept: dict[str, str] = {}

    def respond(method: str, path: str, sent: Any) -> tuple[int, str]:
        plain = path.partition("?")[0].removeprefix("/api/v1")
        if plain == "/incidents" and method == "GET":
            return 200, json.dumps([kept] if kept else [])
        if plain == "/incidents":
            kept.update(id="17", status="open", severity=sent["severity"])
            if by_reference:
                kept["reference"] = sent["reference"]
        elif plain == "/incidents/17/resolve":
            kept["status"] = "resolved"
        elif not plain.startswith("/incidents/17") or plain.count("/") > 2:
            return 404, '{"message": "Cannot POST"}'
        return 200, json.dumps(kept)

    run = run_drill(IncidentDrill(), {"deliver_within": 0.3}, serving(respond), tmp_path)
    found = failed(run)
    assert ("incident-reference" in found) == (not by_reference)
    assert {
        "escalated",
        "drafts-kept",
        "acknowledgement-taken",
        "incident-mitigated",
        "resolved-at",
        "public-page-read",
        "ledger-read",
    } <= found.keys()
    assert "Cannot POST" in found["escalated"]
    assert run.files["section/1/incident-ledger.json"]
    assert [step.error for step in run.record.steps] == [""] * len(run.record.steps)
