"""Confluence's documented routes, spoken by a real server on loopback: Cloud's and Data Center's.

The server keeps pages, refuses a title twice, writes the storage format its own way (as Confluence
does), and answers as the documentation says when something is missing.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from golive.adapters.memory import MemoryTarget
from golive.bootstrap import build_target, read_target
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import run_drill
from golive.drills.minutes import Minutes
from golive.kernel.errors import BadInput, NotConfigured, PortError, Unreachable
from golive.ports.wiki import Wiki
from papers_world import HERE, record, standing

TOKEN = "a-token-of-the-wiki-0123456789"
USER = "minutes@rehearsal.fixnado.example"
FLAVOURS = ("cloud", "data-center")
_BASIC = "Basic " + base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()


@dataclass
class Confluence:
    """One space, LAUNCH (id 42), and its pages by id."""

    flavour: str
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    instead: tuple[int, bytes] | None = None
    """What is answered to everything, where it is set."""

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any, said: str
    ) -> tuple[int, Any]:
        self.requests.append(f"{method} {path}")
        if said != (_BASIC if self.flavour == "cloud" else f"Bearer {TOKEN}"):
            return 401, {"message": "Unauthorised"}
        act = self._cloud if self.flavour == "cloud" else self._data_center
        return act(f"{method} {path}", query, body)

    def _cloud(self, route: str, query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        if route == "GET /wiki/api/v2/spaces":
            found = [{"id": "42", "key": "LAUNCH"}] if query["keys"] == "LAUNCH" else []
            return 200, {"results": found, "_links": {}}
        if route == "GET /wiki/api/v2/pages":
            assert query["space-id"] == "42" and query["body-format"] == "storage"
            return 200, {"results": self._titled(query["title"]), "_links": {}}
        if route == "POST /wiki/api/v2/pages":
            assert body["spaceId"] == "42" and body["status"] == "current"
            assert body["body"]["representation"] == "storage"
            return self._make(body["title"], body["body"]["value"], body.get("parentId", ""))
        return 404, {"message": "no route"}

    def _data_center(self, route: str, query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        if route == "GET /rest/api/content":
            assert query["expand"] == "body.storage,version" and query["type"] == "page"
            known = self._titled(query["title"]) if query["spaceKey"] == "LAUNCH" else []
            return 200, {"results": known, "size": len(known)}
        if route == "POST /rest/api/content":
            storage = body["body"]["storage"]
            assert body["type"] == "page" and body["space"] == {"key": "LAUNCH"}
            assert storage["representation"] == "storage"
            parent = body["ancestors"][0]["id"] if "ancestors" in body else ""
            return self._make(body["title"], storage["value"], parent)
        return 404, {"message": "no route"}

    def _titled(self, title: str) -> list[dict[str, Any]]:
        return [one for one in self.pages.values() if one["title"] == title]

    def _make(self, title: str, value: str, parent: str) -> tuple[int, Any]:
        if self._titled(title):
            return 400, {"message": "A page with this title already exists in this space"}
        number = str(1000 + len(self.pages))
        normal = value.replace("<p>", '<p local-id="1">').replace("&#x27;", "'")
        self.pages[number] = {
            "id": number,
            "title": title,
            "parentId": parent,
            "version": {"number": 1},
            "body": {"storage": {"value": normal, "representation": "storage"}},
            "_links": {"webui": f"/spaces/LAUNCH/pages/{number}"},
        }
        return 200, self.pages[number]


class _Handler(BaseHTTPRequestHandler):
    wiki: Confluence

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        if self.wiki.instead is not None:
            status, data = self.wiki.instead
        else:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            said = self.headers.get("Authorization", "")
            status, found = self.wiki.answer(self.command, parts.path, query, body, said)
            data = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *args: object) -> None:
        """Quiet."""


Serve = Callable[[str], tuple[Confluence, str]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[ThreadingHTTPServer] = []

    def begin(flavour: str) -> tuple[Confluence, str]:
        wiki = Confluence(flavour)
        handler = type("Handler", (_Handler,), {"wiki": wiki})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return wiki, f"http://127.0.0.1:{server.server_port}"

    yield begin
    for server in servers:
        server.shutdown()
        server.server_close()


def target_file(url: str, flavour: str, **more: str) -> str:
    lines = {"url": url, "space": "LAUNCH", "flavour": flavour, **more}
    lines |= {"user": USER} if flavour == "cloud" else {}
    said = "\n".join(f'{name} = "{value}"' for name, value in lines.items())
    return f'name = "x"\n[wiki]\n{said}\ntoken = {{ env = "WIKI_TOKEN" }}\n'


def wiki_at(url: str, flavour: str, monkeypatch: pytest.MonkeyPatch, **more: str) -> Wiki:
    """As a target file makes it."""
    monkeypatch.setenv("WIKI_TOKEN", TOKEN)
    config = read_target(target_file(url, flavour, **more).encode(), "target.toml")
    wiki = build_target(config).wiki
    assert wiki is not None
    return wiki


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_page_is_made_found_and_read_back(
    serve: Serve, flavour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = serve(flavour)
    wiki = wiki_at(url, flavour, monkeypatch, parent="7")
    assert wiki.find("Minutes & more") is None
    made = wiki.create("Minutes & more", "<p>What <b>was</b> said</p>")
    found = wiki.find("Minutes & more")
    assert found == made
    assert found.version == 1 and "What <b>was</b> said" in found.storage
    assert found.url.endswith(f"/spaces/LAUNCH/pages/{found.id}")
    assert server.pages[found.id]["parentId"] == "7"
    with pytest.raises(PortError, match="400") as refused:
        wiki.create("Minutes & more", "<p>again</p>")
    assert "already exists" in refused.value.answer


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_drill_makes_one_page_however_often_it_runs(
    serve: Serve, flavour: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server, url = serve(flavour)
    target = replace(MemoryTarget().build(), wiki=wiki_at(url, flavour, monkeypatch))
    for _ in range(2):
        made = run_drill(Minutes(), {}, target, tmp_path, standing=standing(record()), item=HERE)
        assert made.record.outcome is Outcome.PASSED, made.record.steps
        assert made.check("page_as_written").verdict is CheckVerdict.PASS
    assert len(server.pages) == 1
    assert TOKEN not in json.dumps(made.record.to_json())


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("instead", "said"),
    [
        ((200, b"<html>sign in</html>"), "no JSON object"),
        ((200, b"[]"), "no JSON object"),
        ((200, b'{"results": 7}'), "no list of results"),
        ((200, b'{"results": [{"id": "1", "title": "t"}]}'), "describes no page"),
        ((403, b"{}"), "403"),
        ((404, b"nothing here"), "404"),
        ((429, b"slow down"), "429"),
        ((500, b"Bearer abcdefghijklmnop"), "500"),
    ],
)
def test_whatever_comes_instead_is_told(
    serve: Serve,
    flavour: str,
    instead: tuple[int, bytes],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, url = serve(flavour)
    wiki = wiki_at(url, flavour, monkeypatch)
    if flavour == "cloud":
        wiki.find("t")  # the space's id is known from here on
    server.instead = instead
    with pytest.raises(PortError, match=said) as told:
        wiki.find("t")
    assert "abcdefghijklmnop" not in told.value.answer


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_wrong_token_is_named_and_not_shown(
    serve: Serve, flavour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = serve(flavour)
    wiki = wiki_at(url, flavour, monkeypatch)
    monkeypatch.setenv("WIKI_TOKEN", "another-token-0123")
    with pytest.raises(PortError, match="401") as told:
        wiki.find("t")
    assert "another-token" not in str(told.value) + told.value.answer
    monkeypatch.delenv("WIKI_TOKEN")
    with pytest.raises(NotConfigured, match="WIKI_TOKEN"):
        wiki.find("t")


def test_a_space_that_is_not_there_is_named(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    _, url = serve("cloud")
    with pytest.raises(NotConfigured, match="no space 'ELSEWHERE'"):
        wiki_at(url, "cloud", monkeypatch, space="ELSEWHERE").find("t")


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        port = server.server_port
    with pytest.raises(Unreachable, match="no answer"):
        wiki_at(f"http://127.0.0.1:{port}", "data-center", monkeypatch).find("t")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (target_file("http://wiki.example", "cloud"), "https"),
        (target_file("https://a:b@wiki.example", "cloud"), "credentials"),
        (target_file("https://wiki.example", "cloud").replace(f'user = "{USER}"\n', ""), "user"),
        (target_file("https://wiki.example", "data-center", user=USER), "user"),
    ],
)
def test_what_does_not_fit_in_the_target_file(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_target(text.encode(), "target.toml")
