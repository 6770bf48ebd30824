"""Timeline hub, commerce snapshot, orders and conversations."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import text

from fixnado.platform.access import GUEST
from fixnado.timeline import service as timeline
from fixnado_world import Running, email


def _rows(market: Running, query: str, **values: str) -> list[tuple]:
    with market.db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def _id(market: Running, role: str) -> str:
    return _rows(market, "SELECT id FROM users WHERE email = :email", email=email(role))[0][0]


def test_staff_see_the_whole_market(shared_market: Running) -> None:
    found = shared_market.as_("operations").get("/v1/commerce/snapshot").raise_for_status().json()
    rows = _rows(shared_market, "SELECT status, currency, amount_minor, escrow_status FROM orders")
    assert found["persona"] == "operations"
    assert found["orders"]["total"] == len(rows) == 80
    assert found["orders"]["byStatus"] == Counter(row[0] for row in rows)
    revenue: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for status, currency, amount, escrow in rows:
        revenue[currency] += amount if status == "completed" else 0
        held[currency] += amount if escrow == "held" else 0
    assert {one["currency"]: one["amountMinor"] for one in found["revenue"]} == +revenue
    assert {one["currency"]: one["amountMinor"] for one in found["escrow"]["held"]} == +held
    assert found["rentals"]["total"] == len(_rows(shared_market, "SELECT id FROM rentals"))
    assert {alert["kind"] for alert in found["alerts"]} >= {"order-overdue", "escrow-ageing"}


def test_others_see_their_own(shared_market: Running) -> None:
    me = _id(shared_market, "user")
    found = (
        shared_market.as_("user")
        .get("/v1/commerce/snapshot?persona=user")
        .raise_for_status()
        .json()
    )
    query = "SELECT id FROM orders WHERE buyer_id = :me OR provider_id = :me"
    assert found["orders"]["total"] == len(_rows(shared_market, query, me=me)) > 0
    orders = shared_market.as_("user").get("/v1/orders?limit=200").json()["orders"]
    assert all(me in (order["buyerId"], order["providerId"]) for order in orders)


def test_rentals_are_listed_to_those_on_either_side(shared_market: Running) -> None:
    me = shared_market.login("user").json()["user"]["id"]
    mine = shared_market.as_("user").get("/v1/rentals?limit=200").raise_for_status().json()
    query = "SELECT id FROM rentals WHERE renter_id = :me OR owner_id = :me"
    assert len(mine["rentals"]) == len(_rows(shared_market, query, me=me)) > 0
    assert all(me in (one["renterId"], one["ownerId"]) for one in mine["rentals"])
    begins = [one["startsAt"] for one in mine["rentals"]]
    assert begins == sorted(begins, reverse=True)
    everybody = shared_market.as_("support").get("/v1/rentals?limit=200").json()["rentals"]
    assert len(everybody) > len(mine["rentals"])


def test_nobody_looks_through_the_eyes_of_another_role(shared_market: Running) -> None:
    def status(role: str, persona: str) -> int:
        url = f"/v1/commerce/snapshot?persona={persona}"
        return shared_market.as_(role).get(url).status_code

    assert status("user", "finance") == 403
    assert status("finance", "user") == 200
    assert status("finance", "wizard") == 422


def test_an_order_of_others_does_not_exist(shared_market: Running) -> None:
    mine = shared_market.as_("user").get("/v1/orders").json()["orders"][0]
    detail = shared_market.as_("user").get(f"/v1/orders/{mine['id']}").raise_for_status().json()
    assert detail["milestones"]
    by_reference = shared_market.as_("support").get(f"/v1/orders/{mine['reference']}").json()
    assert by_reference["id"] == mine["id"]
    assert shared_market.as_("serviceman").get(f"/v1/orders/{mine['id']}").status_code == 404


def test_the_hub_has_the_newest_first_and_only_what_is_ones_own(shared_market: Running) -> None:
    found = shared_market.as_("user").get("/v1/timeline-hub?limit=200").raise_for_status().json()
    times = [entry["occurredAt"] for entry in found["entries"]]
    assert times == sorted(times, reverse=True)
    assert {entry["kind"] for entry in found["entries"]} == {
        "announcement",
        "order",
        "conversation",
    }
    assert found["warnings"] == []
    for entry in found["entries"]:
        if entry["link"]:
            assert shared_market.as_("user").get(entry["link"]).status_code == 200
    assert len(shared_market.as_("user").get("/v1/timeline-hub?limit=2").json()["entries"]) == 2


def test_a_source_that_fails_is_a_warning_and_the_rest_is_there(market: Running) -> None:
    token_holder = market.as_("user")
    with market.db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE announcements RENAME TO gone"))
    found = token_holder.get("/v1/timeline-hub").raise_for_status().json()
    assert [warning["source"] for warning in found["warnings"]] == ["announcements"]
    assert {entry["kind"] for entry in found["entries"]} == {"order", "conversation"}


def test_a_hub_without_sources_is_empty(shared_market: Running) -> None:
    assert timeline.hub(shared_market.db, GUEST, 5, {}).entries == ()


def test_a_conversation_is_for_those_who_take_part(market: Running) -> None:
    serviceman = _id(market, "serviceman")
    opened = market.as_("user").post(
        "/v1/conversations",
        json={"subject": "Leak", "participants": [serviceman], "message": "Under the sink"},
    )
    assert opened.status_code == 201
    link = f"/v1/conversations/{opened.json()['id']}"
    said = market.as_("serviceman").post(f"{link}/messages", json={"body": "On my way"})
    assert said.status_code == 201
    bodies = [one["body"] for one in market.as_("user").get(link).json()["messages"]]
    assert bodies == ["Under the sink", "On my way"]
    assert market.as_("support").get(link).status_code == 200
    for stranger in ("provider", "finance", "operations"):
        assert market.as_(stranger).get(link).status_code == 404
        answer = market.as_(stranger).post(f"{link}/messages", json={"body": "Me too"})
        assert answer.status_code == 404
    assert market.as_("support").post(f"{link}/messages", json={"body": "x"}).status_code == 404
    listed = market.as_("user").get("/v1/conversations").json()["conversations"]
    assert listed[0]["id"] == opened.json()["id"]


@pytest.mark.parametrize(
    "body",
    [
        {"subject": "Leak", "participants": ["nobody"], "message": "x"},
        {"subject": "Leak", "participants": [], "message": "x"},
        {"subject": "", "participants": ["x"], "message": "x"},
        {"subject": "Leak", "participants": ["x"], "message": "a\u0000b"},
    ],
)
def test_a_conversation_that_makes_no_sense_is_refused(market: Running, body: dict) -> None:
    before = _rows(market, "SELECT count(*) FROM conversations")
    assert market.as_("user").post("/v1/conversations", json=body).status_code == 422
    assert _rows(market, "SELECT count(*) FROM conversations") == before
