"""Signing in, staying in, signing out."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import text

from fixnado.identity import model
from fixnado_world import ROLES, Running, email
from fixnado_world.accounts import PASSWORD


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


def _with(market: Running, token: str) -> httpx.Response:
    return httpx.get(f"{market.url}/v1/timeline-hub", headers={"Authorization": f"Bearer {token}"})


def test_a_mobile_login_answers_with_tokens_and_the_role_of_the_account(market: Running) -> None:
    found = market.login("finance").raise_for_status()
    body = found.json()
    assert body["user"]["email"] == email("finance")
    assert body["session"]["role"] == "finance"
    assert 1700 < body["expiresIn"] <= 1800
    assert body["tokens"]["accessToken"] != body["tokens"]["refreshToken"]
    assert found.headers["cache-control"] == "no-store"


def test_a_web_login_answers_with_cookies_that_no_script_can_read(market: Running) -> None:
    with httpx.Client(base_url=market.url) as browser:
        found = browser.post(
            "/v1/auth/login", json={"email": email("user"), "password": PASSWORD}
        ).raise_for_status()
        assert found.json()["tokens"] is None
        for cookie in found.headers.get_list("set-cookie"):
            assert "HttpOnly" in cookie
            assert "SameSite=strict" in cookie
        assert browser.get("/v1/timeline-hub").status_code == 200
        stranger = browser.post("/v1/auth/logout", headers={"Origin": "https://evil.example"})
        assert stranger.status_code == 403
        host = httpx.URL(market.url).netloc.decode()
        same = browser.post("/v1/auth/logout", headers={"Origin": f"http://{host}"})
        assert same.status_code == 204
        assert market.guest.get("/v1/timeline-hub").status_code == 401


def test_the_database_keeps_no_token_and_no_password(market: Running) -> None:
    tokens = market.login("user").json()["tokens"]
    with market.db.engine.connect() as connection:
        for table in ("users", "sessions"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            kept = repr(rows)
            assert tokens["accessToken"] not in kept
            assert tokens["refreshToken"] not in kept
            assert PASSWORD not in kept
        hashes = connection.execute(
            text("SELECT password_hash FROM users WHERE password_hash IS NOT NULL")
        ).all()
    assert len(hashes) == len(ROLES)
    assert all(row[0].startswith("$argon2id$") for row in hashes)


@pytest.mark.parametrize(
    ("who", "password"),
    [
        (email("user"), "not the password"),
        ("nobody@rehearsal.fixnado.example", PASSWORD),
        ("SYNTHETIC", PASSWORD),
    ],
    ids=["wrong password", "unknown person", "person without a password"],
)
def test_wrong_and_unknown_get_the_same_words(market: Running, who: str, password: str) -> None:
    if who == "SYNTHETIC":
        with market.db.engine.connect() as connection:
            query = text("SELECT email FROM users WHERE password_hash IS NULL")
            who = connection.execute(query).scalars().first()
    found = market.guest.post("/v1/auth/login", json={"email": who, "password": password})
    assert found.status_code == 401
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["detail"] == "e-mail or password is wrong"


def test_an_unknown_address_costs_a_password_check_like_a_known_one(market: Running) -> None:
    hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
    known_hash = hasher.hash("right password")

    def fastest(act: Callable[[], object]) -> float:
        times = []
        for _ in range(4):
            began = time.perf_counter()
            act()
            times.append(time.perf_counter() - began)
        return min(times)

    def check() -> None:
        with pytest.raises(VerifyMismatchError):
            hasher.verify(known_hash, "wrong password")

    def attempt() -> None:
        who = {"email": "nobody@rehearsal.fixnado.example", "password": "wrong password"}
        assert market.guest.post("/v1/auth/login", json=who).status_code == 401

    # a busy machine slows either of them, but no answer can come before its check is done
    attempt()
    assert fastest(attempt) > 0.9 * min(fastest(check), fastest(check))


def test_a_session_expires_and_a_refresh_renews_it(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    tokens = market.login("user").json()["tokens"]
    clock.forward(model.ACCESS_TTL - timedelta(seconds=1))
    assert _with(market, tokens["accessToken"]).status_code == 200
    clock.forward(timedelta(seconds=1))
    assert _with(market, tokens["accessToken"]).status_code == 401
    renewed = market.guest.post(
        "/v1/auth/refresh", json={"refreshToken": tokens["refreshToken"]}
    ).raise_for_status()
    assert _with(market, renewed.json()["tokens"]["accessToken"]).status_code == 200
    clock.forward(model.REFRESH_TTL)
    late = {"refreshToken": renewed.json()["tokens"]["refreshToken"]}
    assert market.guest.post("/v1/auth/refresh", json=late).status_code == 401


def test_a_refresh_token_that_is_used_twice_ends_the_session(market: Running) -> None:
    first = market.login("user").json()["tokens"]
    spent = {"refreshToken": first["refreshToken"]}
    second = market.guest.post("/v1/auth/refresh", json=spent).raise_for_status().json()["tokens"]
    assert _with(market, first["accessToken"]).status_code == 401
    assert _with(market, second["accessToken"]).status_code == 200
    assert market.guest.post("/v1/auth/refresh", json=spent).status_code == 401
    assert _with(market, second["accessToken"]).status_code == 401


def test_logging_out_ends_the_session_at_once(market: Running) -> None:
    client = market.as_("user")
    assert client.get("/v1/timeline-hub").status_code == 200
    assert client.post("/v1/auth/logout").status_code == 204
    assert client.get("/v1/timeline-hub").status_code == 401


def test_failed_attempts_are_limited_and_the_limit_passes(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    wrong = {"email": email("user"), "password": "wrong password"}
    for _ in range(model.FAILURES_PER_ACCOUNT):
        assert market.guest.post("/v1/auth/login", json=wrong).status_code == 401
    refused = market.login("user")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= model.FAILURE_WINDOW.total_seconds()
    assert market.login("finance").status_code == 200
    clock.forward(model.FAILURE_WINDOW)
    assert market.login("user").status_code == 200


def test_a_limit_holds_on_the_other_instance_too(start) -> None:
    blue, green = start(instance="blue"), start(instance="green", version="0.99")
    wrong = {"email": email("user"), "password": "wrong password"}
    for number in range(model.FAILURES_PER_ACCOUNT):
        (blue, green)[number % 2].guest.post("/v1/auth/login", json=wrong)
    assert blue.login("user").status_code == 429
    assert green.login("user").status_code == 429


def test_a_role_that_a_client_claims_is_worth_nothing(market: Running) -> None:
    forged = {"X-Role": "operations", "X-User-Role": "admin", "X-Fixnado-Role": "operations"}
    guest = market.guest.put(
        "/v1/admin/readiness/commerce", json={"status": "error"}, headers=forged
    )
    assert guest.status_code == 401
    user = market.as_("user").put(
        "/v1/admin/readiness/commerce?role=operations", json={"status": "error"}, headers=forged
    )
    assert user.status_code == 403
    claimed = {"email": email("user"), "password": PASSWORD, "role": "operations"}
    assert market.guest.post("/v1/auth/login", json=claimed).status_code == 422


@pytest.mark.parametrize("token", ["x", "é", "a" * 5000, "Bearer", "' OR 1=1 --"])
def test_a_made_up_token_opens_nothing(market: Running, token: str) -> None:
    headers = [(b"authorization", b"Bearer " + token.encode())]
    assert market.guest.get("/v1/timeline-hub", headers=headers).status_code == 401


def test_a_role_taken_away_counts_at_once(market: Running) -> None:
    client = market.as_("operations")
    with market.db.engine.begin() as connection:
        connection.execute(
            text("UPDATE users SET role = 'user' WHERE email = :email"),
            {"email": email("operations")},
        )
    found = client.put("/v1/admin/readiness/commerce", json={"status": "error"})
    assert found.status_code == 403


def test_a_session_of_one_instance_is_good_on_the_other(start) -> None:
    secret = bytes(range(32))
    blue, green = start(secret=secret), start(secret=secret, instance="green", version="0.99")
    token = blue.login("user").json()["tokens"]["accessToken"]
    assert _with(green, token).status_code == 200
