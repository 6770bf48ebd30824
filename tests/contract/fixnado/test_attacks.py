"""What an attacker tried at a running instance and got away with once."""

from __future__ import annotations

import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from fixnado.app.edge import Edge
from fixnado.identity import service as identity
from fixnado.identity.model import FAILURES_PER_ACCOUNT
from fixnado_world import Running, email
from fixnado_world.accounts import PASSWORD

REQUESTS = "/v1/compliance/data-requests"
PURGES = "/v1/compliance/purges"


def _request(market: Running, kind: str, by: str) -> str:
    body = {"requestType": kind, "subjectEmail": email("user")}
    request: str = market.as_(by).post(REQUESTS, json=body).raise_for_status().json()["id"]
    market.as_("compliance").post(f"{REQUESTS}/{request}/verify").raise_for_status()
    return request


def test_guesses_at_the_same_time_are_not_more_guesses(market: Running) -> None:
    who = {"email": "nobody@rehearsal.fixnado.example", "password": "a guess"}

    def guess(_: int) -> int:
        return market.guest.post("/v1/auth/login", json=who).status_code

    with ThreadPoolExecutor(20) as pool:
        told = Counter(pool.map(guess, range(3 * FAILURES_PER_ACCOUNT)))
    assert told == {401: FAILURES_PER_ACCOUNT, 429: 2 * FAILURES_PER_ACCOUNT}


def test_a_new_password_ends_the_sessions_of_the_old_one(market: Running) -> None:
    user = market.as_("user")
    account = market.db.read(lambda unit: identity.find_by_email(unit, email("user")))
    market.db.write(lambda unit: identity.ensure_account(unit, account, PASSWORD))
    assert user.get("/v1/orders").status_code == 200
    market.db.write(lambda unit: identity.ensure_account(unit, account, "another password"))
    assert user.get("/v1/orders").status_code == 401


def test_who_filed_for_somebody_does_not_read_the_answer(market: Running) -> None:
    request = _request(market, "access", by="support")
    export = f"{REQUESTS}/{request}/export"
    market.as_("compliance").post(export).raise_for_status()
    assert market.as_("support").get(f"{REQUESTS}/{request}").status_code == 200
    for part in ("", "/payload", "/chunks/0"):
        told = {
            role: market.as_(role).get(export + part).status_code for role in ("support", "user")
        }
        assert told == {"support": 404, "user": 200}, part


def test_an_erasure_leaves_no_copy_among_the_answers_kept_for_repeats(market: Running) -> None:
    support = market.login("support").json()["user"]["id"]
    body = {"subject": "s", "participants": [support], "message": "words of the erased"}
    key = {"Idempotency-Key": "once"}
    market.as_("user").post("/v1/conversations", json=body, headers=key).raise_for_status()
    plan = {"dryRun": True, "requestId": _request(market, "erasure", by="compliance")}
    officer = market.as_("compliance")
    made = officer.post(PURGES, json=plan).raise_for_status().json()
    officer.post(f"{PURGES}/{made['id']}/execute", json={}).raise_for_status()
    with market.db.engine.connect() as connection:
        kept = connection.execute(text("SELECT answer FROM idempotency_keys")).scalars().all()
    assert not [answer for answer in kept if "words of the erased" in (answer or "")]


@pytest.mark.parametrize("amount", ["true", '"100"', '" 7 "', '"1_000"', "1.0", "NaN", "1e400"])
def test_an_amount_is_a_whole_number_and_nothing_like_one(
    shared_market: Running, amount: str
) -> None:
    answer = shared_market.as_("finance").post(
        "/v1/refunds/RF-NONE/decide",
        content=f'{{"outcome":"partial_refund","note":"x","amountMinor":{amount}}}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_body_that_drips_is_given_up(start) -> None:
    market = start()
    edge = market.service.asgi
    assert isinstance(edge, Edge)
    edge.body_within_s = 0.2
    host, port = market.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(
            b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 60\r\n\r\n{"
        )
        answer = raw.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"application/problem+json" in answer
    assert market.login("user").status_code == 200
