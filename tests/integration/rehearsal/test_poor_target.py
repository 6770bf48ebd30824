"""A whole rehearsal in front of a back end that lacks almost everything: it runs to its end, every
lack is a check that doesn't pass with the answer attached, and nothing breaks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.fixnado_http import FixnadoMarketplace
from golive.adapters.memory import MemoryTarget
from golive.evidence.verify import State, verify
from golive.kernel.fidelity import Fidelity
from golive.ports.target import Target, TargetConfig
from golive.rehearsal.board import fold
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events
from golive.rehearsal.run import begin
from harness.memory_run import MemorySupplies, order

DRILLS = {
    "synthetic": "with: {checks: [login, timeline-hub, data-request], rounds: 2}",
    "readiness": "with: {component: commerce, within_seconds: 1}",
    "data-governance": "",
    "refund": "",
    "incident": "",
    "legal": "",
    "blue-green": "with: {abort_at: 50%, hook: {checks: [login]}}",
}
ROLES = ("user", "operations", "finance", "compliance", "legal", "support", "admin", "provider")


def playbook() -> str:
    matter = "golive: 1\nrelease: '2'\ndate: 2024-05-30\ntimezone: UTC\nvault: vault"
    head = f"---\n{matter}\n---\n# Poor\n\n## Timeline\n"
    rows = [f"| {9 + n}:00 | [{name}](#{name}) | QA Lead | |" for n, name in enumerate(DRILLS)]
    table = "\n".join(
        ["| Time | Activity | Owner | Artefacts |", "| --- | --- | --- | --- |", *rows]
    )
    blocks = [
        f"## {name}\n\n```yaml golive\ndrill: {name}\n{params}\n```\n"
        for name, params in DRILLS.items()
    ]
    return f"{head}{table}\n\n" + "\n".join(blocks)


@dataclass
class PoorBackEnd:
    """Signs people in by cookie, demands `Origin` where asked to, and knows nothing else."""

    status: int
    body: str
    asks_origin: bool = False
    seen: set[str] = field(default_factory=set)

    def __enter__(self) -> PoorBackEnd:
        poor = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                poor.seen.add(f"{self.command} {self.path.partition('?')[0]}")
                login = self.path.endswith("/auth/login")
                status, body = (200, "{}") if login else (poor.status, poor.body)
                if poor.asks_origin and not self.headers.get("origin"):
                    status, body = 403, '{"detail": "Origin is missing"}'
                self.send_response(status)
                if login:
                    self.send_header("set-cookie", "sid=a-session; Path=/; HttpOnly")
                self.send_header("content-length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def do_GET(self) -> None:
                self.answer()

            def do_POST(self) -> None:
                self.answer()

            def do_PUT(self) -> None:
                self.answer()

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def market(self) -> Any:
        accounts = {role: (f"{role}@rehearsal.example", lambda: "a password") for role in ROLES}
        url = f"http://127.0.0.1:{self._server.server_port}"
        return FixnadoMarketplace(url, "/api/v1", accounts, None, Fidelity.LOCAL)


class PoorTarget(MemoryTarget):
    """Everything but the marketplace is as in memory."""

    def __init__(self, back_end: PoorBackEnd) -> None:
        super().__init__()
        self._back_end = back_end

    def build(self, config: TargetConfig | None = None) -> Target:
        market = self._back_end.market()
        built = super().build(config)
        sides = dict.fromkeys(built.instances, market)
        return replace(built, instances=sides, production=market, validation=market)


@pytest.fixture(
    params=[
        PoorBackEnd(404, '{"message": "Cannot GET"}'),
        PoorBackEnd(500, '{"error": "it broke"}'),
        PoorBackEnd(200, "<html><title>Welcome</title></html>"),
        PoorBackEnd(200, "[]", asks_origin=True),
    ],
    ids=["404", "500", "html", "origin"],
)
def back_end(request: pytest.FixtureRequest) -> Iterator[PoorBackEnd]:
    with request.param as there:
        yield there


def test_a_complete_run_in_which_each_lack_is_named(
    supplies: MemorySupplies, back_end: PoorBackEnd
) -> None:
    supplies.memory = PoorTarget(back_end)
    verdict = begin(order(playbook(), supplies.folder), supplies)
    assert verdict["verdict"] == "not-ready"
    assert verify(Path(str(verdict["vault"]))).state is State.INTACT

    board = fold(read_events(RunFolder.find(supplies.folder / "state", None).events))
    assert {item.state for item in board.items.values()} <= {"failed", "passed"}
    errors = [step.error for item in board.items.values() for step in item.steps.values()]
    assert not [error for error in errors if "the drill itself broke" in error]
    for name in DRILLS:
        item = board.items[f"{name}/1"]
        wrong = [one for one in item.checks if one["verdict"] != "pass"]
        said = [str(one["detail"]) for one in wrong]
        said += [step.error for step in item.steps.values() if step.error]
        assert item.state == "failed", name
        assert any(said), f"{name} says nothing of what it met"
    assert any("/api/v1/compliance/data-requests" in one for one in back_end.seen) or (
        back_end.asks_origin
    )
