"""Acknowledging, who still owes it, and the tables for auditors."""

from __future__ import annotations

import csv
import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from fixnado.legal.service import tables
from fixnado_world import Running, email

Row = dict[str, str]


def _given(market: Running, role: str, slug: str, **more: Any) -> httpx.Response:
    document = market.guest.get(f"/v1/legal/{slug}").json()
    body = {"version": document["version"], "contentSha256": document["contentSha256"], **more}
    return market.as_(role).post(f"/v1/legal/{slug}/acknowledgements", json=body)


def _table(market: Running, name: str) -> list[Row]:
    answer = market.as_("legal").get(f"/v1/admin/legal/{name}").raise_for_status()
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def _forget(market: Running) -> None:
    with market.db.engine.begin() as connection:
        connection.execute(text("DELETE FROM legal_acknowledgements"))


def _duty(market: Running, role: str, slug: str) -> dict[str, Any]:
    found = market.as_(role).get("/v1/acknowledgements").json()["acknowledgements"]
    return next(one for one in found if one["slug"] == slug)


def test_an_acknowledgement_is_bound_to_person_version_and_words(market: Running) -> None:
    _forget(market)
    assert _duty(market, "provider", "refund-policy")["standing"] == "missing"
    given = _given(market, "provider", "refund-policy")
    assert given.status_code == 201
    document = market.guest.get("/v1/legal/refund-policy").json()
    body = given.json()
    assert body["version"] == document["version"]
    assert body["contentSha256"] == document["contentSha256"]
    me = market.login("provider").json()["user"]["id"]
    assert body["userId"] == me
    duty = _duty(market, "provider", "refund-policy")
    assert (duty["standing"], duty["dueWithinHours"]) == ("current", 72)
    again = _given(market, "provider", "refund-policy")
    assert again.json() == body


def test_two_at_the_same_moment_give_one_acknowledgement(market: Running) -> None:
    _forget(market)
    market.as_("provider")
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: _given(market, "provider", "refund-policy").json(), range(8))
        )
    assert len({one["id"] for one in answers}) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "1.0"},
        {"contentSha256": "0" * 64},
        {"version": "9.9", "contentSha256": "f" * 64},
    ],
)
def test_another_text_than_the_published_one_is_refused(
    shared_market: Running, wrong: dict[str, str]
) -> None:
    answer = _given(shared_market, "provider", "refund-policy", **wrong)
    assert answer.status_code == 409
    assert "2.0" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("slug", "status"), [("privacy", 409), ("nothing", 404), ("about-fixnado", 409)]
)
def test_nothing_to_acknowledge(shared_market: Running, slug: str, status: int) -> None:
    body = {"version": "1.0", "contentSha256": "0" * 64}
    answer = shared_market.as_("user").post(f"/v1/legal/{slug}/acknowledgements", json=body)
    assert answer.status_code == status


def test_a_new_version_makes_acknowledgements_outdated(market: Running) -> None:
    assert _duty(market, "provider", "refund-policy")["standing"] == "current"
    desk = market.as_("legal")
    made = desk.post("/v1/admin/legal/refund-policy/versions", json={"owner": "New owner"}).json()
    url = f"/v1/admin/legal/refund-policy/versions/{made['id']}/publish"
    desk.post(url).raise_for_status()
    assert _duty(market, "provider", "refund-policy")["standing"] == "outdated"
    _given(market, "provider", "refund-policy").raise_for_status()
    assert _duty(market, "provider", "refund-policy")["standing"] == "current"
    states = Counter(
        row["state"]
        for row in _table(market, "acknowledgements.csv?policy=refund-policy")
        if row["email"] == email("provider")
    )
    assert states == {"superseded": 1, "current": 1}


def test_everybody_who_owes_one_stands_somewhere_exactly_once(shared_market: Running) -> None:
    rows = _table(shared_market, "acknowledgements.csv")
    states = Counter(row["state"] for row in rows)
    assert states["current"] > 20
    assert states["missing"] > 3
    assert states["outdated"] > 0
    assert states["superseded"] > 0
    with shared_market.db.engine.connect() as connection:
        users = connection.execute(text("SELECT id, role FROM users")).all()
        count = connection.execute(text("SELECT count(*) FROM legal_acknowledgements")).scalar()
    assert len([row for row in rows if row["version"]]) == count
    for slug in ("terms", "refund-policy", "community-guidelines"):
        audience = shared_market.guest.get(f"/v1/legal/{slug}").json()["audience"]
        owing = {user_id for user_id, role in users if role in audience}
        standing = Counter(
            row["person_id"]
            for row in rows
            if row["policy"] == slug and row["state"] != "superseded"
        )
        assert set(standing) == owing
        assert set(standing.values()) == {1}
    assert not [row for row in rows if row["policy"] == "privacy"]


def test_pages_leave_nobody_out_and_name_nobody_twice(
    shared_market: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _table(shared_market, "acknowledgements.csv")
    monkeypatch.setattr(tables, "PAGE", 3)
    assert _table(shared_market, "acknowledgements.csv") == whole


def test_a_name_that_a_spreadsheet_would_run_is_defused(market: Running) -> None:
    with market.db.engine.begin() as connection:
        connection.execute(text("UPDATE users SET name = '=cmd|''/C calc''!A0'"))
    rows = _table(market, "acknowledgements.csv")
    assert rows
    assert all(row["name"].startswith("'=cmd") for row in rows)


def test_the_audit_tells_every_version_and_publication(market: Running) -> None:
    desk = market.as_("legal")
    made = desk.post(
        "/v1/admin/legal/terms/versions", json={"version": "4.0", "summary": "@everybody"}
    ).json()
    first = market.guest.get("/v1/legal/terms").json()["versionId"]
    for version_id in (made["id"], first):
        desk.post(f"/v1/admin/legal/terms/versions/{version_id}/publish").raise_for_status()
    rows = [row for row in _table(market, "audit.csv") if row["policy"] == "terms"]
    assert [(row["event"], row["version"]) for row in rows] == [
        ("version-created", "3.0"),
        ("published", "3.0"),
        ("version-created", "3.1"),
        ("published", "3.1"),
        ("version-created", "4.0"),
        ("published", "4.0"),
        ("republished", "3.1"),
    ]
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert {row["published_now"] for row in rows if row["version"] == "3.1"} == {"yes"}
    assert rows[4]["summary"] == "'@everybody"
    assert rows[6]["actor_id"] == market.login("legal").json()["user"]["id"]
    assert all(row["owner"] and row["next_review_due"] and row["jurisdiction"] for row in rows)
    assert {row["policy"] for row in _table(market, "audit.csv")} == {
        "terms",
        "privacy",
        "refund-policy",
        "community-guidelines",
        "about-fixnado",
        "fixnado-faq",
    }


def test_a_table_of_an_unknown_policy_is_empty(shared_market: Running) -> None:
    assert _table(shared_market, "acknowledgements.csv?policy=nothing") == []
