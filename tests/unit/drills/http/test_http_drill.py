"""The http drill over a real server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from golive.adapters.http import HttpxClient
from golive.adapters.memory import MemoryTarget
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.http import HttpRequest
from golive.kernel.fidelity import Fidelity
from golive.ports.target import Target


@dataclass
class Desk:
    """A server that answers as it is told and remembers what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b'{"state": "open", "count": 3}'
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def desk() -> Iterator[Desk]:
    found = Desk()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.asked.append((self.command, self.path, headers, body))
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        do_GET = do_POST = do_PATCH = _any  # noqa: N815  (the library's names)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def target(desk: Desk) -> Target:
    memory = MemoryTarget()
    config = memory.config().model_copy(update={"variables": {"desk": desk.url}})
    return replace(memory.build(config), http=HttpxClient(None, Fidelity.LOCAL))


def carry_out(target: Target, work: Path, **params: Any) -> DrillRun:
    return run_drill(HttpRequest(), {"url": "{desk}/a?b=c", **params}, target, work)


def failed(run: DrillRun) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is not CheckVerdict.PASS}


def test_a_good_answer(target: Target, desk: Desk, tmp_path: Path) -> None:
    run = carry_out(
        target,
        tmp_path,
        expect_json={"/state": "open", "/count": {"at_most": 3}},
        extract={"count": "/count"},
    )
    assert run.record.outcome is Outcome.PASSED
    assert desk.asked[0][:2] == ("GET", "/a?b=c")
    assert "idempotency-key" not in desk.asked[0][2]
    assert run.files["section/1/http-body.txt"] == desk.body
    [body] = [one for one in run.record.evidence if one.path.endswith("http-body.txt")]
    assert (body.media_type, body.fidelity) == ("application/json", Fidelity.LOCAL)
    assert run.record.steps[0].value == {"status": 200, "extracted": {"count": 3}}


def test_another_status(target: Target, desk: Desk, tmp_path: Path) -> None:
    desk.status = 503
    run = carry_out(target, tmp_path)
    assert failed(run) == {"status"}
    assert run.check("status").measured == 503
    assert "section/1/http-body.txt" in run.files, "kept before it is judged"
    assert failed(carry_out(target, tmp_path, status=503)) == set()
    assert failed(carry_out(target, tmp_path, status=[200, 503])) == set()
    assert failed(carry_out(target, tmp_path, status=[200, 204])) == {"status"}


def test_html_where_json_was_expected(target: Target, desk: Desk, tmp_path: Path) -> None:
    desk.body = b"<html>Please sign in</html>"
    run = carry_out(target, tmp_path, expect_json={"/state": "open"}, extract={"x": "/state"})
    assert failed(run) == {"json", "json:/state:equals", "extract:x"}


def test_a_change_carries_the_same_key_at_every_attempt(
    target: Target, desk: Desk, tmp_path: Path
) -> None:
    for _ in range(2):
        carry_out(target, tmp_path, method="POST", body={"day": "{date}", "n": 1})
    keys = {headers["idempotency-key"] for _, _, headers, _ in desk.asked}
    assert len(keys) == 1
    assert json.loads(desk.asked[0][3]) == {"day": "2024-05-30", "n": 1}
    assert desk.asked[0][2]["content-type"] == "application/json"


def test_a_text_is_sent_as_it_is(target: Target, desk: Desk, tmp_path: Path) -> None:
    headers = {"content-type": "text/csv", "idempotency-key": "mine"}
    carry_out(target, tmp_path, method="PATCH", body="a,b\n", headers=headers)
    assert desk.asked[0][3] == b"a,b\n"
    assert desk.asked[0][2]["content-type"] == "text/csv"
    assert desk.asked[0][2]["idempotency-key"] == "mine"


def test_credentials_go_out_and_are_kept_nowhere(
    target: Target, desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.touch(mode=0o600)
    file.write_text("t0ken-of-the-desk\n")
    desk.body = b'{"echo": "Bearer t0ken-of-the-desk"}'
    desk.headers |= {"Set-Cookie": "sid=c00kie", "X-Echo": "t0ken-of-the-desk"}
    run = carry_out(
        target,
        tmp_path,
        headers={"Authorization": {"file": "token", "prefix": "Bearer "}},
        extract={"echo": "/echo"},
    )
    assert desk.asked[0][2]["authorization"] == "Bearer t0ken-of-the-desk"
    everything = json.dumps(run.record.to_json()).encode() + b"".join(run.files.values())
    assert b"t0ken" not in everything
    assert b"c00kie" not in everything
    assert run.record.outcome is Outcome.PASSED


def test_nobody_there(target: Target, tmp_path: Path) -> None:
    run = run_drill(HttpRequest(), {"url": "http://127.0.0.1:9/"}, target, tmp_path)
    assert failed(run) == {"answered"}
    assert run.record.outcome is Outcome.FAILED


def test_a_name_that_is_not_there(target: Target, desk: Desk, tmp_path: Path) -> None:
    run = run_drill(HttpRequest(), {"url": "{dsek}/"}, target, tmp_path)
    assert "{dsek}" in run.record.steps[0].error
    assert desk.asked == []


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"url": ""},
        {"url": "x", "method": "BREW"},
        {"url": "x", "status": "good"},
        {"url": "x", "expect_json": {"no-slash": 1}},
        {"url": "x", "headers": {"A": {"value": "secret"}}},
        {"url": "x", "extract": {"a": "("}},
    ],
)
def test_parameters_that_do_not_fit(params: Any) -> None:
    with pytest.raises(ValidationError):
        HttpRequest().parse(params)


@pytest.mark.parametrize("willing", [False, True])
def test_no_secret_travels_where_it_can_be_overheard(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, willing: bool
) -> None:
    """Where the target file allows it, the request goes as far as a name that nobody has."""
    monkeypatch.setenv("DESK_KEY", "s3cret-of-the-desk")
    config = target.config.model_copy(update={"unencrypted": willing})
    found = carry_out(
        replace(target, config=config),
        tmp_path,
        url="http://desk.invalid/",
        headers={"Authorization": {"env": "DESK_KEY", "prefix": "Bearer "}},
    )
    told = found.record.steps[0].error
    assert ("would travel unencrypted" in told) is not willing
    assert "s3cret" not in told
