"""FixnadoMarketplace against back ends that speak the contract poorly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from golive.adapters.fixnado_http import FixnadoMarketplace
from golive.kernel.errors import NotConfigured, PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.ports.marketplace import Session

PASSWORD = "correct horse battery"


@pytest.fixture
def market(server: Any) -> FixnadoMarketplace:
    accounts = {"user": ("u@rehearsal.fixnado.example", lambda: PASSWORD)}
    return FixnadoMarketplace(server.url + "/", "/api/v1/", accounts, None, Fidelity.LOCAL)


def says(answer: Any, document: object, status: int = 200, **headers: str) -> Any:
    kind = {"Content-Type": "application/json"} | headers
    return answer(status, json.dumps(document).encode(), kind)


def test_tokens_become_a_bearer(market: FixnadoMarketplace, server: Any, answer: Any) -> None:
    server.respond = lambda _: says(
        answer, {"user": {"id": "7"}, "session": {"role": "user"}, "tokens": {"accessToken": "tok"}}
    )
    session = market.login("user")
    market.timeline_hub(session)
    assert server.asked[0].path == "/api/v1/auth/login"
    assert json.loads(server.asked[0].body)["clientType"] == "mobile"
    assert server.asked[1].headers["authorization"] == "Bearer tok"
    assert "tok" not in repr(session)


@pytest.mark.parametrize(
    "url",
    ["http://blue.invalid:9", "http://127.0.0.1.evil.invalid", "HTTP://LOCALHOST@evil.invalid"],
)
def test_no_password_leaves_this_machine_unencrypted(url: str) -> None:
    read: list[str] = []
    accounts = {"user": ("u@rehearsal.fixnado.example", lambda: read.append("read") or PASSWORD)}
    market = FixnadoMarketplace(url, "/v1", accounts, None, Fidelity.LIVE, timeout=0.2)
    with pytest.raises(NotConfigured, match="unencrypted"):
        market.login("user")
    with pytest.raises(NotConfigured, match="unencrypted"):
        market.timeline_hub(Session("7", "user", {"Authorization": "Bearer tok"}))
    assert read == []
    willing = FixnadoMarketplace(
        url, "/v1", accounts, None, Fidelity.LIVE, timeout=0.2, unencrypted=True
    )
    with pytest.raises(Unreachable):
        willing.login("user")


def test_without_tokens_the_cookies_serve(
    market: FixnadoMarketplace, server: Any, answer: Any
) -> None:
    server.respond = lambda _: says(
        answer, {"user": {"id": "7"}, "tokens": None}, **{"Set-Cookie": "sid=abc; Path=/; HttpOnly"}
    )
    session = market.login("user")
    market.commerce_snapshot(session, "serviceman & co")
    assert server.asked[1].headers["cookie"] == "sid=abc"
    assert server.asked[1].path == "/api/v1/commerce/snapshot?persona=serviceman+%26+co"
    assert session.role == "user", "a back end that doesn't say the role has the one asked for"


def test_neither_token_nor_cookie(market: FixnadoMarketplace, server: Any, answer: Any) -> None:
    server.respond = lambda _: says(answer, {"user": {"password": PASSWORD}})
    with pytest.raises(PortError, match="neither a token nor a cookie") as caught:
        market.login("user")
    assert PASSWORD not in caught.value.answer


@pytest.mark.parametrize(
    "body", [b"<html>Welcome to nginx</html>", b"", b"[1]", b"\xff\xfe", b"nul"]
)
def test_answers_that_are_no_object(
    market: FixnadoMarketplace, server: Any, answer: Any, body: bytes
) -> None:
    server.respond = lambda _: answer(200, body, {"Content-Type": "text/html"})
    with pytest.raises(PortError) as caught:
        market.login("user")
    assert caught.value.hint
    assert ("HTML" in str(caught.value)) == body.startswith(b"<")


def test_deep_json_is_no_crash(market: FixnadoMarketplace, server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(200, b"[" * 200_000)
    with pytest.raises(PortError):
        market.login("user")


def test_a_refusal_keeps_its_words_but_no_secret(
    market: FixnadoMarketplace, server: Any, answer: Any
) -> None:
    problem = {"title": "Wrong password", "echo": PASSWORD, "accessToken": "abc", "detail": None}
    server.respond = lambda _: says(answer, problem, 401)
    with pytest.raises(PortError, match="answered 401: Wrong password") as caught:
        market.login("user")
    assert PASSWORD not in caught.value.answer
    assert '"accessToken": "[redacted]"' in caught.value.answer


def test_an_expired_session_is_renewed_once(
    market: FixnadoMarketplace, server: Any, answer: Any
) -> None:
    issued: list[str] = []

    def respond(asked: Any) -> Any:
        if asked.path.endswith("/login"):
            issued.append(f"token-{len(issued)}")
            return says(answer, {"user": {"id": "7"}, "tokens": {"accessToken": issued[-1]}})
        current = asked.headers["authorization"] == "Bearer token-1"
        return says(answer, {"entries": []}) if current else says(answer, {}, 401)

    server.respond = respond
    session = market.login("user")
    assert market.timeline_hub(session) == {"entries": []}
    assert market.timeline_hub(session) == {"entries": []}, "the old session object goes on serving"
    assert issued == ["token-0", "token-1"]


def test_a_session_that_is_refused_again_is_an_error(
    market: FixnadoMarketplace, server: Any, answer: Any
) -> None:
    server.respond = lambda asked: (
        says(answer, {"user": {"id": "7"}, "tokens": {"accessToken": "t"}})
        if asked.path.endswith("/login")
        else says(answer, {}, 401)
    )
    session = market.login("user")
    with pytest.raises(PortError, match="401"):
        market.timeline_hub(session)
    assert len(server.asked) == 4, "one renewal, not a loop"


def test_a_role_without_account(market: FixnadoMarketplace, server: Any) -> None:
    with pytest.raises(NotConfigured, match="'finance'") as caught:
        market.login("finance")
    assert "user" in caught.value.hint
    assert server.asked == []


def test_health_reads_what_is_there(market: FixnadoMarketplace, server: Any, answer: Any) -> None:
    server.respond = lambda asked: (
        says(answer, {"status": "ok", "version": "1.00", "instance": "blue", "schema": 7})
        if asked.path == "/healthz"
        else says(answer, {"status": "error"}, 503)
    )
    health = market.health()
    assert (health.alive, health.ready, health.version, health.instance) == (
        True,
        False,
        "1.00",
        "blue",
    )
    assert health.schema == "", "a number is no revision"


def test_a_proxy_page_is_not_alive(market: FixnadoMarketplace, server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(200, b"<h1>It works!</h1>", {"Content-Type": "text/html"})
    assert not market.health().alive


def test_toggle(market: FixnadoMarketplace, server: Any, answer: Any) -> None:
    server.respond = lambda _: says(answer, {"user": {"id": "7"}, "tokens": {"accessToken": "t"}})
    session = market.login("user")
    market.toggle_component(session, "pay/ments", "error")
    asked = server.asked[-1]
    assert (asked.method, asked.path) == ("PUT", "/api/v1/admin/readiness/pay%2Fments")
    assert json.loads(asked.body)["status"] == "error"


def test_nobody_there() -> None:
    market = FixnadoMarketplace("http://127.0.0.1:9", "/v1", {}, None, Fidelity.LOCAL)
    with pytest.raises(Unreachable) as caught:
        market.health()
    assert "127.0.0.1:9/healthz" in str(caught.value)
