"""The drill in front of marketplaces that lack what it asks for: a complete run, no crash."""

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
from golive.drillkit.testing import run_drill
from golive.drills.refund import Refund
from golive.kernel.fidelity import Fidelity
from golive.ports.target import Target
from refund_world import failed, unknown

Respond = Callable[[str, str, Any], tuple[int, str]]
"""Method, path and body to status and body; signing in works everywhere, by cookie."""
ROLES = ("user", "finance", "compliance", "operations", "legal")


@pytest.fixture
def serving() -> Iterator[Callable[[Respond], Target]]:
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def serve(respond: Respond) -> Target:
        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                given = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                login = self.path.endswith("/auth/login")
                body = json.loads(given) if given else None
                status, said = (200, "{}") if login else respond(self.command, self.path, body)
                self.send_response(status)
                if login:
                    self.send_header("Set-Cookie", "sid=a-session; Path=/; HttpOnly")
                self.send_header("Content-Length", str(len(said.encode())))
                self.end_headers()
                self.wfile.write(said.encode())

            do_GET = do_POST = do_PUT = _any  # noqa: N815  (the library's names)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        accounts = {role: (f"{role}@rehearsal.example", lambda: "a password") for role in ROLES}
        url = f"http://127.0.0.1:{server.server_port}"
        market = FixnadoMarketplace(url, "/api/v1", accounts, None, Fidelity.LOCAL)
        return replace(MemoryTarget().build(), production=market)

    yield serve
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


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
    run = run_drill(Refund(), {}, serving(lambda *_: (status, body)), tmp_path)
    assert run.record.outcome is Outcome.FAILED
    assert "order-found" in failed(run)
    if body not in ("{}", "[]"):
        assert body[2:10] in run.check("order-found").detail
    assert not [one for one in run.record.steps if "itself broke" in one.error]


class Plain:
    """Cases and nothing else: no reference, no digest, no queue, no clock, no keys, no books."""

    def __init__(self) -> None:
        self.status = "received"
        self.reason = ""

    def __call__(self, method: str, path: str, body: Any) -> tuple[int, str]:
        path, _, query = path.removeprefix("/api/v1").partition("?")
        stone = {"id": "m1", "title": "Work", "status": "failed"}
        order = {"id": "o1", "status": "placed", "currency": "GBP", "escrowMinor": 500}
        if path == "/orders":
            return 200, json.dumps([order])
        if path.startswith("/orders/"):
            return 200, json.dumps({**order, "milestones": [stone]})
        if path == "/refunds" and method == "POST":
            if "reference" in body:
                return 422, '{"detail": "reference: extra fields not permitted"}'
            self.reason = body["reason"]
            return 201, json.dumps(self._case())
        if path == "/refunds":
            listed = [] if "queue" in query or not self.reason else [self._case()]
            return 200, json.dumps({"items": listed})
        if path == "/refunds/17":
            return 200, json.dumps(self._case())
        if path == "/refunds/17/decide":
            self.status = "approved"
            return 200, json.dumps(self._case())
        if path == "/refunds/17/settle":
            self.status = "settled"
            return 200, json.dumps(self._case())
        return 404, '{"message": "Cannot do that"}'

    def _case(self) -> dict[str, Any]:
        return {"id": "17", "status": self.status, "orderId": "o1", "milestoneId": "m1",
                "currency": "GBP", "reason": self.reason, "requestedMinor": 500}  # fmt: skip


def test_a_desk_without_references_digests_queue_clock_keys_or_books(
    serving: Callable[[Respond], Target], tmp_path: Path
) -> None:
    run = run_drill(Refund(), {}, serving(Plain()), tmp_path)
    assert {
        "order-found-fallback",
        "reference-kept",
        "report-digest",
        "in-finance-queue",
        "case-taken",
        "update-recorded",
        "buyer-decides-refused",
        "others-case-closed",
        "untouched",
        "settlement-twice-refused",
        "ledger-read",
        "accounts-read",
    } <= failed(run)
    assert {
        "acknowledgement_hours",
        "update_working_days",
        "ledger_imbalance",
        "acks_missing",
        "reversal-visible",
        "paid-by-hand",
    } <= unknown(run)
    assert "Cannot do that" in run.check("ledger-read").detail
    assert run.check("inspection-noted").verdict is CheckVerdict.PASS
    assert not [one for one in run.record.steps if "itself broke" in one.error]
    assert b"settled" in run.files["section/1/case-notes.md"]
    assert run.files["section/1/ledger-entries.csv"].startswith(b"case,posted_at,")
