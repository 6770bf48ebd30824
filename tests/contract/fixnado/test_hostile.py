"""Requests that nobody means well by. Every refusal is a problem, and none is a 500."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from fixnado.platform.settings import BODY_LIMIT_BYTES
from fixnado_world import Running

JSON = {"Content-Type": "application/json"}


def _problem(answer: httpx.Response, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-fixnado-instance"] == "blue"
    assert answer.headers["x-fixnado-version"] == "1.00"
    body = answer.json()
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert body["status"] == status
    return body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b'{"email": 1}',
        b"[" * 50_000,
        b'{"email":"a@b","password":"x","email\\u0000":1}',
        b'{"email":"\\ud800@b","password":"x"}',
        b'{"email":"a@b","password":"x\\u0000"}',
        b'{"email":"a@b","password":"' + b"x" * 300 + b'"}',
    ],
)
def test_a_body_that_is_not_what_was_asked_for(shared_market: Running, content: bytes) -> None:
    answer = shared_market.guest.post("/v1/auth/login", content=content, headers=JSON)
    assert answer.status_code in (400, 401, 422), answer.text
    _problem(answer, answer.status_code)


def test_a_refusal_does_not_send_the_password_back(shared_market: Running) -> None:
    sent = {"email": "not an address", "password": "s3cret-s3cret", "extra": "s3cret-s3cret"}
    answer = shared_market.guest.post("/v1/auth/login", json=sent)
    assert "s3cret" not in answer.text
    assert "email" in _problem(answer, 422)["detail"]


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""]
)
def test_a_body_of_another_media_type(shared_market: Running, media_type: str) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    answer = shared_market.guest.post("/v1/auth/login", content=b"{}", headers=headers)
    _problem(answer, 415)


def test_a_huge_body_is_refused_before_it_is_sent(shared_market: Running) -> None:
    host, port = shared_market.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        raw.sendall(
            b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 9999999999\r\n\r\n"
        )
        assert raw.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_huge_body_without_a_length_is_counted(shared_market: Running) -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(BODY_LIMIT_BYTES // 65_536 + 2):
            yield b" " * 65_536

    answer = shared_market.guest.post("/v1/auth/login", content=drip(), headers=JSON)
    _problem(answer, 413)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/", 404),
        ("GET", "/v1/orders/", 404),
        ("DELETE", "/healthz", 405),
        ("PROPFIND", "/healthz", 405),
        ("GET", "/v1/auth/login", 405),
    ],
)
def test_what_is_not_there(shared_market: Running, method: str, path: str, status: int) -> None:
    answer = shared_market.guest.request(method, path)
    _problem(answer, status)
    if status == 405:
        assert answer.headers["allow"]


@pytest.mark.parametrize("limit", ["0", "-1", "201", "x", "1e9", "99999999999999999999"])
def test_a_limit_out_of_bounds(shared_market: Running, limit: str) -> None:
    _problem(shared_market.as_("user").get("/v1/timeline-hub", params={"limit": limit}), 422)


@pytest.mark.parametrize("wanted", ["' OR '1'='1", "%00", "..%2f..%2fetc", "x" * 100, "%ff"])
def test_an_identifier_that_is_none(shared_market: Running, wanted: str) -> None:
    answer = shared_market.as_("user").get(f"/v1/orders/{wanted}")
    assert answer.status_code in (404, 422)
    _problem(answer, answer.status_code)


def test_an_unexpected_failure_is_a_problem_without_details(market: Running) -> None:
    client = market.as_("user")
    with market.db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE orders RENAME TO gone"))
    answer = client.get("/v1/orders")
    assert answer.status_code in (500, 503)
    _problem(answer, answer.status_code)
    assert "gone" not in answer.text
    assert "SELECT" not in answer.text


def test_an_invented_method_or_path_makes_no_new_series(start) -> None:
    market = start()
    for number in range(5):
        market.guest.request("PROPFIND", f"/pot/{number}")
    exposed = market.guest.get("/metrics").text
    assert "PROPFIND" not in exposed
    assert "/pot" not in exposed
    assert 'method="OTHER",route="unmatched",status="404"} 5.0' in exposed


def test_the_page_of_the_api_asks_nothing_of_others(shared_market: Running) -> None:
    page = shared_market.guest.get("/docs").raise_for_status()
    assert "<script" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path in shared_market.guest.get("/openapi.json").json()["paths"]:
        assert path in page.text
