"""Knowing an id opens nothing: what belongs to one person, asked for by others who may use the
route."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from fixnado.platform.access import Role
from fixnado.platform.web import declared_roles
from fixnado_world import ROLES, Running, email

REPORT = base64.b64encode(b"%PDF-1.7 It leaks.").decode()
OUTSIDERS = ("serviceman", "enterprise")
"""Neither a party to the user's order nor staff."""


def _belongings(market: Running) -> dict[str, str]:
    """The user's own things by the name that routes give their ids."""
    user = market.as_("user")
    order = next(
        one
        for one in user.get("/v1/orders?limit=200").raise_for_status().json()["orders"]
        if one["amountMinor"] == 18_450
    )
    order = user.get(f"/v1/orders/{order['id']}").raise_for_status().json()
    milestone = next(one for one in order["milestones"] if one["status"] == "failed")
    report = {"fileName": "a.pdf", "mediaType": "application/pdf", "contentBase64": REPORT}
    case = _made(
        market, "/v1/refunds",
        {"orderId": order["id"], "milestoneId": milestone["id"], "inspectionReport": report,
         "preferredOutcome": "full_refund", "reason": "It leaks."},
    )  # fmt: skip
    request = _made(
        market, "/v1/compliance/data-requests",
        {"requestType": "access", "subjectEmail": email("user")},
    )  # fmt: skip
    talk = _made(
        market, "/v1/conversations",
        {"subject": "Mine", "participants": [_id(market, "support")], "message": "private"},
    )  # fmt: skip
    return {
        "order_id": order["id"], "milestone_id": milestone["id"], "case_id": case["id"],
        "evidence_id": case["evidence"][0]["id"], "request_id": request["id"], "index": "0",
        "conversation_id": talk["id"],
    }  # fmt: skip


def _id(market: Running, role: str) -> str:
    found: dict[str, Any] = market.login(role).raise_for_status().json()
    return str(found["user"]["id"])


def _made(market: Running, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Idempotency-Key": f"outsiders{path}"}
    answer = market.as_("user").post(path, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_id_opens_nothing_to_those_whose_it_is_not(market: Running) -> None:
    mine = _belongings(market)
    wrong, tried = [], 0
    for (method, template), allowed in declared_roles(market.service.api).items():
        names = [part.split("}")[0] for part in template.split("{")[1:]]
        if not names or any(name not in mine for name in names):
            continue
        for role in OUTSIDERS:
            if Role(role) not in allowed:
                continue
            tried += 1
            path = template.format(**mine)
            answer = market.as_(role).request(method, path, json={} if method != "GET" else None)
            if answer.status_code not in (403, 404, 422) or (
                method == "GET" and answer.status_code != 404
            ):
                wrong.append(f"{role} {method} {template}: {answer.status_code} {answer.text[:80]}")
    assert not wrong, "\n".join(wrong)
    assert tried >= 12


@pytest.mark.parametrize(
    "header",
    ["X-Role", "X-Forwarded-User", "X-User-Id", "X-Original-URL", "X-HTTP-Method-Override"],
)
def test_a_header_gives_nobody_a_role(shared_market: Running, header: str) -> None:
    for value in (*ROLES[:2], "admin", email("admin"), "/v1/incidents", "DELETE"):
        for client, status in ((shared_market.guest, 401), (shared_market.as_("user"), 403)):
            assert client.get("/v1/incidents", headers={header: value}).status_code == status


def test_ones_idempotency_key_is_nobody_elses(market: Running) -> None:
    key = {"Idempotency-Key": "the-same-for-all"}
    body = {"subject": "s", "participants": [_id(market, "support")], "message": "private words"}
    first = market.as_("user").post("/v1/conversations", json=body, headers=key)
    other = market.as_("serviceman").post("/v1/conversations", json=body, headers=key)
    assert first.status_code == other.status_code == 201
    assert first.json()["id"] != other.json()["id"]
    assert "idempotency-replayed" not in other.headers


@pytest.mark.parametrize("asked", ["%", "_", "%25", "' OR '1'='1", "\\", "*", "\x00", "\n"])
def test_wildcards_and_quotes_find_nothing(shared_market: Running, asked: str) -> None:
    for path in ("/v1/refunds", "/v1/incidents", "/v1/compliance/data-requests"):
        for name in ("queue", "status", "reference", "subjectEmail", "q"):
            answer = shared_market.as_("admin").get(path, params={name: asked})
            assert answer.status_code in (200, 400, 422), (path, name, answer.text)
