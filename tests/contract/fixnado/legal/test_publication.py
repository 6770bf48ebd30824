"""Writing, publishing and reading documents over HTTP."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fixnado_world import Running

SLUGS = [
    "terms",
    "privacy",
    "refund-policy",
    "community-guidelines",
    "about-fixnado",
    "fixnado-faq",
]
CONTENT = (
    "# Cookies\n\n## What they are\n\nSmall files.\n\n## Which we set\n\nOne for the session.\n"
)
WHOLE = {
    "version": "1.0",
    "content": CONTENT,
    "owner": "Policy Desk",
    "effectiveDate": "2026-01-01",
    "jurisdiction": "England and Wales",
    "contact": "policies@rehearsal.fixnado.example",
    "audience": ["user", "provider"],
    "acknowledgement": {
        "required": True,
        "frequency": "each-version",
        "channel": "web",
        "dueWithinHours": 72,
        "reminderCadence": "daily",
    },
    "governance": {
        "nextReviewDue": "2099-01-01",
        "reviewCadence": "yearly",
        "approver": "General Counsel",
        "lastReviewed": "2025-12-01",
    },
}
METADATA = ("owner", "effectiveDate", "jurisdiction", "contact", "acknowledgement", "governance")


def _write(market: Running, slug: str, **body: Any) -> dict[str, Any]:
    answer = market.as_("legal").post(f"/v1/admin/legal/{slug}/versions", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _publish(market: Running, slug: str, version_id: str) -> httpx.Response:
    return market.as_("legal").post(f"/v1/admin/legal/{slug}/versions/{version_id}/publish")


def test_six_documents_are_published_complete_and_readable(shared_market: Running) -> None:
    for slug in SLUGS:
        found = shared_market.guest.get(f"/v1/legal/{slug}").raise_for_status().json()
        assert found["slug"] == slug
        assert all(found[field] for field in (*METADATA, "documentTitle", "version", "audience"))
        assert found["health"] == "healthy"
        assert found["statusLabel"] == "Published"
        assert found["lastUpdated"].startswith("2024-")
        assert hashlib.sha256(found["content"].encode()).hexdigest() == found["contentSha256"]
        assert 300 <= len(found["content"].split()) <= 800
        assert len(found["sections"]) >= 5
        for section in found["sections"]:
            assert f"## {section['heading']}\n\n{section['body']}" in found["content"]


def test_an_etag_spares_the_words_until_something_is_published(market: Running) -> None:
    first = market.guest.get("/v1/legal/terms")
    tag = first.headers["etag"]
    for sent in (tag, f'"other", W/{tag}', "*"):
        again = market.guest.get("/v1/legal/terms", headers={"If-None-Match": sent})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert market.guest.get("/v1/legal/terms", headers={"If-None-Match": '"x"'}).status_code == 200
    written = _write(market, "terms", owner="Somebody else")
    assert market.guest.get("/v1/legal/terms").headers["etag"] == tag
    _publish(market, "terms", written["id"]).raise_for_status()
    changed = market.guest.get("/v1/legal/terms", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_a_new_document_from_its_first_version_to_its_readers(shared_market: Running) -> None:
    assert shared_market.guest.get("/v1/legal/cookies-new").status_code == 404
    written = _write(shared_market, "cookies-new", **WHOLE)
    assert written["lacking"] == []
    assert (written["current"], written["publishedAt"]) == (False, None)
    assert shared_market.guest.get("/v1/legal/cookies-new").status_code == 404
    published = _publish(shared_market, "cookies-new", written["id"]).raise_for_status().json()
    assert (published["current"], published["publications"]) == (True, 1)
    found = shared_market.guest.get("/v1/legal/cookies-new").raise_for_status().json()
    assert found["documentTitle"] == "Cookies"
    assert found["content"] == CONTENT
    assert [one["id"] for one in found["sections"]] == ["what-they-are", "which-we-set"]
    for field in METADATA:
        assert found[field] == WHOLE[field]
    assert set(found["audience"]) == {"user", "provider"}


def test_what_a_version_leaves_out_is_as_in_the_published_one(market: Running) -> None:
    before = market.guest.get("/v1/legal/refund-policy").json()
    written = _write(market, "refund-policy", content=before["content"] + "\n## More\n\nWords.\n")
    assert written["version"] == "2.1"
    _publish(market, "refund-policy", written["id"]).raise_for_status()
    after = market.guest.get("/v1/legal/refund-policy").json()
    assert after["contentSha256"] != before["contentSha256"]
    for field in (*METADATA, "audience"):
        assert after[field] == before[field]
    owned = _write(market, "refund-policy", owner="Finance")
    assert owned["contentSha256"] == after["contentSha256"]
    assert owned["governance"] == before["governance"]


def test_an_earlier_version_comes_back_exactly_as_it_was(market: Running) -> None:
    before = market.guest.get("/v1/legal/terms").json()
    written = _write(market, "terms", owner="Somebody else", jurisdiction="Scotland")
    _publish(market, "terms", written["id"]).raise_for_status()
    assert market.guest.get("/v1/legal/terms").json()["jurisdiction"] == "Scotland"
    back = _publish(market, "terms", before["versionId"]).raise_for_status().json()
    assert (back["current"], back["publications"]) == (True, 2)
    after = market.guest.get("/v1/legal/terms").json()
    assert {**after, "publishedAt": ""} == {**before, "publishedAt": ""}
    assert after["publishedAt"] > before["publishedAt"]


def test_publishing_what_is_published_changes_nothing(shared_market: Running) -> None:
    before = shared_market.guest.get("/v1/legal/terms")
    again = _publish(shared_market, "terms", before.json()["versionId"]).raise_for_status().json()
    assert again["publications"] == 1
    assert shared_market.guest.get("/v1/legal/terms").headers["etag"] == before.headers["etag"]


def test_a_version_without_its_metadata_is_not_published(shared_market: Running) -> None:
    written = _write(shared_market, "cookies-bare", content=CONTENT, owner="Desk")
    assert set(written["lacking"]) == {*METADATA, "audience"} - {"owner"}
    refused = _publish(shared_market, "cookies-bare", written["id"])
    assert refused.status_code == 409
    for name in written["lacking"]:
        assert name in refused.json()["detail"]
    assert shared_market.guest.get("/v1/legal/cookies-bare").status_code == 404


@pytest.mark.parametrize("table", ["legal_versions", "legal_publications"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET slug = 'x'", "UPDATE {} SET id = id", "DELETE FROM {}"]
)
def test_the_database_itself_refuses_a_change(
    shared_market: Running, table: str, statement: str
) -> None:
    with (
        pytest.raises(DBAPIError, match="stays as it is"),
        shared_market.db.engine.begin() as connection,
    ):
        connection.execute(text(statement.format(table)))


def test_an_acknowledgement_can_be_erased_and_not_changed(market: Running) -> None:
    with (
        pytest.raises(DBAPIError, match="stays as it is"),
        market.db.engine.begin() as connection,
    ):
        connection.execute(text("UPDATE legal_acknowledgements SET content_sha256 = 'x'"))
    with market.db.engine.begin() as connection:
        connection.execute(text("DELETE FROM legal_acknowledgements"))


def test_a_label_is_used_once(shared_market: Running) -> None:
    label = shared_market.guest.get("/v1/legal/terms").json()["version"]
    again = shared_market.as_("legal").post(
        "/v1/admin/legal/terms/versions", json={"version": label}
    )
    assert again.status_code == 409
    assert label in again.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"content": "no title"},
        {"content": "# T\n\nno sections"},
        {"version": "../1"},
        {"version": ""},
        {"audience": ["emperor"]},
        {"effectiveDate": "yesterday"},
        {"acknowledgement": {"required": True}},
        {"unknown": 1},
        {"owner": "a\x00b"},
    ],
)
def test_what_makes_no_sense_is_refused(shared_market: Running, body: dict[str, Any]) -> None:
    answer = shared_market.as_("legal").post("/v1/admin/legal/terms/versions", json=body)
    assert answer.status_code == 422, answer.text


def test_a_first_version_needs_words(shared_market: Running) -> None:
    answer = shared_market.as_("legal").post("/v1/admin/legal/nothing/versions", json={})
    assert answer.status_code == 422


@pytest.mark.parametrize("slug", ["Terms", "..", "a b", "%00", "x" * 65, "nothing"])
def test_a_document_that_is_not_there(shared_market: Running, slug: str) -> None:
    assert shared_market.guest.get(f"/v1/legal/{slug}").status_code in (404, 422)
    assert shared_market.as_("legal").get(f"/v1/admin/legal/{slug}/versions").status_code in (
        404,
        422,
    )


def test_a_version_of_another_document_is_not_found_here(shared_market: Running) -> None:
    terms = shared_market.guest.get("/v1/legal/terms").json()["versionId"]
    desk = shared_market.as_("legal")
    assert desk.get(f"/v1/admin/legal/terms/versions/{terms}").status_code == 200
    assert desk.get(f"/v1/admin/legal/privacy/versions/{terms}").status_code == 404
    assert _publish(shared_market, "privacy", terms).status_code == 404


def test_versions_are_listed_newest_first_with_what_became_of_them(market: Running) -> None:
    written = _write(market, "refund-policy", summary="Third")
    found = market.as_("admin").get("/v1/admin/legal/refund-policy/versions").json()["versions"]
    assert [one["number"] for one in found] == [3, 2, 1]
    assert [one["current"] for one in found] == [False, True, False]
    assert found[0]["id"] == written["id"]
    assert found[0]["summary"] == "Third"
    assert all(one["publishedBy"] for one in found[1:])
    assert found[1]["contentSha256"] != found[2]["contentSha256"]


def test_the_same_request_twice_files_one_version(shared_market: Running) -> None:
    client = shared_market.as_("legal")
    headers = {"Idempotency-Key": "write-1"}
    first, second = (
        client.post("/v1/admin/legal/terms/versions", json={"owner": "X"}, headers=headers)
        for _ in range(2)
    )
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    other = client.post("/v1/admin/legal/terms/versions", json={"owner": "Y"}, headers=headers)
    assert other.status_code == 422


def test_a_review_that_is_overdue_shows(start) -> None:
    now = datetime.now(UTC)
    market = start(clock=lambda: now + timedelta(days=400))
    found = market.guest.get("/v1/legal/terms").json()
    assert found["health"] == "review-overdue"
    assert found["statusLabel"] == "Published, review overdue"
