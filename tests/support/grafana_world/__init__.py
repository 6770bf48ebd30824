"""A small real HTTP server with the routes of a Grafana that rehearsals use, and its memory."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "glsa_testing"


@dataclass
class FakeGrafana:
    """`url` is its root, under a path as behind many proxies."""

    url: str = ""
    renders: bool = True
    picture: bytes = b""
    """What its renderer makes of any panel."""
    dashboards: dict[str, dict[str, Any]] = field(default_factory=dict)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    rendered: list[dict[str, list[str]]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    broken: tuple[int, bytes] | None = None
    """Answered to everything in its place."""


@contextmanager
def grafana(picture: bytes = b"") -> Iterator[FakeGrafana]:
    world = FakeGrafana(picture=picture)

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            world.calls.append(f"{self.command} {urlsplit(self.path).path}")
            status, answer = _answer(world, self.command, self.path, dict(self.headers), body)
            kind = "image/png" if answer.startswith(b"\x89PNG") else "application/json"
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if answer[:1] == b"<" else kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = _any  # noqa: N815  (the library's names)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        world.url = f"http://127.0.0.1:{server.server_port}/grafana"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield world
        finally:
            server.shutdown()
            thread.join()


def _answer(
    world: FakeGrafana, method: str, target: str, headers: dict[str, str], body: bytes
) -> tuple[int, bytes]:
    url = urlsplit(target)
    path, query = url.path.removeprefix("/grafana"), parse_qs(url.query)
    if world.broken is not None:
        return world.broken
    if headers.get("Authorization") != f"Bearer {TOKEN}":
        return 401, b'{"message":"Invalid API key"}'
    if path.startswith("/render/d-solo/"):
        world.rendered.append({"uid": [path.split("/")[3]], **query})
        return 200, world.picture
    status, said = _api(world, method, path, query, json.loads(body) if body else {})
    return status, json.dumps(said).encode()


def _api(
    world: FakeGrafana, method: str, path: str, query: dict[str, list[str]], sent: Any
) -> tuple[int, Any]:
    match method, path.split("/")[2:]:
        case "GET", ["frontend", "settings"]:
            return 200, {"rendererAvailable": world.renders, "buildInfo": {"version": "11.2.0"}}
        case "GET", ["dashboards", "uid", uid]:
            if uid not in world.dashboards:
                return 404, {"message": "Dashboard not found"}
            meta = {"url": f"/grafana/d/{uid}/{uid}", "version": 3}
            return 200, {"dashboard": world.dashboards[uid], "meta": meta}
        case "POST", ["dashboards", "db"]:
            return _push(world, sent)
        case "GET", ["annotations"]:
            first, last = int(query["from"][0]), int(query["to"][0])
            tags = set(query.get("tags", []))
            found = [
                one
                for one in world.annotations
                if first <= one["timeEnd"] and one["time"] <= last and tags <= set(one["tags"])
            ]
            return 200, found[: int(query.get("limit", ["100"])[0])]
        case "POST", ["annotations"]:
            if not sent.get("text"):
                return 400, {"message": "Failed to save annotation: empty text"}
            made = {**sent, "id": len(world.annotations) + 1}
            world.annotations.append(made)
            return 200, {"id": made["id"], "message": "Annotation added"}
    return 404, {"message": "Not found"}


def _push(world: FakeGrafana, sent: Any) -> tuple[int, Any]:
    dashboard = sent["dashboard"]
    uid = dashboard["uid"]
    if uid in world.dashboards and not sent.get("overwrite"):
        return 412, {"status": "name-exists", "message": "a dashboard with that uid exists"}
    # as Grafana does: numbers of its own, and defaults that were not said
    kept = {**dashboard, "id": len(world.dashboards) + 1, "version": 1, "links": []}
    world.dashboards[uid] = kept | {"folder": sent.get("folderUid", "")}
    return 200, {"uid": uid, "url": f"/grafana/d/{uid}/{uid}", "status": "success", "version": 1}
