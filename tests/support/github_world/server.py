"""One repository with one workflow, over HTTP. A run goes through its states as it is looked at."""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from githubkit_schemas.v2026_03_10.models import (
    Artifact,
    EnvironmentApprovals,
    Job,
    PendingDeployment,
    SimpleUser,
    Workflow,
    WorkflowDispatchResponse,
    WorkflowRun,
)

from github_world.shapes import smallest

TOKEN = "token-of-the-rehearsal"
_VERSION = "2022-11-28"
"""The only one that an Enterprise Server knows."""
_ROOT = "/repos/fixnado/platform/actions"


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


class GitHubServer:
    """`states` is what a run is at each look; the last one stays."""

    def __init__(self) -> None:
        self.states: list[tuple[str, str | None]] = [
            ("queued", None),
            ("in_progress", None),
            ("completed", "success"),
        ]
        self.tells_run = True
        """Whether a dispatch is answered with the run, as today's servers do."""
        self.away = 0
        """How often a gateway before it says that it isn't there when a run is looked at."""
        self.runs: list[dict[str, Any]] = []
        self.dispatched: list[dict[str, Any]] = []
        self.cancelled: list[int] = []
        self.jobs = [self._job("plan", "success"), self._job("lint", "skipped")]
        self.reviews: list[dict[str, Any]] = []
        self.files = {"plan": zipped(plan="{}")}
        self.digests: dict[str, str | None] = {}
        self.expired: set[str] = set()
        self.odd: dict[str, tuple[int, bytes]] = {}
        """Part of a path to the status and body that are answered there instead."""
        self._looks = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def review(self, person: str, state: str = "approved") -> None:
        environment = {"name": "staging-blue"}
        user = smallest(SimpleUser, login=person)
        self.reviews.append(
            smallest(
                EnvironmentApprovals, state=state, user=user, environments=[environment], comment=""
            )
        )

    # -- what is answered ----------------------------------------------------------------------

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(path)
        for piece, odd in self.odd.items():
            if piece in path:
                return odd
        route = parts.path.removeprefix(_ROOT)
        if route == "/workflows":
            states = {"terraform.yml": "active", "old.yml": "disabled_manually"}
            listed = [
                smallest(Workflow, path=f".github/workflows/{name}", state=state)
                for name, state in states.items()
            ]
            return _json({"total_count": len(listed), "workflows": listed})
        if route == "/workflows/terraform.yml/dispatches" and method == "POST":
            return self._dispatch(json.loads(body))
        if route == "/workflows/terraform.yml/runs":
            assert parse_qs(parts.query)["event"] == ["workflow_dispatch"]
            listed = [self._run(one) for one in reversed(self.runs)]
            return _json({"total_count": len(listed), "workflow_runs": listed})
        found = re.fullmatch(r"/runs/(\d+)(/[a-z_]+)?", route)
        if found:
            return self._about(int(found[1]), found[2] or "", method)
        found = re.fullmatch(r"/artifacts/(\d+)/zip", route)
        if found:
            return 200, list(self.files.values())[int(found[1]) - 1]
        return 404, b'{"message": "Not Found"}'

    def _dispatch(self, said: dict[str, Any]) -> tuple[int, bytes]:
        self.dispatched.append(said)
        number = len(self.runs) + 1
        mark = said.get("inputs", {}).get("rehearsal", "")
        self.runs.append({"id": 1000 + number, "number": 2480 + number, "title": f"Plan {mark}"})
        if not self.tells_run:
            return 204, b""
        return _json(smallest(WorkflowDispatchResponse, workflow_run_id=1000 + number))

    def _about(self, identifier: int, what: str, method: str) -> tuple[int, bytes]:
        run = next((one for one in self.runs if one["id"] == identifier), None)
        if run is None:
            return 404, b'{"message": "Not Found"}'
        if what == "/cancel" and method == "POST":
            self.cancelled.append(identifier)
            self.states = [("completed", "cancelled")]
            return 202, b"{}"
        if what == "" and self.away:
            self.away -= 1
            return 502, b"<html>Bad Gateway</html>"
        if what == "":
            self._looks += 1
            return _json(self._run(run))
        if what == "/logs":
            return 200, zipped(log="terraform plan: no changes")
        listed = {
            "/jobs": {"total_count": len(self.jobs), "jobs": self.jobs},
            "/pending_deployments": [
                smallest(PendingDeployment, environment={"name": "staging-blue"})
            ],
            "/approvals": self.reviews,
            "/artifacts": {"total_count": len(self.files), "artifacts": self._artifacts()},
        }
        return _json(listed[what])

    def _run(self, run: dict[str, Any]) -> dict[str, Any]:
        status, conclusion = self.states[min(self._looks, len(self.states)) - 1]
        return smallest(
            WorkflowRun,
            id=run["id"],
            run_number=run["number"],
            display_title=run["title"],
            status=status,
            conclusion=conclusion,
            actor=smallest(SimpleUser, login="tom"),
        )

    def _job(self, name: str, conclusion: str) -> dict[str, Any]:
        return smallest(Job, name=name, status="completed", conclusion=conclusion)

    def _artifacts(self) -> list[dict[str, Any]]:
        return [
            smallest(
                Artifact,
                id=number,
                name=name,
                size_in_bytes=len(content),
                expired=name in self.expired,
                digest=self.digests.get(name, f"sha256:{hashlib.sha256(content).hexdigest()}"),
            )
            for number, (name, content) in enumerate(self.files.items(), 1)
        ]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                status, content = 401, b'{"message": "Bad credentials"}'
                if self.headers.get("x-github-api-version") != _VERSION:
                    status, content = 400, b'{"message": "unsupported version of the API"}'
                elif self.headers.get("authorization", "").endswith(TOKEN):
                    status, content = server.answer(self.command, self.path, body)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        return Handler


def _json(value: Any) -> tuple[int, bytes]:
    return 200, json.dumps(value).encode()
